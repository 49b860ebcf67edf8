"""The page of a search in a real browser: charts are drawn, follow the pointer, and fit a narrow window."""

import pytest

from reference.browser import Facts, Look, facts
from reference.search_results import LARGE, search, tuned
from trainwell.report import write_tune_page

PROBE = """
<script>
addEventListener("load", () => document.querySelectorAll("details").forEach((folded) => { folded.open = true; }));
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
    document.body.dataset.drawn = document.querySelectorAll(".main-svg").length >= 5;
    document.body.dataset.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  }, 500);
}, 1500));
</script>
"""


COLUMNS = {1400: 6, 600: 3}  # those of the panels, and the middle, for the axis's title


@pytest.fixture(scope="module")
def seen(browser: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    folder = tmp_path_factory.mktemp("page")
    page = write_tune_page(tuned(search(LARGE, 60, 20)), folder / "report.html", title="Tune")
    return facts(browser, folder, {str(width): Look(page, PROBE, width) for width in COLUMNS})


@pytest.mark.parametrize(("width", "columns"), COLUMNS.items())
def test_the_charts_are_drawn(seen: dict[str, Facts], width: int, columns: int) -> None:
    assert seen[str(width)] == {
        "followed": "13",  # 12 parameters and the metric
        "hidden": "1",
        "toowide": "0",
        "columns": str(columns),
        "drawn": "true",
        "page": "0",
    }
