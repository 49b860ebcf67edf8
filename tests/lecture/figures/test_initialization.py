"""The figures of initial weights and activations, against plain NumPy and closed forms."""

import numpy as np
import pytest
from scipy.special import expit
from scipy.stats import norm

from trainwell.core import stream
from trainwell.lecture import FIGURES, make_figures
from trainwell.nn import Network, initial_params

SIGMOID = ("F-6-10", "F-6-11", "F-6-13")


@pytest.fixture(scope="module")
def contents():
    names = [*SIGMOID, "F-6-12", "F-6-14"]
    return {
        made.figure.id: made.as_documented.content
        for made in make_figures([FIGURES[name] for name in names], seeds=(0, 1))
    }


def shares(content):
    """Label -> shares of each seed [S, 30]."""
    return {one.label: one.seeds for one in content.series}


def test_activations_are_those_of_five_layers_in_plain_numpy(contents):
    params = initial_params(Network((100,) * 7, "sigmoid"), 1, "xavier", dtype=np.float64)
    values = stream(1, "standard normal inputs").standard_normal((1000, 100), np.float32).astype(np.float64)
    for layer, own in enumerate(params[:5]):
        values = expit(values @ own["weights"].T)
        plain = np.histogram(values, np.linspace(0, 1, 31))[0] / values.size
        np.testing.assert_allclose(shares(contents["F-6-13"])[f"layer {layer + 1}"][1], plain, atol=2e-5)


def test_sigmoid_piles_up_at_both_ends_concentrates_or_stays_spread(contents):
    last = {name: shares(contents[name])["layer 5"].mean(0) for name in SIGMOID}
    assert last["F-6-10"][[0, -1]].sum() > 0.5
    assert last["F-6-11"][13:17].sum() > 0.999  # from 0.43 to 0.57
    assert last["F-6-13"][13:17].sum() < 0.6
    assert all(own.sum() == pytest.approx(1) for own in last.values())


def test_one_units_spread_shrinks_where_the_layers_does_not(contents):
    (table,) = contents["F-6-13"].tables.values()
    layers, alone = (np.array([float(row.cells[column]) for row in table.rows]) for column in (2, 3))
    assert layers[1:].min() > 0.1
    # A sigmoid's slope is 1/4 at most: with weights of variance 1/n a unit keeps less than a quarter of what it gets.
    assert (alone[1:] < 0.27 * alone[:-1]).all()


def test_relu_the_first_layer_is_a_normal_cut_at_zero(contents):
    found = shares(contents["F-6-14"])
    for label, std in (("Xavier", 1.0), ("He", np.sqrt(2))):
        own = found[f"{label}: layer 1"].mean(0)
        assert 1 - own.sum() == pytest.approx(norm.sf(1 / std), abs=0.01)  # above 1
        assert own[1:15].sum() == pytest.approx(norm.cdf(0.5 / std) - norm.cdf(1 / 30 / std), abs=0.01)


def test_relu_activations_vanish_shrink_or_keep_their_spread(contents):
    (table,) = contents["F-6-14"].tables.values()
    spread = np.array([float(row.cells[2]) for row in table.rows]).reshape(3, 5)
    assert spread[0, -1] < 1e-5
    assert 0.15 < spread[1, -1] / spread[1, 0] < 0.5  # in expectation 2⁻² of five layers
    assert 0.7 < spread[2, -1] / spread[2, 0] < 1.4
    heights = [drawing.chart.layout.yaxis.range[1] for drawing in contents["F-6-14"].drawings]
    assert heights == [0.07] * 3


def test_a_pre_activation_varies_n_times_as_much_as_a_term(contents):
    found = shares(contents["F-6-12"])
    n = np.array([4, 16, 64, 256, 1024])
    for label, expected in (("std 1", n), ("std 0.01", n * 1e-4), ("Xavier", np.ones(5))):
        np.testing.assert_allclose(found[f"{label}: variance of the pre-activation"].mean(0), expected, rtol=0.15)


def test_the_units_that_are_drawn_have_the_weights_of_a_network(contents):
    weights = initial_params(Network((4, 100)), 0, "xavier")[0]["weights"][0]
    traces = contents["F-6-12"].drawings[0].chart.data
    (units,) = (one for one in traces if one.meta[1] == "units" and one.xaxis == "x")
    assert [text.partition("weight ")[2] for text in units.text[:4]] == [f"{weight:.3g}" for weight in weights]
    lines = [one for one in traces if one.meta[1] == "weights" and one.xaxis == "x"]
    assert sum(sum(x is None for x in one.x) for one in lines) == 4
    assert len({one.line.color for one in lines}) == len(set(np.sign(weights)))
