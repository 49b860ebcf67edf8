"""The gallery in a real browser: all pages and ways to look, from files alone, without a label over another."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest

from reference.browser import Facts, Look, facts
from trainwell.lecture import (
    CONTENTS,
    DOCUMENT_ERRORS,
    FIGURES,
    BookData,
    Chart,
    Curve,
    Finding,
    Measured,
    Part,
    make_figures,
)
from trainwell.lecture.experiment import above, below
from trainwell.report import CARDS, ERRORS, INDEX, PAGES, write_gallery

# Each way is shown in turn. Of the charts that are seen then: how many are not drawn, which labels overlap each other
# or a button, as on a screen that is touched, and which are cut off by the edge of their chart.
PROBE = """
<script>
addEventListener("load", async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const ways = [...document.querySelectorAll(".way")];
  const LABELS = ".xtick text, .ytick text, .annotation-text, .xtitle, .ytitle, .x2title, .y2title";
  const DRAWN = ".scatterlayer path, .contourlayer path, .barlayer path, .shapelayer path, .gl-container canvas, image";
  const empty = [], overlapping = [], cut = [];
  const look = (way) => {
    for (const chart of shown()) {
      const id = way + " " + chart.dataset.figure, box = chart.getBoundingClientRect();
      if (!chart.querySelector(DRAWN)) empty.push(id);
      const labels = [...chart.querySelectorAll(LABELS)].filter((one) => one.textContent.trim());
      const boxes = labels.map((one) => one.getBoundingClientRect());
      const buttons = [...chart.querySelectorAll(".modebar-btn")].map((one) => one.getBoundingClientRect());
      boxes.forEach((a, i) => {
        const text = labels[i].textContent;
        const inside = a.left >= box.left - 1 && a.right <= box.right + 1;
        if (!inside || a.top < box.top - 1 || a.bottom > box.bottom + 1) cut.push(id + ": " + text);
        for (const [j, b] of [...boxes, ...buttons].entries()) {
          if (j <= i) continue;
          const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
          const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
          if (wide > 2 && high > 3) overlapping.push(id + ": " + text + " / " + (labels[j]?.textContent ?? "a button"));
        }
      });
    }
  };
  const shown = () => [...document.querySelectorAll(".chart")].filter(
    (chart) => chart.clientWidth && !chart.closest("details:not([open])"));
  const drawn = async () => {  // or given up after four seconds
    for (let i = 0; i < 40 && (i < 4 || !shown().every((chart) => chart.dataset.drawn)); i++) await wait(100);
    await wait(200);
  };
  await drawn();
  for (const one of ways) { one.click(); await drawn(); look(one.dataset.way); }
  if (!ways.length) look("");
  const seen = document.querySelectorAll(".chart").length;
  Object.assign(document.body.dataset, {
    seen, empty: empty.join("; "), overlapping: overlapping.slice(0, 5).join("; "), cut: cut.slice(0, 5).join("; "),
    wide: document.documentElement.scrollWidth > innerWidth + 1, looked: "yes",
  });
});
</script>
"""
PAPER = """
<script>
addEventListener("load", async () => {
  const wait = (ms) => new Promise((done) => setTimeout(done, ms));
  const charts = () => [...document.querySelectorAll(".chart")].filter((chart) => chart.clientWidth);
  for (let i = 0; i < 40 && (i < 4 || !charts().every((chart) => chart.dataset.drawn)); i++) await wait(100);
  await wait(400);
  const sizes = () => charts().map((chart) => {
    const drawn = chart.querySelector(".main-svg").getBoundingClientRect();
    return [drawn.width - chart.clientWidth, drawn.height - chart.clientHeight].map(Math.abs);
  }).flat();
  const main = document.querySelector("main"), before = main.clientWidth;
  dispatchEvent(new Event("beforeprint"));
  const off = Math.max(...sizes()), paper = main.clientWidth;
  const light = getComputedStyle(document.documentElement).getPropertyValue("--card");
  dispatchEvent(new Event("afterprint"));
  await wait(600);
  Object.assign(document.body.dataset, {
    paper, off, light, after: main.clientWidth - before, offAfter: Math.max(...sizes()), charts: charts().length,
  });
});
</script>
"""
SEARCH = """
<script>
addEventListener("load", () => {
  const query = document.getElementById("query");
  const shown = () => [...document.querySelectorAll(".entry:not([hidden])")].map((one) => one.id).join(" ");
  const found = (words) => { query.value = words; query.dispatchEvent(new Event("input")); return shown(); };
  Object.assign(document.body.dataset, {
    id: found("f-6-9"), nothing: found("xyzzy"), all: found("").split(" ").length,
    wide: document.documentElement.scrollWidth > innerWidth + 1,
  });
});
</script>
"""


AT_ONCE = 9  # pages in one browser


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Figures on digits, a tenth of their length, two seeds; and the cards of two statements."""
    return make_gallery(tmp_path_factory.mktemp("gallery"), planted(), KINDS)


