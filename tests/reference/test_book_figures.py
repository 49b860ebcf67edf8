"""The reference itself: gradients against differences, batch norm and dropout in inference worked by hand."""

from typing import Any

import numpy as np
import pytest

from reference.book_figures import FIGURES, Images, Network, curves
from reference.book_network import initial_params

KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "batch norm": {"batch_norm": True},
    "penalty": {"penalty": 0.3},
    "dropout": {"dropout_rate": 0.3},
    "all": {"batch_norm": True, "penalty": 0.3, "dropout_rate": 0.3},
}


@pytest.mark.parametrize("kind", KINDS)
def test_gradients_are_numerical_gradients(kind: str) -> None:
    random = np.random.default_rng(3)
    network = Network(initial_params((6, 5, 4, 3), "he", random), **KINDS[kind])
    for theta in network.params:
        theta += 0.3 * random.normal(size=theta.shape)
    x, labels = random.normal(size=(7, 6)), random.integers(3, size=7).astype(np.uint8)
    masks = network.masks(7, random)
    assert len(network.params) == (10 if "batch_norm" in KINDS[kind] else 6)
    for theta, grad in zip(network.params, network.gradients(x, labels, masks), strict=True):
        for at in np.ndindex(theta.shape):
            middle, sides = theta[at], []
            for shift in (1e-6, -1e-6):
                theta[at] = middle + shift
                sides.append(network.training_loss(x, labels, masks))
            theta[at] = middle
            assert (sides[0] - sides[1]) / 2e-6 == pytest.approx(grad[at], rel=1e-6, abs=1e-8)


def test_inference_by_hand() -> None:
    # x = 1, 3 through weight 2: 2, 6, so mean 4 and variance 4; kept are 0.1 of each. In inference x = 1 becomes
    # 3·(2 − 0.4)/√(0.4 + 1e-6) + 1, and half of it with a dropout rate of 0.5, times the output weights 1 and −1.
    network = Network([np.full((1, 1), 2.0), np.zeros(1), np.array([[1.0, -1.0]]), np.zeros(2)], batch_norm=True)
    network.gradients(np.array([[1.0], [3.0]]), np.zeros(2, np.uint8))
    assert (network.means[0][0], network.variances[0][0]) == pytest.approx((0.4, 0.4))
    network.params[4][:], network.params[5][:] = 3.0, 1.0
    hidden = 3 * 1.6 / np.sqrt(0.4 + 1e-6) + 1
    assert network.logits(np.ones((1, 1)))[0].tolist() == pytest.approx([hidden, -hidden])
    network.dropout_rate = 0.5
    assert network.logits(np.ones((1, 1)))[0].tolist() == pytest.approx([hidden / 2, -hidden / 2])
    assert network.accuracy(np.ones((2, 1)), np.array([0, 1], np.uint8)) == 0.5


def test_masks_keep_units_at_the_rate() -> None:
    network = Network(initial_params((4, 100, 50, 2), "he", np.random.default_rng(0)), dropout_rate=0.15)
    first, second = network.masks(200, np.random.default_rng(1))
    assert (first.shape, second.shape) == ((200, 100), (200, 50))
    assert first.mean() == pytest.approx(0.85, abs=0.01)  # 4 standard errors of 20,000 draws


@pytest.mark.parametrize(("figure", "count"), [("F-6-18", 2), ("F-6-24", 4)])
def test_curves_have_a_value_per_point(figure: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """On noise: the last values are the same when only they are measured."""
    random = np.random.default_rng(0)
    noise = [random.integers(256, size=(1000, 784)).astype(np.uint8), random.integers(10, size=1000).astype(np.uint8)]
    monkeypatch.setattr("reference.book_figures.TRIALS", 3)
    monkeypatch.setattr("reference.book_figures.SHOWN", 2)
    monkeypatch.setattr("reference.book_figures.WIDTH", 4)
    whole, last = (dict(curves(figure, Images(*noise, *noise), 1, last_only=last)) for last in (False, True))
    assert len(whole) == count
    assert {len(values) for values in whole.values()} == {FIGURES[figure].points}
    assert {label: values[-1:] for label, values in whole.items()} == last
