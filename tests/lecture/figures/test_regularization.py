"""The figures of regularization: masks that are drawn are those of training; testing multiplies by what is kept."""

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.lecture import BOOK, FIGURES, make_figures
from trainwell.lecture.book import DROPOUT_RATE
from trainwell.nn import Network, initial_params, kept_mask, noise_at, noise_seed


@pytest.fixture(scope="module")
def content():
    (made,) = make_figures([FIGURES["F-6-22"]])
    return made.views[0].content


def test_crosses_are_the_units_that_training_drops(content):
    """Row 0 of the masks of steps 0 and 1, as the engine draws them."""
    units = [one for one in content.drawings[0].chart.data if one.meta[1] == "units"]
    for step, drawn in enumerate(units[:2]):
        noise = noise_at(noise_seed(0), step)
        hidden = [
            np.asarray(kept_mask(noise_at(noise, layer), (1, 8), np.float32(DROPOUT_RATE)))[0] for layer in range(3)
        ]
        kept = np.concatenate([np.ones(4, bool), *hidden, np.ones(3, bool)])
        assert [symbol == "circle" for symbol in drawn.marker.symbol] == kept.tolist()
    assert set(units[2].marker.symbol) == {"circle"}


def test_dropped_units_have_no_lines(content):
    chart = content.drawings[0].chart
    for axis in ("x", "x2", "x3"):
        (units,) = (one for one in chart.data if one.meta[1] == "units" and one.xaxis == axis)
        gone = {
            (x, round(float(y), 3))
            for x, y, s in zip(units.x, units.y, units.marker.symbol, strict=True)
            if s != "circle"
        }
        ends = {
            (x, y) for one in chart.data if one.meta[1] == "weights" and one.xaxis == axis
            for x, y in zip(one.x, one.y, strict=True) if x is not None
        }  # fmt: skip
        assert not gone & ends
        assert len(gone | ends) == 4 + 3 * 8 + 3


def test_times_the_kept_ratio_is_the_mean_of_training_and_times_the_dropped_one_is_not(content):
    inputs = load_data("iris").training.inputs
    weights = initial_params(Network((4, 8, 8, 8, 3)), 0)[0]["weights"]
    passed = np.maximum(0, (inputs - inputs.mean(0)) / inputs.std(0) @ weights.T).mean(0)
    tested, dropped, trained = (one.seeds[0] for one in content.series)
    np.testing.assert_allclose(tested, (1 - DROPOUT_RATE) * passed, rtol=1e-5)
    np.testing.assert_allclose(dropped, DROPOUT_RATE * passed, rtol=1e-5)
    np.testing.assert_allclose(trained, tested, rtol=0.05)


def test_without_and_with_dropout_have_a_panel_each(untrained):
    first, second = BOOK["F-6-23"].contenders
    given = untrained(
        {
            label: [{"accuracy/training": [0.1, end], "accuracy/validation": [0.1, end - 0.2]}]
            for label, end in ((first, 1.0), (second, 0.9))
        }
    )
    content = FIGURES["F-6-23"].draw(given)
    lines = content.drawings[0].chart.data
    assert [(one.meta[0], one.meta[1], one.xaxis, one.line.dash, one.y[-1]) for one in lines] == [
        ("no dropout", "training accuracy", "x", "solid", 1.0),
        ("no dropout", "test accuracy", "x", "dash", pytest.approx(0.8)),
        ("dropout 0.15", "training accuracy", "x2", "solid", 0.9),
        ("dropout 0.15", "test accuracy", "x2", "dash", pytest.approx(0.7)),
    ]
