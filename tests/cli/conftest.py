import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src"


@dataclass(frozen=True)
class Finished:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str


Cli = Callable[..., Finished]


@pytest.fixture(scope="session", autouse=True)
def program_cache(tmp_path_factory):
    """One cache of compiled programs for all commands of these tests, away from the user's."""
    folder = tmp_path_factory.mktemp("cache")
    before = os.environ.get("TRAINWELL_CACHE")
    os.environ["TRAINWELL_CACHE"] = str(folder)
    yield folder
    if before is None:
        del os.environ["TRAINWELL_CACHE"]
    else:
        os.environ["TRAINWELL_CACHE"] = before


@pytest.fixture
def cli(tmp_path, monkeypatch, capsys) -> Cli:
    """Runs the program in this process, in an empty folder."""
    from trainwell.cli.app import main

    monkeypatch.chdir(tmp_path)

    def run(*words: object) -> Finished:
        capsys.readouterr()
        code = main([str(word) for word in words])
        captured = capsys.readouterr()
        return Finished(code, captured.out, captured.err)

    return run


@pytest.fixture(scope="session")
def start(program_cache):
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
