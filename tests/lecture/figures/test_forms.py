"""What a figure and a finding show in a terminal and in a notebook, and give as JSON and as a table."""

import json

import numpy as np
import pytest

from trainwell.lecture import (
    FIGURES,
    STATEMENTS,
    Chart,
    Criterion,
    Curve,
    Finding,
    Made,
    Measured,
    Part,
    finding_of,
    make_figures,
)


@pytest.fixture(scope="module")
def made() -> Made:
    (found,) = make_figures([FIGURES["F-6-3"]], size="small")
    return found


def test_a_figures_numbers(made):
    numbers = made.to_json()
    assert json.loads(json.dumps(numbers, allow_nan=False)) == numbers
    assert (numbers["id"], numbers["title"]) == ("F-6-3", FIGURES["F-6-3"].title)
    curve = numbers["curves"][0]
    series = made.as_documented.content.series[0]
    assert (curve["label"], len(curve["x"]), len(curve["seeds"])) == (series.label, len(series.x), len(series.seeds))
    assert curve["seeds"][0] == pytest.approx(series.seeds[0], rel=1e-6)
    frame = made.to_frame()
    assert frame.columns == ["curve", "seed", "x", "value"]
    assert frame.filter(curve=series.label)["value"].to_list() == series.seeds[0].astype(np.float64).tolist()


def test_a_figure_in_a_notebook(made):
    assert repr(made).startswith("Made: F-6-3: ")
    html = made._repr_html_()
    assert "<script" not in html
    assert html.count("<tr>") == 1 + len(made.as_documented.content.series)
    assert len(html) < 200_000


def test_a_finding():
    name = next(iter(STATEMENTS))
    number, other = Measured("a share", 0.5, 0.4, 0.6, 20), Measured("another", float("nan"), 0.0, float("inf"), 3)
    curves = tuple(Curve(label, (1.0, 2.0), (0.5, 0.6), (0.4, 0.5), (0.6, 0.7)) for label in ("one", "<two>"))
    part = Part("this is so", (Criterion(number, "above", 0.3, "", ""),), (other,), Chart("x", "y", curves))
    found = Finding(name, (part,), 1.0)
    assert finding_of(json.loads(json.dumps(found.to_json(), allow_nan=False))).verdict == "holds"
    assert found.to_frame()["measured"].to_list() == ["a share", "another"]
    assert repr(found).startswith(f"Finding: {name}: ")
    html = found._repr_html_()
    assert "data:image/svg+xml" in html
    assert html.count("<tr>") == 3
    assert "&#9632;</span> one" in html  # the table has no colours, so that the chart has a legend
    assert "&#9632;</span> &lt;two&gt;" in html
    assert "<img" not in Finding(name, (Part("this is so", part.criteria),), 1.0)._repr_html_()
