"""Tests that need more than the package: skipped with the install command, or failed where a skip may not be."""

import importlib
import os
from types import ModuleType

import pytest

INSTALL = {
    "torch": "pip install torch",
    "psycopg2": "pip install psycopg2-binary",
    "pandas": "pip install pandas",
    "nbformat": "pip install nbclient ipykernel",
    "nbclient": "pip install nbclient ipykernel",
    "ipykernel": "pip install nbclient ipykernel",
    "equinox": "pip install equinox",
    "flax.nnx": "pip install flax",
}


def missing(what: str, install: str) -> None:
    """Skip the calling test because `what` is not there; where everything must be there, fail it."""
    reason = f"needs {what}: {install}"
    if os.environ.get("TRAINWELL_REQUIRE_OPTIONAL"):
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason, allow_module_level=True)


def require(module: str) -> ModuleType:
    """Import an optional module for a test."""
    try:
        return importlib.import_module(module)
    except ImportError:
        missing(module, INSTALL[module])
        raise
