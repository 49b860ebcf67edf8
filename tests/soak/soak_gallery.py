"""All pages of the gallery, at the width of a desk and of a phone, and a chart in space, which takes 15 seconds.

`make test` looks at one page of each kind.
"""

from pathlib import Path

import pytest

from lecture.test_statements import check
from reference.browser import Look, chromium, facts
from reference.races import lecture_race
from report.gallery.test_gallery_in_browser import look_at_pages, make_gallery
from trainwell.lecture import FIGURES, STATEMENTS, BookData, examine
from trainwell.report import CARDS, ERRORS, INDEX, LIBRARY, PAGES, write_race_page

SPACE = """
<script>
addEventListener("load", () => {
  const chart = document.querySelector("[data-figure=figure-ball]");
  chart.addEventListener("drawn", () => {
    document.body.dataset.kinds = chart._fullData.map((trace) => trace.type).join(" ");
    document.body.dataset.canvases = chart.querySelectorAll("canvas").length;
  });
  chart.closest("details").open = true;
});
</script>
"""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = BookData.load("digits")
    findings = [examine(name, size="small", data=data) for name in STATEMENTS]
    for one in findings:
        check(one)
    return make_gallery(tmp_path_factory.mktemp("gallery"), findings, FIGURES)


@pytest.mark.parametrize("width", [1400, 420])
def test_every_page_draws_its_charts_in_every_way(whole: Path, width: int) -> None:
    look_at_pages(chromium(), whole, width, [*FIGURES, *STATEMENTS])


def test_the_whole_is_small(whole: Path) -> None:
    files = [whole / INDEX, whole / ERRORS, whole / LIBRARY, *(whole / PAGES).glob("F-*"), *(whole / CARDS).glob("C-*")]
    assert len(files) == 3 + len(FIGURES) + len(STATEMENTS)
    assert sum(path.stat().st_size for path in files) <= 12e6


def test_a_surface_in_space_is_drawn_when_it_is_opened(tmp_path: Path) -> None:
    page = write_race_page(lecture_race(), tmp_path / "page.html", title="Race: bowl")
    found = facts(chromium(), tmp_path, {"page": Look(page, SPACE, most=2_000_000)})
    assert found["page"] == {"kinds": "surface scatter3d", "canvases": "1"}
