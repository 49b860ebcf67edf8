"""C-01, planted: activations exchanged, depths exchanged; and what arrives, against a closed form."""

import numpy as np
import pytest

from trainwell.lecture.book import HE, normal
from trainwell.lecture.statements.initialization.vanishing_gradients import (
    arriving,
    growing,
    relu_far_less,
    vanishing,
    with_best_std,
)

WIDTH, DEPTHS = 20, (2, 4)


@pytest.fixture(scope="module")
def found():
    schemes = {"sigmoid": {"initialization": "xavier"}, "relu": HE}
    return {name: arriving(name, initial, DEPTHS, range(8), WIDTH) for name, initial in schemes.items()}


def test_relu_passes_more_on_than_sigmoid_and_not_the_other_way_round(found):
    right = relu_far_less("", "", found)
    assert right.conditions["4 layers"] is True
    assert relu_far_less("", "", {"sigmoid": found["relu"], "relu": found["sigmoid"]}).verdict == "does not hold"


def test_sigmoids_gradient_vanishes_and_relus_does_not(found):
    assert vanishing(found).conditions["4 layers"] is True
    assert vanishing({"sigmoid": found["relu"], "relu": found["sigmoid"]}).verdict == "does not hold"


def test_it_grows_with_depth_and_not_where_depths_are_exchanged(found):
    own = found["sigmoid"]
    assert growing(own).verdict == "holds"
    assert growing({2: own[4], 4: own[2]}).verdict == "does not hold"


def test_the_standard_deviation_that_passes_most_on_is_hes_for_relu():
    """Of a tenth of it, it, and ten times it."""
    (best,) = with_best_std("relu", DEPTHS[1:], (0.1, 1.0, 10.0), range(8), range(100, 106), WIDTH).values()
    (usual,) = arriving("relu", HE, DEPTHS[1:], range(8), WIDTH).values()
    np.testing.assert_allclose(best, usual, rtol=1e-4)


def test_with_small_weights_a_quarter_of_what_the_weights_pass_is_left_per_layer():
    """A sigmoid's slope is ¼ near 0, and the weights multiply a gradient by σ√n on average."""
    (shares,) = arriving("sigmoid", normal(0.01), DEPTHS[1:], range(8), WIDTH).values()
    assert np.median(shares) == pytest.approx((0.25 * 0.01 * np.sqrt(WIDTH)) ** 3, rel=0.2)
