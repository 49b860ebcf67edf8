"""The page in a real browser: the charts are drawn, from the file alone."""

from pathlib import Path

from reference.browser import Look, facts
from trainwell.report import write_page
from trainwell.training import Trained

PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const count = (name) => document.querySelectorAll(name).length;
  document.body.dataset.drawn = [".main-svg", ".scatterlayer"].every((name) => count(name) >= 3);
  document.body.dataset.lines = count(".js-line") > 0;
}, 1500));
</script>
"""


def test_the_charts_are_drawn(browser: str, two: Trained, tmp_path: Path) -> None:
    """Three charts (accuracy, loss, final scores), each with its lines: drawn by the page's own script."""
    page = write_page(two, tmp_path / "report.html", title="Compare: iris")
    assert facts(browser, tmp_path, {"page": Look(page, PROBE)}) == {"page": {"drawn": "true", "lines": "true"}}
