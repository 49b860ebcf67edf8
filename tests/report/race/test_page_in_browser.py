"""The page of a race in a real browser: the race can be played, in both themes, at the width of a phone."""

from pathlib import Path

import numpy as np
import pytest

from reference.browser import body_of, drawn
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
      if (parent !== window) parent.postMessage({ ...facts }, "*");
    }, 20);
  }, 400);
}, 1200));
</script></body>
"""
FACTS = (
    *('data-shown="true"', 'data-opens="Pause true"', 'data-kept="true"'),
    *('data-whole="9 9"', 'data-third="3 3 / 3 3 / update 3"', 'data-shorter="true"'),
    *('data-label="Pause"', 'data-stops="10"', 'data-again="9 9"', 'data-hidden="true false"'),
    *('data-toowide="0"', 'data-page="0"', 'data-charts="4"'),
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_race_can_be_played(browser: str, tmp_path: Path, theme: str) -> None:
    page = write_race_page(lecture_race(9), tmp_path / "page.html", title="Race")
    if theme == "dark":
        text = page.read_text(encoding="utf-8")
        page.write_text(text.replace("@media (prefers-color-scheme: dark)", "@media all", 1), encoding="utf-8")
    body = body_of(drawn(browser, page, 1280, CLOCKED + PROBE))
    for fact in (*FACTS, f'data-ink="{"#57606a" if theme == "light" else "#a3adb8"}"'):
        assert fact in body, (fact, body)


def test_on_a_phone(browser: str, tmp_path: Path) -> None:
    """Browsers without a window are 500 pixels wide at least; a frame within the page may be narrower."""
    page = write_race_page(lecture_race(9), tmp_path / "page.html", title="Race")
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", CLOCKED + PROBE), encoding="utf-8")
    outer = tmp_path / "outer.html"
    outer.write_text(
        '<!DOCTYPE html><html><head><link rel="icon" href="data:,"></head><body>'
        '<iframe src="page.html" style="width: 390px; height: 800px; border: 0"></iframe><script>'
        'addEventListener("message", ({ data }) => Object.assign(document.body.dataset, data));</script></body></html>',
        encoding="utf-8",
    )
    body = body_of(drawn(browser, outer, 500))
    for fact in FACTS:
        assert fact in body, (fact, body)


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
</script></body>
"""


@pytest.mark.parametrize("numbers", [("rosenbrock", {}), ("quadratic", {"dimension": 3, "condition": 20})])
def test_the_contours_are_the_same_at_every_stop(browser: str, tmp_path: Path, numbers: tuple[str, dict]) -> None:
    ground = surface(numbers[0], **numbers[1])
    path = np.linspace(ground.start, np.zeros(ground.dimension), 6)
    page = write_race_page(race({"straight": path}, ground), tmp_path / "page.html", title="Race")
    body = body_of(drawn(browser, page, 1280, CLOCKED + EVERY_STOP))
    assert 'data-same="true"' in body, body


FAR = """
<script>
addEventListener("load", () => setTimeout(() => {
  const slider = document.querySelector(".time"), facts = document.body.dataset;
  const chart = document.querySelector("[data-figure=figure-race]");
  facts.stops = slider.max;
  slider.value = 1;
  slider.dispatchEvent(new Event("input"));
  setTimeout(() => {
    facts.first = chart.data.filter((trace) => trace.meta[1] === "head").map((trace) => trace.x.length).join(" ");
    facts.lines = chart.data.filter((trace) => trace.meta[1] === "path").map(
      (trace) => trace.customdata.filter(([update]) => update !== null).length).join(" ");
  }, 400);
}, 1200));
</script></body>
"""


def test_a_path_that_leaves_and_several_starts_can_be_played(browser: str, tmp_path: Path) -> None:
    wild = plain_path(1.5, 20)
    wild[6:] = np.nan
    paths = {"wild": [wild, wild], "ball": [ball_path(20), ball_path(20, (5.0, 5.0))]}
    found = race(paths, outcomes=np.array([["diverged"] * 2, ["running"] * 2]))
    body = body_of(drawn(browser, write_race_page(found, tmp_path / "page.html", title="Race"), 1280, CLOCKED + FAR))
    for fact in ('data-stops="20"', 'data-first="2 2"', 'data-lines="4 4"'):
        assert fact in body, (fact, body)
