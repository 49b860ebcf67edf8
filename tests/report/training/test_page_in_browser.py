"""The page in a real browser: the charts are drawn, from the file alone."""

import json
from pathlib import Path

from reference.browser import Look, facts
from trainwell.report import write_page
from trainwell.training import Trained

from .spreads import LONG

PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const count = (name) => document.querySelectorAll(name).length;
  document.body.dataset.drawn = [".main-svg", ".scatterlayer"].every((name) => count(name) >= 3);
  document.body.dataset.lines = count(".js-line") > 0;
}, 1500));
</script>
"""
SLIDE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const chart = document.querySelector('[data-figure="figure-gradients"]');
  const [slider, clock] = document.querySelectorAll(".moments input, .moments output");
  const sum = () => chart._fullData[0].y.reduce((a, b) => a + b);
  const seen = () => [sum(), chart.layout.annotations[0].text, clock.textContent];
  const after = seen();
  slider.value = 0;
  slider.dispatchEvent(new Event("input"));
  setTimeout(() => {
    document.body.dataset.wide = document.documentElement.scrollWidth > innerWidth;
    document.body.dataset.seen = JSON.stringify([after, seen()]);
  }, 500);
}, 1500));
</script>
"""
OLD = """
<script>
addEventListener("load", () => setTimeout(() => {
  document.body.dataset.said = document.querySelector("header .warning").textContent;
  document.body.dataset.drawn = document.querySelectorAll(".main-svg").length;
}, 1500));
</script>
"""


def test_the_charts_are_drawn_and_the_slider_goes_back_to_the_beginning(
    browser: str, two: Trained, tmp_path: Path
) -> None:
    """Three charts (accuracy, loss, final scores), each with its lines: drawn by the page's own script."""
    page = write_page(two, tmp_path / "report.html", title="Compare: iris")
    inside = write_page(two, tmp_path / "inside.html", title="Train: iris", layers=[LONG])
    old = tmp_path / "old.html"
    text = inside.read_text(encoding="utf-8")
    old.write_text(
        text.replace("<head>", "<head><script>delete window.DecompressionStream;</script>"), encoding="utf-8"
    )
    looks = {"page": Look(page, PROBE), "inside": Look(inside, SLIDE, 420), "old": Look(old, OLD)}
    found = facts(browser, tmp_path, looks)
    assert found["old"]["drawn"] == "0"
    assert found["old"]["said"].startswith("The charts need JavaScript, and ")
    assert found["page"] == {"drawn": "true", "lines": "true"}
    assert json.loads(found["inside"]["seen"]) == [
        [0.5, "1: ± 5.0e-04", "epoch 0.5 (update 5)"],
        [1, "1: ± 1.0e-01", "before training"],
    ]
    assert found["inside"]["wide"] == "false"
