"""Fixtures that several rooms use."""

import os
from pathlib import Path

import pytest

from optional import missing

collect_ignore = ["reference/make_book_losses.py"]  # a script, run by hand; imported for doctests otherwise
os.environ.setdefault("NPROC", "2")  # the size of XLA's thread pool must be the same in every worker


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Keep compiled programs and downloads of the tests away from the user's, shared by all workers."""
    shared = tmp_path_factory.getbasetemp().parent / "cache"
    os.environ["TRAINWELL_CACHE"] = str(shared)


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """The folder that holds `mnist/`, or a skip."""
    folder = os.environ.get("TRAINWELL_DATA", "")
    if not (Path(folder) / "mnist").is_dir():
        missing("MNIST", "set TRAINWELL_DATA to a folder that holds mnist/*.gz")
    return Path(folder)
