import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from finished import Finished

SOURCE = Path(__file__).parents[2] / "src"


Cli = Callable[..., Finished]


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys) -> Cli:
    """Runs the program in this process, in an empty folder."""
    from trainwell.cli.app import main

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("trainwell.display.bars.LINE_SECONDS", 1e9)  # however slow the machine is

    def run(*words: object) -> Finished:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Finished(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def start():
    """Runs Python code in a process of its own, in some folder."""

    def run(folder: Path, code: str, *words: object, timeout: float = 120) -> Finished:
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, words)],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def process(start, tmp_path):
    """Runs Python code in a process of its own, in an empty folder."""
    return lambda code, *words: start(tmp_path, code, *words)


@pytest.fixture
def tree(tmp_path):
    """All files below the working folder, with their contents."""

    def listed(folder: Path = tmp_path) -> dict[str, bytes | None]:
        return {
            str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
            for path in sorted(folder.rglob("*"))
        }

    return listed
