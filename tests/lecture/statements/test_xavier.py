"""C-05, planted: broken scales in place of Xavier's; tanh's spread against the theory of wide networks."""

import numpy as np
import pytest
from scipy.stats import norm

from trainwell.lecture.book import INITIALIZATIONS, normal
from trainwell.lecture.statements.initialization.xavier import kept_by_linear, not_piled_up, spread, spreads

LAYERS, SEEDS = 5, range(8)


@pytest.fixture(scope="module")
def tanh():
    return spreads("tanh", INITIALIZATIONS["Xavier"], SEEDS, LAYERS)


def test_linear_layers_keep_their_spread_with_xavier_and_with_neither_half_nor_double_of_it():
    held = [
        kept_by_linear(spreads("identity", one, SEEDS, LAYERS, 20), (LAYERS,)).verdict
        for one in (INITIALIZATIONS["Xavier"], normal(0.5 / np.sqrt(20)), normal(2 / np.sqrt(20)))
    ]
    assert held == ["holds", "does not hold", "does not hold"]


def test_tanh_keeps_its_spread_with_xavier_and_not_with_a_tenth_of_it(tanh):
    broken = spreads("tanh", normal(0.01), SEEDS, LAYERS)
    assert spread("", {"tanh": tanh.alone}, (LAYERS - 1,)).verdict == "holds"
    assert spread("", {"tanh": broken.alone}, (LAYERS - 1,)).verdict == "does not hold"


def test_tanh_piles_up_with_ten_times_xavier_and_not_with_xavier(tanh):
    """A large standard deviation alone would take what is piled up at both ends for spread."""
    broken = spreads("tanh", normal(1.0), SEEDS, LAYERS)
    assert spread("", {"tanh": broken.pooled}, (LAYERS,)).verdict == "holds"
    assert not_piled_up({"tanh": tanh}, (1, LAYERS)).verdict == "holds"
    assert not_piled_up({"tanh": broken}, (1, LAYERS)).verdict == "does not hold"
    assert tanh.ended[:, 0].mean() == pytest.approx(2 * norm.sf(np.arctanh(0.9)), abs=0.01)


def test_tanhs_variance_is_that_of_infinitely_wide_layers(tanh):
    """qₗ₊₁ = E tanh²(√qₗ z) for normal z, by Gauss–Hermite quadrature."""
    z, weights = np.polynomial.hermite_e.hermegauss(80)
    q, theory = 1.0, []
    for _ in range(LAYERS):
        q = np.sum(weights * np.tanh(np.sqrt(q) * z) ** 2) / np.sqrt(2 * np.pi)
        theory.append(np.sqrt(q))
    np.testing.assert_allclose(np.median(tanh.alone, 0), theory, rtol=0.03)
