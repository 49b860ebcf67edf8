"""The page of a network's curvature: complete, in true words, safe with any text, and drawn by a browser."""

from dataclasses import replace

import numpy as np
import pytest

from reference.browser import Look, facts
from reference.curvatures import curvature
from reference.page_text import Page, figures
from trainwell.display import along_chart, density_chart
from trainwell.landscape import curvature_headline, curvature_lines
from trainwell.report import write_curvature_page
from trainwell.report.curvature.page import method_notes
from trainwell.training import Recipe

NASTY = "</script><script>alert(1)</script>"


def density(found, known):
    one = found.density
    alone = 1 / (found.spectrum.num_parameters * one.width * (2 * np.pi) ** 0.5)
    return density_chart(one.grid, one.density, one.standard_error, known, alone)


def by_name(found, recipe=None):
    return {line.name: line for line in curvature_lines(replace(found, recipe=recipe))}


def test_words_of_a_quadrature():
    found = curvature()
    lines = by_name(found)
    assert lines["largest eigenvalue"].value == "4.00 ± 0.0100"
    assert lines["smallest eigenvalue"].value == "−0.500"
    assert lines["stable below"].value == "0.500"
    assert lines["with momentum 0.9"].value == "0.950"
    assert lines["negative eigenvalues"].value == "15.0% ± 5.00%"
    assert "proven bounds: 0.0% and 90.0%" in lines["negative eigenvalues"].meaning  # 0.1 + 0.8 and 0.2 + 0.7
    assert lines["condition number"].value == "at least 40000"
    assert lines["trace"].value == "10.0 [9.00, 11.0]"
    assert "1.50 without penalty" in lines["loss"].meaning
    assert curvature_headline(found) == (
        "Gradient descent on these 300 rows is stable below a learning rate of 0.500. The eigenvalues are those of a "
        "saddle: some directions curve upwards, others downwards (15.0% ± 5.00% negative). The gradient's norm is "
        "0.250; at a critical point it is 0."
    )
    notes = " ".join(method_notes(found))
    assert "2 random vectors, 3 products each" in notes
    assert "Hidden units are piecewise linear, so that the loss has kinks" in notes
    assert "has kinks" not in " ".join(method_notes(curvature(activation="tanh")))


@pytest.mark.parametrize(
    ("values", "kind", "negative", "condition", "stable"),
    [
        ([1.0, 2.0, 8.0], "minimum", "0 of 3", "8.00", "0.250"),
        ([-4.0, -1.0], "maximum", "2 of 2", "4.00", None),
        ([-1.0, 0.0, 2.0], "saddle", "1 of 3", "infinite", "1.00"),
        ([0.0, 2.0], "degenerate", "0 of 2", "infinite", "1.00"),
    ],
)
def test_words_of_known_eigenvalues(values, kind, negative, condition, stable):
    found = curvature(values)
    lines = by_name(found)
    assert (lines["kind"].value, lines["negative eigenvalues"].value) == (kind, negative)
    assert lines["condition number"].value == condition
    assert ("stable below" in lines) == (stable is not None)
    if stable:
        assert lines["stable below"].value == stable
    point = {"degenerate": "degenerate point"}.get(kind, kind)
    assert f"those of a {point}: " in curvature_headline(found)
    assert ("No direction curves upwards." in curvature_headline(found)) == (stable is None)


@pytest.mark.parametrize(
    ("recipe", "times"),
    [
        (Recipe(optimizer="sgd", learning_rate=0.25), "0.5 ×"),
        (Recipe(optimizer="momentum", learning_rate=0.375, momentum=0.5), "0.5 ×"),
        (Recipe(optimizer="momentum_step", learning_rate=0.95), "1 ×"),
        (Recipe(optimizer="adam", learning_rate=0.1), None),  # its steps are scaled: the bound is another's
        (None, None),
    ],
)
def test_the_rate_of_training_beside_the_stable_one(recipe, times):
    line = by_name(curvature(), recipe).get("as trained")
    assert (line and line.value) == times


def test_the_charts_hold_the_numbers():
    found = curvature()
    chart = density(found, np.array([found.spectrum.smallest, *found.leading()[::-1]]))
    band, line, ticks = chart.data
    there = np.isfinite(np.array(line.y, float))
    assert np.array(line.y)[there] == pytest.approx(found.density.density[there])
    assert ticks.x[0] == -0.5
    assert sorted(set(ticks.x)) == [-0.5, 0.0, 4.0]
    assert len(band.x) == 2 * len(found.density.grid)
    exact = curvature([1.0, 2.0, 8.0])
    assert density(exact, exact.spectrum.eigenvalues).data[-1].x == pytest.approx([1, 2, 8])
    ahead = found.steepest
    by_kind = {
        trace.meta[1]: trace for trace in along_chart(ahead.distances, ahead.losses, ahead.first, ahead.second).data[:3]
    }
    assert by_kind["loss"].y == pytest.approx(found.steepest.losses)
    assert by_kind["first"].y == pytest.approx(found.steepest.first)
    assert by_kind["second"].y == pytest.approx(found.steepest.second)


def test_the_page_is_whole_and_safe(tmp_path):
    facts = [("Data", NASTY), ("Rows", "300")]
    path = write_curvature_page(
        curvature(), tmp_path / "report.html", title=NASTY, facts=facts, notices=(NASTY,), command=NASTY, seconds=1.5
    )
    text = path.read_text()
    page = Page(text)
    assert not page.open
    assert NASTY not in text
    assert sum(tag == "script" for tag, _ in page.elements) == 6  # four charts, the library and the page's own
    charts = figures(text)
    assert list(charts) == ["density", "steepest", "lowest", "plane"]
    assert all(figure["data"] for figure in charts.values())
    said = [text for _, text in page.found]
    for line in curvature_lines(curvature()):
        assert {line.name, line.value, line.meaning} <= set(said)


PROBE = """
<script>
addEventListener("load", () => setTimeout(() => {
  const by = (name) => document.querySelector(`[data-figure=figure-${name}]`);
  const facts = document.body.dataset;
  facts.drawn = ["density", "steepest", "lowest", "plane"].map((name) => by(name).data.length).join(" ");
  document.querySelector('.chip[data-key="first"]').click();
  setTimeout(() => {
    const hidden = (name) => by(name).data.filter((trace) => trace.visible === false).length;
    facts.hidden = ["density", "steepest", "lowest", "plane"].map(hidden).join(" ");
    facts.page = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    facts.toowide = [...document.querySelectorAll(".chart")].filter(
      (chart) => chart.layout && chart.layout.width > chart.clientWidth).length;
  }, 1500);
}, 1500));
</script>
"""


def test_the_charts_are_drawn(browser, tmp_path):
    page = write_curvature_page(curvature(), tmp_path / "report.html", title="Curvature", facts=[("Data", "iris")])
    found = {"drawn": "3 4 4 2", "hidden": "0 1 1 0", "page": "0", "toowide": "0"}
    looks = {str(width): Look(page, PROBE, width) for width in (1400, 500)}
    assert facts(browser, tmp_path, looks) == dict.fromkeys(looks, found)
