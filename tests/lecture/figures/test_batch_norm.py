"""The figures of batch norm: its graph's numbers against small differences and against `nn`."""

import jax
import numpy as np
import pytest

from trainwell.lecture import BOOK, FIGURES, make_figures
from trainwell.lecture.figures.batch_norm.computational_graph import EPS, batch, run
from trainwell.nn.batch_norm import batch_norm_backward, batch_statistics, normalize


@pytest.fixture(scope="module")
def contents():
    names = ("F-6-16", "F-6-17")
    return {made.figure.id: made.views[0].content for made in make_figures([FIGURES[name] for name in names])}


@jax.jit
def both_ways(x, scale, shift, gradient):
    """Output and gradients of batch norm as networks have it."""
    return normalize(x, batch_statistics(x), scale, shift, EPS), batch_norm_backward(gradient, x, scale, EPS)


def test_the_graph_is_the_batch_norm_of_networks_forward_and_backward():
    rng = np.random.default_rng(0)
    x, gradient = rng.normal(2, 3, 7), rng.normal(size=7)
    scale, shift = np.array([0.7]), np.array([-0.3])
    found = run({"x": x, "γ": scale, "β": shift}, gradient)
    y, (of_x, of_scale, of_shift) = both_ways(x[:, None], scale, shift, gradient[:, None])
    np.testing.assert_allclose(found.values["y"], y[:, 0], atol=1e-5)
    np.testing.assert_allclose(found.gradients["x"], of_x[:, 0], atol=1e-5)
    np.testing.assert_allclose(found.gradients["γ"], of_scale, rtol=1e-5)
    np.testing.assert_allclose(found.gradients["β"], of_shift, rtol=1e-5)
    parts = [found.along["x", name] for name in ("μ", "x − μ")]
    np.testing.assert_allclose(sum(parts), found.gradients["x"])


def test_every_gradient_in_the_graph_is_that_of_small_differences():
    """The loss when a value in the middle is moved, everything after it computed anew."""
    rng = np.random.default_rng(1)
    inputs = {"x": rng.normal(size=4), "γ": np.array([1.3]), "β": np.array([0.2])}
    gradient = rng.normal(size=4)
    found, step = run(inputs, gradient), 1e-6
    for name, value in found.values.items():
        for i in range(len(value)):
            moved = {sign: value + sign * step * (np.arange(len(value)) == i) for sign in (-1, 1)}
            low, high = (run({**inputs, name: moved[sign]}, gradient) for sign in (-1, 1))
            slope = (high.values["y"] - low.values["y"]) @ gradient / (2 * step)
            assert found.gradients[name][i] == pytest.approx(slope, abs=1e-8), name


def test_its_numbers_are_those_of_a_networks_own_gradient():
    given, gradient, trained = batch(0)
    found = run(given, gradient)
    assert float(found.gradients["γ"][0]) == pytest.approx(trained["γ"], rel=1e-5)
    assert float(found.gradients["β"][0]) == pytest.approx(trained["β"], rel=1e-5)
    assert found.values["x̂"].mean() == pytest.approx(0, abs=1e-12)
    assert found.values["x̂"].var() == pytest.approx(1, abs=1e-4)  # not "between 0 and 1"


def test_what_stands_at_the_arrows_is_what_flows(contents):
    chart = contents["F-6-17"].drawings[0].chart
    given, gradient, _ = batch(0)
    found = run(given, gradient)
    written = [one.text for one in chart.layout.annotations]
    for values in (found.values["x"], found.along["x", "μ"], found.along["γ", "γ x̂"]):
        assert "<br>".join(f"{value:.3g}".replace("-", "−") for value in values) in written
    (_, narrow), (_, wide) = chart.layout.meta["layouts"]
    assert narrow["height"] != wide["height"]
    assert {name.partition(".")[0] for name in wide} >= {f"annotations[{i}]" for i in range(len(written))}


def test_the_network_has_as_many_parameters_as_by_hand(contents):
    weights = 784 * 100 + 4 * 100 * 100 + 100 * 10
    series = contents["F-6-16"].series[0].seeds
    assert series.sum() == weights + 510 + 2 * 500  # biases; scales and shifts
    texts = [one.text for one in contents["F-6-16"].drawings[0].chart.layout.annotations]
    assert texts.count("Batch norm<br>100<br>200") == BOOK["F-6-18"].hidden
    assert "Affine<br>784 → 100<br>78,500" in texts


def test_each_standard_deviation_has_its_panel(untrained):
    """The k-th contender of two seeds has accuracies k/100 and k/100 + 0.02."""
    labels = list(BOOK["F-6-19"].contenders)
    given = untrained(
        {
            label: [{"accuracy/training": [0.0, k / 100 + extra]} for extra in (0, 0.02)]
            for k, label in enumerate(labels)
        }
    )
    content = FIGURES["F-6-19"].draw(given)
    assert [one.label for one in content.series] == [f"{label}: training accuracy" for label in labels]
    lines = [trace for trace in content.drawings[0].chart.data if trace.mode == "lines"]
    assert [trace.y[-1] for trace in lines] == [pytest.approx(k / 100 + 0.01) for k in range(32)]
    assert [trace.xaxis for trace in lines[4:8]] == ["x3", "x3", "x4", "x4"]
    assert [trace.meta[0] for trace in lines[:2]] == ["batch norm", "no batch norm"]
    assert content.drawings[0].chart.layout.annotations[3].text == "std 0.158"
