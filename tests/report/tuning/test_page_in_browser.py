"""The page of a search in a real browser: charts are drawn, follow the pointer, and fit a narrow window."""

from pathlib import Path

import pytest

from reference.browser import body_of, drawn
from reference.search_results import LARGE, search, tuned
from trainwell.report import write_tune_page

PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const by = (name) => document.querySelector(`[data-figure=figure-${name}]`);
  const tops = [...document.querySelectorAll(".chart")].map((chart) => chart.layout.width - chart.clientWidth);
  const lines = by("parallel");
  const at = lines.data.findIndex((trace) => trace.meta[1] === "complete" && trace.x.length);
  const ground = lines.querySelector(".nsewdrag"), box = ground.getBoundingClientRect();
  const { xaxis, yaxis } = lines._fullLayout, first = lines.data[at];
  const where = { clientX: box.left + xaxis.l2p(first.x[0]), clientY: box.top + yaxis.l2p(first.y[0]), bubbles: true };
  for (const kind of ["mouseover", "mousemove"]) ground.dispatchEvent(new MouseEvent(kind, where));
  document.querySelector('.chip[data-key="pruned"]').click();
  setTimeout(() => {
    document.body.dataset.followed = lines.data.at(-1).x.length;
    document.body.dataset.hidden = by("progress").data.filter((trace) => trace.visible === false).length;
    document.body.dataset.toowide = tops.filter((extra) => extra > 0).length;
    const columns = new Set(by("curves").layout.annotations.map((note) => note.x));
    document.body.dataset.columns = columns.size;
    document.body.dataset.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  }, 500);
}, 1500));
</script></body>
"""


@pytest.mark.parametrize(("width", "columns"), [(1400, 6), (600, 3)])
def test_the_charts_are_drawn(browser: str, tmp_path: Path, width: int, columns: int) -> None:
    page = write_tune_page(tuned(search(LARGE, 60, 20)), tmp_path / "report.html", title="Tune")
    dom = drawn(browser, page, width, PROBE)
    body = body_of(dom)
    assert 'data-followed="13"' in body  # 12 parameters and the metric
    assert 'data-hidden="1"' in body
    assert 'data-toowide="0"' in body
    assert f'data-columns="{columns}"' in body  # those of the panels, and the middle, for the axis's title
    assert 'data-page="0"' in body
    assert dom.count('class="main-svg"') >= 5
