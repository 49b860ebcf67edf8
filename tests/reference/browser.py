"""Chromium without a window: what a page comes to when its scripts have run."""

import os
import shutil
import subprocess
from pathlib import Path

from optional import missing

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=12000"]


def chromium() -> str:
    """Its path; the test is skipped where there is none."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found:
        missing("Chromium", "apt-get install chromium")
    return found


def drawn(browser: str, page: Path, width: int = 1400, probe: str = "") -> str:
    """The page's elements after its scripts, and `probe` behind them, have run; none may have logged anything."""
    if probe:
        page.write_text(page.read_text(encoding="utf-8").replace("</body>", probe), encoding="utf-8")
    profile = page.parent / "profile"
    command = [browser, *QUIET, f"--user-data-dir={profile}", f"--window-size={width},1000"]
    done = subprocess.run(
        [*command, "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True, env=os.environ | {"HOME": str(profile)},
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    return done.stdout


def body_of(dom: str) -> str:
    """The opening tag of the page's body, where probes write what they found."""
    return dom[dom.index("<body") :].partition(">")[0]
