"""The page of a comparison in a real browser: charts are drawn, also those opened later, and switches are one."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from optional import missing
from reference.comparisons import comparison, comparisons, normal
from trainwell.report import write_comparison_page

QUIET = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--virtual-time-budget=12000"]
PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const by = (name) => document.querySelector(`[data-figure=figure-${name}]`);
  const wide = () => [...document.querySelectorAll(".chart")].filter(
    (chart) => chart.layout && chart.layout.width > chart.clientWidth).length;
  const facts = document.body.dataset;
  facts.first = by("ranking-0").data.length;
  facts.closed = by("ranking-1").dataset.begun ?? "no";
  document.querySelectorAll("details").forEach((one) => { one.open = true; });
  document.querySelector('.chip[data-key="1"]').click();
  setTimeout(() => {
    facts.opened = by("ranking-1").data.length;
    const hidden = (name) => by(name).data.filter((trace) => trace.visible === false).length;
    facts.hidden = ["ranking-0", "ranking-1", "profiles-all"].map(hidden).join(" ");
    facts.pressed = new Set([...document.querySelectorAll('.chip[data-key="1"]')].map(
      (chip) => chip.getAttribute("aria-pressed"))).size;
    facts.toowide = wide();
    const boxes = [...document.querySelectorAll(".scroll")].filter((box) => box.clientWidth);
    const hides = (box) => box.scrollWidth > box.clientWidth + 2 || box.scrollHeight > box.clientHeight + 2;
    const says = (box) => box.nextElementSibling.textContent.startsWith("scrolls: ");
    facts.scrolling = boxes.filter(hides).length > 0 ? "some" : "none";
    facts.unsaid = boxes.filter((box) => hides(box) !== says(box)).length;
    facts.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    document.querySelector('.chip[data-key="2"]').dispatchEvent(new MouseEvent("dblclick"));
    facts.alone = [...document.querySelectorAll('.chip[data-group="recipe"][aria-pressed="true"]')].every(
      (chip) => chip.dataset.key === "2");
  }, 2500);
}, 1500));
</script></body>
"""


@pytest.fixture(scope="module")
def browser() -> str:
    found = next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), ""
    )
    if not found:
        missing("Chromium", "apt-get install chromium")
    return found


@pytest.mark.parametrize("width", [1400, 500])
def test_the_charts_are_drawn(browser: str, tmp_path: Path, width: int) -> None:
    parts = [
        comparison(("sgd", "momentum", "adam"), [normal(9 * i + k, 0.9 + 0.02 * k, 0.004, 12) for k in range(3)])
        for i in range(2)
    ]
    page = write_comparison_page(comparisons(*parts), tmp_path / "report.html", title="Compare")
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", PROBE), encoding="utf-8")
    command = [browser, *QUIET, f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},1000"]
    done = subprocess.run(
        [*command, "--enable-logging=stderr", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120, check=True, env=os.environ | {"HOME": str(tmp_path)},
    )  # fmt: skip
    assert "CONSOLE" not in done.stderr
    body = done.stdout[done.stdout.index("<body") :].partition(">")[0]
    for fact in (
        *('data-first="6"', 'data-closed="no"', 'data-opened="6"', 'data-hidden="2 2 2"', 'data-pressed="1"'),
        *('data-toowide="0"', 'data-page="0"', 'data-alone="true"'),
        'data-unsaid="0"',
    ):
        assert fact in body, (fact, body)
    assert width > 500 or 'data-scrolling="some"' in body