def planted() -> list[Finding]:
    """Cards with every kind of claim and chart that there is."""
    share, never = Measured("a share", 0.25, 0.125, 0.5, 16), Measured("updates", np.inf, 3.0, np.inf, 9)
    x = tuple(float(one) for one in np.geomspace(1e-4, 10, 9))
    curves = [
        Curve(f"contender {i}, as it is called", x, tuple(v * i for v in x), (0.0,) * 9, (50.0,) * 9) for i in (1, 2, 3)
    ]
    holes = Curve("never everywhere", x, (np.inf, *x[1:]), (np.nan,) * 9, (np.inf,) * 9)
    claims = (
        Part("this is so", (above(share, 0.1, "here"), below(share, 0.1, "there")), (share, never)),
        Part("that is so", (below(never, 2.0),), chart=Chart("a dose", "an effect", (curves[0],), bound=4.0)),
        Part(
            "more",
            (above(share, 0.3, doubt="it is not sure"),),
            chart=Chart("a dose", "an effect", (*curves, holes), log_x=True, log_y=True, bound=0.01),
            beyond=True,
        ),
        Part("points", (above(share, 0.0),), chart=Chart("a dose", "an effect", tuple(curves), marked=True)),
    )
    return [Finding("C-16", claims, 1.0), Finding("C-19", claims[1:], 2.0, "digits, 300 rows")]


def make_gallery(folder: Path, findings: Sequence[Finding], names: Collection[str]) -> Path:
    figures = [FIGURES[name] for name in names if name in FIGURES]
    made = make_figures(figures, seeds=(0, 1), data=BookData.load("digits"), size="small")
    write_gallery(made, folder, findings=findings, source="digits", command="trainwell lecture all")
    return folder


KINDS = (
    "F-6-1",  # a relief
    "F-6-3",  # a path that plays
    "F-6-9",  # training in three ways
    "F-6-10",  # histograms
    "F-6-14",  # of several networks
    "F-6-16",  # a network
    "F-6-17",  # a graph with numbers
    "F-6-19",  # 16 panels
    "F-6-22",  # masks
    "F-6-24",  # 20 panels
    "F-C-1",  # paths that race
    "F-C-6",  # layouts
    "F-C-8",  # vectors
    "C-16",
    "C-19",
)
"""A page with each kind of chart: `make soak` looks at all pages."""


def look_at_pages(browser: str, gallery: Path, width: int, names: Collection[str]) -> None:
    """Walk through pages and all ways to look."""
    found: dict[str, Facts] = {}
    for folder in (gallery / PAGES, gallery / CARDS):
        pages = sorted(one for one in folder.glob("?-*.html") if one.stem in names)
        for first in range(0, len(pages), AT_ONCE):
            looks = {one.stem: Look(one, PROBE, width, 4000) for one in pages[first : first + AT_ONCE]}
            found |= facts(browser, folder, looks)
    assert set(found) == set(names)
    assert_drawn(found)


def assert_drawn(found: Mapping[str, Facts]) -> None:
    """Charts are drawn, and their labels are seen."""
    assert {name for name, one in found.items() if one.get("looked") != "yes"} == set()
    assert {name for name, one in found.items() if int(one["seen"]) == 0} == set()
    for what in ("empty", "overlapping", "cut"):
        assert {name: one[what] for name, one in found.items() if one.get(what)} == {}, what
    assert {name for name, one in found.items() if one["wide"] != "false"} == set()


def test_pages_draw_their_charts_in_every_way_on_a_narrow_screen(browser: str, gallery: Path) -> None:
    look_at_pages(browser, gallery, 420, KINDS)


def test_on_paper_charts_are_as_wide_as_it_and_then_as_the_screen(browser: str, gallery: Path) -> None:
    looks = {
        f"{name} at {width}": Look(gallery / "figures" / f"{name}.html", PAPER, width, 3000)
        for name in ("F-6-9", "F-6-19", "F-6-1")
        for width in (1400, 420)
    }
    found = facts(browser, gallery / "figures", looks)
    for one in found.values():
        assert (one["paper"], one["light"], one["after"]) == ("680", "#ffffff", "0")
        assert int(one["charts"]) > 0
        assert float(one["off"]) <= 1
        assert float(one["offAfter"]) <= 1


def test_the_index_is_searched_by_id_and_by_word_and_the_errors_are_drawn(browser: str, gallery: Path) -> None:
    index = {f"index at {width}": Look(gallery / INDEX, SEARCH, width) for width in (1400, 420)}
    errors = {f"errors at {width}": Look(gallery / ERRORS, PROBE, width, 4000) for width in (1400, 420)}
    found = facts(browser, gallery, index | errors)
    assert_drawn({name: found[name] for name in errors})
    for one in (found[name] for name in index):
        assert one["id"].split()[0] == "F-6-9"
        assert one["nothing"] == ""
        assert int(one["all"]) == len(CONTENTS) + 1  # the documents' errors
        assert one["wide"] == "false"


def test_all_ten_errors_stand_on_a_page_of_their_own(gallery: Path) -> None:
    page = (gallery / ERRORS).read_text()
    ids = re.findall(r'id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for number, error in DOCUMENT_ERRORS.items():
        assert f'<section id="error-{number}"' in page
        assert page.count(f'data-figure="figure-error-{number}-drawn-') == len(error.content.drawings)
    assert len(page) < 250_000
    assert f'href="{ERRORS}"' in (gallery / INDEX).read_text()


def test_pages_load_nothing_from_elsewhere(gallery: Path) -> None:
    pages = [one for folder in (PAGES, CARDS) for one in (gallery / folder).glob("?-*.html")]
    assert len(pages) == len(KINDS)
    for page in (gallery / INDEX, gallery / ERRORS, *pages):
        text = page.read_text()
        assert 'src="http' not in text
        assert "default-src 'none'" in text
