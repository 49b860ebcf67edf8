"""Chromium without a window: what pages come to when their scripts have run."""

import html
import json
import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from optional import missing

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=12000"]
# Behind a page: tells the page around it what stands in the body's data attributes, whenever that changes.
TELL = """
<script>
new MutationObserver(() => parent.postMessage({ ...document.body.dataset }, "*")).observe(
  document.body, { attributes: true });
</script></body>
"""
# All frames begin at the same corner: browsers do not draw what is out of sight.
AROUND = """<!DOCTYPE html>
<html><head><link rel="icon" href="data:,">
<style>iframe {{ position: absolute; left: 0; top: 0; border: 0 }}</style></head><body>{frames}<script>
addEventListener("message", ({{ source, data }}) => {{
  for (const frame of document.querySelectorAll("iframe")) {{
    if (frame.contentWindow === source) frame.dataset.told = JSON.stringify(data);
  }}
}});
</script></body></html>
"""

# What the browser itself says of drawing in space without a graphics card.
NO_GPU = ("WebGL", "Canvas2D")

Facts = Mapping[str, str]


@dataclass(frozen=True)
class Look:
    """A page, the script behind it, which fills `body.dataset`, the size of its window, and the page's most bytes."""

    page: Path
    probe: str
    width: int = 1400
    height: int = 1000
    most: int = 700_000


def chromium() -> str:
    """Its path; the test is skipped where there is none."""
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found:
        missing("Chromium", "apt-get install chromium")
    return found


def facts(browser: str, folder: Path, looks: Mapping[str, Look]) -> dict[str, Facts]:
    """By look: what its probe has found. All pages are shown by one browser, each in a frame; none may log anything."""
    frames = ""
    for number, look in enumerate(looks.values()):
        copy = folder / f"{number}.html"
        text = look.page.read_text(encoding="utf-8")
        assert text.count("</body>") == 1
        assert look.page.stat().st_size <= look.most
        copy.write_text(text.replace("</body>", look.probe + TELL), encoding="utf-8")
        frames += f'<iframe src="{copy.name}" style="width: {look.width}px; height: {look.height}px"></iframe>\n'
    around = folder / "around.html"
    around.write_text(AROUND.format(frames=frames), encoding="utf-8")
    profile = folder / "profile"
    widest = max(look.width for look in looks.values())
    command = [browser, *QUIET, f"--user-data-dir={profile}", f"--window-size={widest},1000"]
    done = subprocess.run(
        [*command, "--enable-logging=stderr", "--dump-dom", around.as_uri()],
        capture_output=True, text=True, timeout=120, check=True, env=os.environ | {"HOME": str(profile)},
    )  # fmt: skip
    said = [line for line in done.stderr.splitlines() if "CONSOLE" in line and not any(one in line for one in NO_GPU)]
    assert not said
    told = [re.search(r'data-told="(.*?)"', frame) for frame in re.findall("<iframe.*?>", done.stdout)]
    return {name: json.loads(html.unescape(found[1])) if found else {} for name, found in zip(looks, told, strict=True)}
