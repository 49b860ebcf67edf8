"""The page of a race in a real browser: the race can be played, in both themes, at the width of a phone."""

import numpy as np
import pytest

from reference.browser import Facts, Look, facts
from reference.races import ball_path, lecture_race, plain_path, race
from trainwell.landscape import surface
from trainwell.report import write_race_page

# The browser's clock is virtual and runs ahead of its frames: here these follow the clock.
CLOCKED = """
<script>
window.requestAnimationFrame = (frame) => setTimeout(() => frame(performance.now()), 16);
window.cancelAnimationFrame = clearTimeout;
</script>
"""
PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const chart = document.querySelector("[data-figure=figure-race]");
  const [play, slider, clock] = [".play", ".time", ".clock"].map((name) => document.querySelector(name));
  const of = (kind) => chart.data.filter((trace) => trace.meta[1] === kind);
  const ends = () => of("path").map((trace) => trace.customdata.filter(([at]) => at !== null).pop()[0]).join(" ");
  const heads = () => of("head").map((trace) => trace.customdata[0][0]).join(" ");
  const contours = () => chart.querySelectorAll(".contourlayer path").length;
  const inked = () => Math.max(...[...chart.querySelectorAll(".scatterlayer .js-line")].map(
    (line) => line.getAttribute("d").length));
  const facts = document.body.dataset;
  const stopAt = (stop) => {
    slider.value = stop;
    slider.dispatchEvent(new Event("input"));
  };
  facts.shown = !document.querySelector(".player").hidden;
  facts.opens = `${play.textContent} ${ends() === heads() && Number(slider.value) < Number(slider.max)}`;
  facts.contours = contours();
  stopAt(slider.max);
  facts.whole = ends();
  const full = inked();
  const counts = new Set();
  for (let stop = 0; stop <= slider.max; stop += 1) {
    stopAt(stop);
    counts.add(contours());
  }
  stopAt(3);
  setTimeout(() => {
    facts.third = `${ends()} / ${heads()} / ${clock.textContent}`;
    facts.shorter = inked() < full / 2;
    document.querySelector('.chip[data-key="1"]').click();
    stopAt(slider.max);
    play.click();
    facts.label = play.textContent;
    const seen = new Set();
    const watch = setInterval(() => {
      seen.add(clock.textContent);
      counts.add(contours());
      if (play.textContent === "Pause" || ends() !== facts.whole) return;
      clearInterval(watch);
      facts.stops = seen.size;
      facts.again = ends();
      facts.kept = [...counts].every((count) => count > 0 && count === Number(facts.contours));
      facts.hidden = of("path").map((trace) => trace.visible).join(" ");
      facts.ink = chart.layout.font.color;
      facts.toowide = [...document.querySelectorAll(".chart")].filter(
        (one) => one.layout && one.layout.width > one.clientWidth).length;
      facts.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
      facts.charts = [...document.querySelectorAll(".chart")].filter((one) => one.dataset.drawn).length;
    }, 20);
  }, 400);
}, 1200));
</script>
"""
FACTS = {
    "shown": "true",
    "opens": "Pause true",
    "kept": "true",
    "whole": "9 9",
    "third": "3 3 / 3 3 / update 3",
    "shorter": "true",
    "label": "Pause",
    "stops": "10",
    "again": "9 9",
    "hidden": "true false",
    "toowide": "0",
    "page": "0",
    "charts": "4",
}
EVERY_STOP = """
<script>
addEventListener("load", () => setTimeout(async () => {
  const slider = document.querySelector(".time"), facts = document.body.dataset;
  const layer = () => [...document.querySelectorAll("[data-figure=figure-race] .contourlayer path")].map(
    (path) => path.getAttribute("d")).join();
  const first = layer();
  let same = first.length > 1000;
  for (let stop = 0; stop <= slider.max; stop += 1) {
    slider.value = stop;
    slider.dispatchEvent(new Event("input"));
    await new Promise((done) => setTimeout(done, 60));
    same &&= layer() === first;
  }
  facts.same = same;
}, 1200));
</script>
"""
FAR = """
<script>
addEventListener("load", () => setTimeout(() => {
  const slider = document.querySelector(".time"), facts = document.body.dataset;
  const chart = document.querySelector("[data-figure=figure-race]");
  facts.stops = slider.max;
  const seen = () => chart.data.filter((trace) => trace.meta[1] === "path").map((trace) => trace.visible).join(" ");
  facts.begins = seen();
  document.querySelector('.chip[data-group="start"]').click();
  facts.more = seen();
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  setTimeout(() => {
    facts.first = chart.data.filter((trace) => trace.meta[1] === "head").map((trace) => trace.x.length).join(" ");
    facts.lines = chart.data.filter((trace) => trace.meta[1] === "path").map(
      (trace) => trace.customdata.filter(([update]) => update !== null).length).join(" ");
  }, 400);
}, 1200));
</script>
"""
IN_SPACE = 2_000_000  # bytes of a page with a chart in space
INK = {"light": "#57606a", "dark": "#a3adb8"}
SURFACES = {"rosenbrock": {}, "quadratic": {"dimension": 3, "condition": 20}}


@pytest.fixture(scope="module")
def seen(browser: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Facts]:
    """What all looks of this file found."""
    folder = tmp_path_factory.mktemp("pages")
    light, dark = (
        write_race_page(lecture_race(9), folder / f"{name}.html", title="Race") for name in ("light", "dark")
    )
    text = dark.read_text(encoding="utf-8")
    dark.write_text(text.replace("@media (prefers-color-scheme: dark)", "@media all", 1), encoding="utf-8")
    looks = {
        "light": Look(light, CLOCKED + PROBE, 1280, most=IN_SPACE),
        "dark": Look(dark, CLOCKED + PROBE, 1280, most=IN_SPACE),
        "phone": Look(light, CLOCKED + PROBE, 390, 800, IN_SPACE),
    }
    for name, numbers in SURFACES.items():
        ground = surface(name, **numbers)
        path = np.linspace(ground.start, np.zeros(ground.dimension), 6)
        page = write_race_page(race({"straight": path}, ground), folder / f"{name}.html", title="Race")
        looks[name] = Look(page, CLOCKED + EVERY_STOP, 1280, most=IN_SPACE if ground.dimension == 2 else 700_000)
    wild = plain_path(1.5, 20)
    wild[6:] = np.nan
    paths = {"wild": [wild, wild], "ball": [ball_path(20), ball_path(20, (5.0, 5.0))]}
    found = race(paths, outcomes=np.array([["diverged"] * 2, ["running"] * 2]))
    page = write_race_page(found, folder / "far.html", title="Race")
    looks["far"] = Look(page, CLOCKED + FAR, 1280, most=IN_SPACE)
    return facts(browser, folder, looks)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_race_can_be_played(seen: dict[str, Facts], theme: str) -> None:
    assert seen[theme] == FACTS | {"contours": seen[theme]["contours"], "ink": INK[theme]}


def test_on_a_phone(seen: dict[str, Facts]) -> None:
    """Browsers without a window are 500 pixels wide at least; a frame may be narrower."""
    assert FACTS.items() <= seen["phone"].items(), seen


@pytest.mark.parametrize("name", SURFACES)
def test_the_contours_are_the_same_at_every_stop(seen: dict[str, Facts], name: str) -> None:
    assert seen[name] == {"same": "true"}


def test_a_path_that_leaves_and_several_starts_can_be_played(seen: dict[str, Facts]) -> None:
    assert seen["far"] == {
        "stops": "20",
        "first": "1 1 1 1",
        "lines": "2 2 2 2",
        "begins": "false false true true",  # the paths from other starts are drawn first
        "more": "true true true true",
    }
