"""The house is easy to walk: small files, folders that say what is in them, names in one place."""

import ast
import re
from pathlib import Path

import pytest

import trainwell

SOURCE = Path(trainwell.__file__).parent
FOLDERS = sorted(init.parent for init in SOURCE.rglob("__init__.py"))
ROOMS = [folder for folder in FOLDERS if folder.parent == SOURCE and folder.name != "cli"]
MOST_LINES, MOST_FILES = 450, 30


def _name(folder: Path) -> str:
    return str(folder.relative_to(SOURCE.parent))


def _docstring(folder: Path) -> str:
    init = folder / "__init__.py"
    return (ast.get_docstring(ast.parse(init.read_text())) if init.exists() else "") or ""


def test_no_file_is_long():
    long = {str(file): lines for file in SOURCE.rglob("*.py") if (lines := file.read_text().count("\n")) > MOST_LINES}
    assert not long


@pytest.mark.parametrize("folder", FOLDERS, ids=_name)
def test_a_folder_says_what_its_files_do(folder):
    files = {file.stem for file in folder.glob("*.py")} - {"__init__"}
    folders = {init.parent.name for init in folder.glob("*/__init__.py")}
    assert len(files) <= MOST_FILES
    text = _docstring(folder)
    named = set(re.findall(r"`(\w+)`", text + _docstring(folder.parent)))
    assert "per file" in text or folder == SOURCE or named >= files | folders, (files | folders) - named


@pytest.mark.parametrize("folder", [f for f in FOLDERS if f != SOURCE and f not in ROOMS], ids=_name)
def test_only_a_room_lists_names(folder):
    assert len(ast.parse((folder / "__init__.py").read_text()).body) == 1  # the docstring
