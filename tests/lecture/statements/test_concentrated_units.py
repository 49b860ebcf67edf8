"""C-04, planted: other weights in place of those of standard deviation 0.01; the first layer's closed form."""

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm
from sklearn.linear_model import Ridge

from trainwell.lecture.book import INITIALIZATIONS, normal
from trainwell.lecture.statements.initialization import concentrated_units
from trainwell.lecture.statements.initialization.concentrated_units import (
    concentrated,
    in_float64,
    lost,
    near_the_mean,
    readouts,
)

SEEDS = range(6)


@pytest.fixture(scope="module")
def parts():
    """Three clouds of points, thrice."""
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 180)
    inputs = (rng.standard_normal((3, 10))[labels] + rng.standard_normal((180, 10))).astype(np.float32)
    return tuple((inputs[i::3], labels[i::3]) for i in range(3))


def test_activations_concentrate_with_std_001_and_not_with_1():
    assert concentrated(near_the_mean({0.01: normal(0.01), 1.0: normal(1.0)}, SEEDS)).conditions["in layer 5"]
    assert concentrated(near_the_mean({0.01: normal(1.0), 1.0: normal(1.0)}, SEEDS)).verdict == "does not hold"


def test_the_first_layers_share_is_that_of_a_normal_distribution():
    """100 standard-normal inputs with weights of std 0.01 make a pre-activation of std 0.1."""
    share = near_the_mean({0.01: normal(0.01)}, SEEDS)[0.01][:, 0].mean()
    assert share == pytest.approx(1 - 2 * norm.sf(logit(0.55) / 0.1), abs=0.005)


def test_what_rounding_takes_is_lost_and_what_xavier_keeps_is_not(parts):
    tiny, xavier = (readouts(one, parts, SEEDS, width=20) for one in (normal(1e-3), INITIALIZATIONS["Xavier"]))
    assert lost({0.01: tiny}, xavier).conditions["in layer 5"] is True
    assert lost({0.01: xavier}, tiny).verdict == "does not hold"


def test_a_readout_is_ridge_regression(parts, monkeypatch):
    """With one penalty to choose from, and scikit-learn's on the same standardized activations."""
    monkeypatch.setattr(concentrated_units, "PENALTIES", (0.1,))
    seen = []

    def layers(*args):
        seen.append(in_float64(*args))
        return seen[-1]

    found = readouts(INITIALIZATIONS["Xavier"], parts, [0], layers, width=20)
    sizes = np.cumsum([len(labels) for _, labels in parts])
    for i, layer in enumerate(seen[0]):
        fit, judge = layer[: sizes[0]], layer[sizes[1] :]
        mean, std = fit.mean(0), fit.std(0)
        ridge = Ridge(alpha=0.1 * len(fit)).fit((fit - mean) / std, np.eye(3)[parts[0][1]])
        right = np.mean(ridge.predict((judge - mean) / std).argmax(1) == parts[2][1])
        assert found[0, i] == pytest.approx(right)
