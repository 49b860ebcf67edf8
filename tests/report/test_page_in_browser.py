"""The page in a real browser: the charts are drawn, from the file alone."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from optional import missing
from trainwell.data import load
from trainwell.report import write_page
from trainwell.training import Recipe, train

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=10000"]


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found:
        missing("Chromium", "apt-get install chromium")
    return found


def dom(browser: str, page: Path, profile: Path) -> str:
    command = [browser, *QUIET, f"--user-data-dir={profile}", "--dump-dom", page.as_uri()]
    done = subprocess.run(
        command, capture_output=True, text=True, timeout=120, check=True, env=os.environ | {"HOME": str(profile)}
    )
    return done.stdout


def test_the_charts_are_drawn(browser: str, tmp_path: Path) -> None:
    recipes = [Recipe(hidden=(8,), epochs=4, optimizer=name) for name in ("sgd", "adam")]
    trained = train(recipes, load("iris"), seeds=(0, 1))
    page = write_page(trained, tmp_path / "report.html", title="Compare: iris")
    drawn = dom(browser, page, tmp_path / "profile")
    # Three charts (accuracy, loss, final scores), each with its lines: drawn by the page's own script.
    assert drawn.count('class="main-svg"') >= 3
    assert drawn.count("scatterlayer") >= 3
    assert "js-line" in drawn
