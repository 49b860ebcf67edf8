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


def _texts(tree):
    """The texts of a file that it shows: no docstrings; names and numbers are left out of f-strings."""
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    shown = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | shown:
            yield node.value


@pytest.mark.parametrize("folder", [f for f in ROOMS if f.name not in ("lab", "lecture", "report")], ids=_name)
def test_what_python_shows_too_names_more_than_an_option(folder):
    """Options stand in brackets, behind what they set, or in a whole command."""
    for file in folder.rglob("*.py"):
        for text in _texts(ast.parse(file.read_text())):
            rest = re.sub(r"\([^()]*--[^()]*\)|`trainwell[^`]*`", "", text)
            assert not re.search(r"(?<![-\w])--[a-z]", rest), (file.name, text)


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
