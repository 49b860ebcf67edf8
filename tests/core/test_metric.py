"""R² is undefined where the spread of the targets is none, or of the size of rounding."""

from math import inf, isnan, nan

import numpy as np
import pytest

from trainwell.core import METRICS, target_variance, undefined_r2

UP = np.nextafter(np.float32(0.3), np.float32(1))


@pytest.mark.parametrize(
    ("targets", "weights", "why"),
    [
        ([0.1] * 7, None, "all its 7 targets are equal"),  # of which float64 makes 1e-34
        ([0.1] * 1000, np.linspace(0.1, 0.9, 1000), "all its 1,000 targets are equal"),
        ([3.0], None, "it has one row"),
        ([1.0, 5.0, 1.0], [1.0, 0.0, 2.0], "all its 2 targets are equal"),
        ([1.0, 5.0], [0.0, 2.0], "it has one row"),
        ([1.0, 5.0], [0.0, 0.0], "it has no rows with a weight above 0"),
        ([0.3, UP, 0.3], None, "all its 3 targets are equal up to rounding"),
        ([1e-39, 2e-39, 0.0], None, "all its 3 targets are equal up to rounding"),  # no number beside outputs of 1
        ([1e5, 1e5 + 0.008], None, "all its 2 targets are equal up to rounding"),  # float32's next after 1e5
    ],
)
def test_undefined(targets, weights, why):
    targets = np.array(targets, np.float32)[:, None]
    assert isnan(target_variance(targets, weights))
    assert undefined_r2(targets, weights) == why


@pytest.mark.parametrize(
    ("targets", "weights", "variance"),
    [
        ([0.0, 2.0], None, 1.0),
        ([0.0, 2.0, 50.0], [3.0, 1.0, 0.0], 0.75),  # mean ½: (3·¼ + 2.25)/4
        ([0.0] * 99 + [1.0], None, 0.0099),  # of zero-inflated targets, one that is not 0
        ([0.0, 1e-6], None, 2.5e-13),
        ([1e5, 1e5 + 0.25], None, 0.015625),
    ],
)
def test_defined(targets, weights, variance):
    targets = np.array(targets)
    assert target_variance(targets, weights) == pytest.approx(variance)
    assert undefined_r2(targets, weights) is None


def test_nothing_that_is_ordered_by_is_nan():
    r2, loss = METRICS["r2"], METRICS["loss"]
    assert sorted([nan, 0.5, -inf, 0.9], key=r2.order)[:2] == [0.9, 0.5]
    assert sorted([nan, 0.5, inf, 0.9], key=loss.order)[:2] == [0.5, 0.9]
    assert r2.order(nan, 0.1) < r2.order(nan, 0.2) < r2.order(nan, nan)  # undefined: by the loss; diverged: last
    assert r2.order(-9.0, 5.0) < r2.order(nan, 0.1)
