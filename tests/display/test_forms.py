"""The forms of results: what every result shows in a terminal and in a notebook, and gives as JSON and as a table."""

import json
from html import escape

import polars as pl
import pytest

from reference.comparisons import comparison, comparisons
from reference.curvatures import curvature
from reference.page_text import Page
from reference.populations import population as population, two as two
from reference.search_results import search, tuned
from trainwell.display import Forms

LABELS = ("slow", "<good>", "best")
VALUES = [[0.90, 0.91, 0.92], [0.95, 0.96, 0.97], [0.96, 0.97, 0.98]]


@pytest.fixture(params=["trained", "tuned", "comparison", "comparisons"])
def result(request: pytest.FixtureRequest, two: Forms) -> Forms:
    one = comparison(LABELS, VALUES)
    several = comparisons(one, comparison(LABELS, VALUES[::-1], data="wine"))
    return {"trained": two, "tuned": tuned(search()), "comparison": one, "comparisons": several}[request.param]


def test_a_terminal_has_a_line_or_two(result):
    assert repr(result).startswith(f"{type(result).__name__}: ")
    assert len(repr(result)) < 350


def test_a_notebook_has_sentence_table_and_chart_without_a_script(result):
    html = result._repr_html_()
    page = Page(html)
    assert not page.open
    assert not page.named("script")
    assert escape(result.headline) in html
    (picture,) = page.named("img")
    assert picture["src"].startswith("data:image/svg+xml;base64,")
    assert picture["alt"] == result.headline
    assert html.count("<tr>") == 1 + len(result.table().rows)
    assert "<good>" not in html
    assert len(html) < 40_000


def test_json_is_strict_and_the_frame_is_polars(result):
    assert json.loads(json.dumps(result.to_json(), allow_nan=False)) == result.to_json()
    frame = result.to_frame()
    assert isinstance(frame, pl.DataFrame)
    assert frame.height


def test_a_populations_numbers(two):
    numbers = two.to_json()
    sgd, adam = numbers["recipes"]
    assert numbers["score"] == "accuracy/validation"
    assert (sgd["label"], sgd["num_networks"], sgd["diverged"], sgd["stopped"]) == ("sgd", 3, 0, 1)
    assert adam["values"]["accuracy/validation"]["mean"] == pytest.approx(0.96)  # 0.95 and 0.97: one diverged
    assert [one["values"]["accuracy/validation"] for one in numbers["members"]] == [0.5, 0.7, 0.9, 0.95, 0.97, None]
    assert two.to_json(["a", "b"])["members"][3]["recipe"] == "b"
    frame = two.to_frame()
    assert frame.columns[:6] == ["recipe", "seed", "status", "steps", "kept_step", "seconds"]
    assert frame["accuracy/validation"].to_list() == [0.5, 0.7, 0.9, 0.95, 0.97, None]
    trace = two.trace_frame()
    assert trace.columns == ["recipe", "seed", "step", "epoch", "name", "value"]
    one = trace.filter(recipe="adam", seed=1, name="accuracy/validation")
    assert (one["epoch"].to_list(), one["value"].to_list()) == ([1.0, 2.0, 3.0], [0.8, 0.9, 0.97])


def test_what_is_not_a_result_is_short_too(two):
    assert (
        repr(two.dataset) == "Dataset 'iris': classification, 106 training, 22 validation and 22 test rows, 4 features"
    )
    assert repr(search()) == "SearchResult: 40 trials of coarse_to_fine, ranked by validation accuracy"


def test_a_networks_curvature():
    found = curvature()
    assert json.loads(json.dumps(found.to_json(), allow_nan=False))["headline"] == found.headline
    assert found.to_frame().columns == ["eigenvalue", "density", "standard_error"]
    assert found.directions_frame()["direction"].unique(maintain_order=True).to_list() == ["steepest", "lowest"]
    html = found._repr_html_()
    assert "data:image/svg+xml" in html
    assert len(html) < 60_000
    assert len(repr(found)) < 350


def test_a_race():
    from trainwell.landscape import race

    found = race("bowl")
    numbers = json.loads(json.dumps(found.to_json(), allow_nan=False))
    assert numbers["headline"] == found.headline
    assert [one["label"] for one in numbers["contenders"]] == [row.cells[0] for row in found.table().rows]
    assert found.to_frame()["contender"].to_list() == list(found.descents.labels)
    assert found.descents.paths_frame().height == 4 * 30
    html = found._repr_html_()
    assert "data:image/svg+xml" in html
    assert len(html) < 60_000
    assert len(repr(found)) < 350
    assert repr(found.descents) == "Descents of SGD, Momentum, AdaGrad, Adam on bowl from 1 start, 29 updates"
