"""C-06, with the right schemes and with wrong ones."""

import numpy as np
import pytest

from trainwell.core import stream
from trainwell.lecture.book import HE, INITIALIZATIONS, normal
from trainwell.lecture.statements.initialization.relu_needs_a_factor import (
    Spread,
    factor,
    shrinking,
    size_relative_to_first,
    spreads,
    zeroing,
)
from trainwell.nn import Network, initial_params

XAVIER, SEEDS, UNITS, LAYERS = INITIALIZATIONS["Xavier"], range(20), 30, 6
PLANTED = [({"Xavier": XAVIER, "He": HE}, "holds"), ({"Xavier": HE, "He": XAVIER}, "does not hold")]


@pytest.mark.parametrize(("schemes", "verdict"), PLANTED)
def test_xavier_shrinks_and_he_does_not_unless_they_are_exchanged(schemes, verdict):
    found = {UNITS: spreads(schemes, UNITS, LAYERS, SEEDS)}
    assert [part.verdict for part in shrinking(found, [LAYERS])] == [verdict, verdict]


@pytest.mark.parametrize(("scheme", "verdict"), [(XAVIER, "holds"), (normal(0.2), "does not hold")])
def test_the_factor_is_that_on_xaviers_variance(scheme, verdict):
    """Weights of twice Xavier's standard deviation need a quarter of each factor."""
    part = factor(SEEDS, (0.0, 1.0), scheme)
    assert part.verdict == verdict
    assert part.chart.curves[1].y == (2.0, 1.0)
    quarter = 1 if scheme is XAVIER else 4
    assert quarter * part.criteria[0].number.estimate == pytest.approx(2.0, rel=0.1)


def test_half_are_zero_with_relu_and_not_where_a_third_is():
    found = spreads({"He": HE}, 100, 2, range(6))
    assert zeroing(found, [2]).verdict == "holds"
    third = {"He": Spread(found["He"].squares, np.full_like(found["He"].zeros, 1 / 3))}
    assert zeroing(third, [2]).verdict == "does not hold"


def test_sizes_are_those_of_plain_numpy():
    spread = spreads({"He": HE}, UNITS, LAYERS, [3])["He"]
    x = stream(3, "standard normal inputs").standard_normal((200, UNITS), np.float32).astype(np.float64)
    sizes, zeros = [], []
    for layer in initial_params(Network((UNITS,) * (LAYERS + 2)), 3)[:-1]:
        x = np.maximum(x @ layer["weights"].T.astype(np.float64), 0)
        sizes.append((x**2).mean())
        zeros.append((x == 0).mean())
    assert size_relative_to_first(spread, LAYERS)[0] == pytest.approx(np.sqrt(sizes[-1] / sizes[0]), rel=1e-4)
    np.testing.assert_allclose(spread.zeros[0], zeros, atol=1e-3)
