"""Populations to draw, and a browser to look with."""

import pytest

from reference.browser import chromium
from reference.populations import population as population, two as two


@pytest.fixture(scope="session")
def browser() -> str:
    return chromium()
