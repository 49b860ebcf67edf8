"""C-03, planted: weights of another standard deviation in place of the lecture's 1; the first layer's closed form."""

import numpy as np
import pytest
from scipy.special import logit
from scipy.stats import norm

from trainwell.lecture.book import normal
from trainwell.lecture.statements.initialization.saturated_units import at_ends, piled_up, vanishing
from trainwell.lecture.untrained import gradients, network_of

SEEDS = range(6)


def test_activations_pile_up_with_std_1_and_not_with_a_tenth_of_it():
    assert piled_up(at_ends({0.1: normal(0.1), 1.0: normal(1.0)}, SEEDS)).verdict == "holds"
    broken = piled_up(at_ends({0.1: normal(0.1), 1.0: normal(0.1)}, SEEDS))
    assert broken.verdict == "does not hold"
    assert all(np.isinf(one.estimate) for one in broken.measured)  # they begin to do so nowhere


def test_the_first_layers_share_is_that_of_a_normal_distribution():
    """100 standard-normal inputs with weights of std 1 make a pre-activation of std 10."""
    shares = at_ends({1.0: normal(1.0)}, SEEDS)[1.0]
    assert shares[:, 0].mean() == pytest.approx(2 * norm.sf(logit(0.95) / 10), abs=0.005)


def test_gradients_that_vanish_are_seen_and_those_of_std_1_do_not():
    network = network_of("sigmoid", 4, 20)
    small, large = (gradients(network, normal(std), SEEDS) for std in (0.05, 1.0))
    assert vanishing({4: {0.1: small, 1.0: small}}).verdict == "holds"
    assert vanishing({4: {0.1: small, 1.0: large}}).verdict == "does not hold"
