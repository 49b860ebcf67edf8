"""Hand-worked narrowing: ranges on their scales, borders, smallest widths, evidence against choices."""

from itertools import combinations
from math import isclose

import numpy as np
import pytest
from optuna.distributions import FloatDistribution, IntDistribution
from scipy.stats import mannwhitneyu

from trainwell.search import Extent, from_unit, to_unit
from trainwell.search.coarse_to_fine.ranges import fitted, narrow, narrowed, next_range, too_narrow
from trainwell.search.coarse_to_fine.rounds import allowed, worse
from trainwell.search.study.distributions import part

RATE = FloatDistribution(1e-6, 1e-2, log=True)


def test_margin_is_the_mean_gap_between_good_values() -> None:
    result = narrow([0.5, 0.4, 0.6, 0.45, 0.55], (0.0, 1.0), margin=1.0, smallest=0.1)
    assert (result.low, result.high, result.what) == (0.35, 0.65, "narrowed")


def test_no_margin_leaves_the_span_of_the_good_values() -> None:
    result = narrow([0.5, 0.2, 0.8], (0.0, 1.0), margin=0.0, smallest=0.1)
    assert (result.low, result.high) == (0.2, 0.8)


def test_a_parameter_that_makes_no_difference_keeps_its_width_on_average() -> None:
    rng = np.random.default_rng(0)
    widths = []
    for _ in range(4000):  # on a range in the middle of a far wider declared one, so that nothing is cut off
        good = (0.45 + 0.1 * rng.random(5)).tolist()
        result = narrow(good, (0.45, 0.55), margin=1.0, smallest=1e-9)
        if result.what in ("narrowed", "widened", "kept"):
            gap = (max(good) - min(good)) / 4
            assert isclose(result.high - result.low, max(good) - min(good) + 2 * gap, abs_tol=1e-9)
            widths.append(max(good) - min(good) + 2 * gap)
    assert abs(np.mean(widths) - 0.1) < 0.002


def test_never_to_a_point() -> None:
    low, high = 0.0, 1.0
    for _ in range(3):
        result = narrow([0.5] * 5, (low, high), margin=1.0, smallest=0.25)
        assert isclose(result.high - result.low, 0.25 * (high - low))
        low, high = result.low, result.high
    assert (low, high) == (0.5 - 1 / 128, 0.5 + 1 / 128)


def test_smallest_width_is_kept_at_the_ends_of_the_declared_range() -> None:
    assert narrow([1.0] * 5, (0.0, 1.0), margin=1.0, smallest=0.5).low == 0.5
    assert narrow([0.0] * 5, (0.0, 1.0), margin=1.0, smallest=0.5).high == 0.5


def test_moves_where_the_best_lie_at_the_border_of_the_current_range() -> None:
    up = narrow([0.5, 0.495, 0.42], (0.3, 0.5), margin=0.0, smallest=0.1)
    assert (up.high, up.what) == (0.7, "moved up")
    down = narrow([0.3, 0.305, 0.4], (0.3, 0.5), margin=0.0, smallest=0.1)
    assert (down.low, down.what) == (0.1, "moved down")


def test_does_not_move_beyond_the_declared_range_nor_for_the_best_alone() -> None:
    assert narrow([1.0, 0.99, 0.98], (0.5, 1.0), margin=1.0, smallest=0.1).high == 1.0
    assert narrow([0.5, 0.35, 0.4], (0.3, 0.5), margin=0.0, smallest=0.1).what == "narrowed"


def test_widens_again_to_good_values_of_earlier_rounds() -> None:
    result = narrow([0.5, 0.1, 0.9], (0.4, 0.6), margin=0.0, smallest=0.1)
    assert (result.low, result.high, result.what) == (0.1, 0.9, "widened")


def test_log_range_is_narrowed_on_its_scale() -> None:
    extent = Extent(RATE, RATE.low, RATE.high)
    new, why = next_range(extent, RATE, [1e-4, 1e-5, 1e-3, 1e-4, 1e-4], 25, margin=1.0, smallest=0.25)
    # positions 0.5, 0.25, 0.75: two decades, gaps of half a decade
    assert new.low == pytest.approx(10**-5.5, rel=1e-9)
    assert new.high == pytest.approx(10**-2.5, rel=1e-9)
    assert why == "narrowed to [3.16e-06, 0.00316]: the best 5 of 25 trials lie in [1e-05, 0.001]"


def test_integers_keep_whole_values_and_at_least_two() -> None:
    layers = IntDistribution(1, 8)
    new, _ = next_range(Extent(layers, 1, 8), layers, [3, 3, 3, 3, 3], 25, margin=1.0, smallest=0.01)
    assert (new.low, new.high) == (3, 4)
    new, _ = next_range(Extent(layers, 1, 8), layers, [8, 8, 8, 8, 8], 25, margin=1.0, smallest=0.01)
    assert (new.low, new.high) == (7, 8)
    even = IntDistribution(0, 20, step=4)
    new, _ = next_range(Extent(even, 0, 20), even, [8, 12, 8, 8, 12], 25, margin=0.0, smallest=0.01)
    assert (new.low, new.high) == (8, 12)


@pytest.mark.parametrize(
    "distribution",
    [
        FloatDistribution(-3, 7),
        RATE,
        FloatDistribution(0, 1, step=0.1),
        IntDistribution(-4, 9),
        IntDistribution(1, 1000, log=True),
        IntDistribution(0, 12, step=3),
    ],
)
def test_positions_and_values_are_inverse(distribution: FloatDistribution | IntDistribution) -> None:
    for position in np.linspace(0, 1, 41):
        value = from_unit(distribution, float(position))
        assert distribution._contains(distribution.to_internal_repr(value))
        assert from_unit(distribution, to_unit(distribution, value)) == pytest.approx(value, rel=1e-12)
    assert from_unit(distribution, 0.0) == distribution.low
    assert from_unit(distribution, 1.0) == distribution.high
    assert part(distribution, 0.0, 1.0) == distribution


def test_a_range_declared_anew_keeps_what_both_have_in_common() -> None:
    extent = Extent(FloatDistribution(0, 10), 2.0, 6.0)
    assert narrowed(fitted(extent, FloatDistribution(0, 20))) == FloatDistribution(2, 6)
    assert narrowed(fitted(extent, FloatDistribution(4, 20))) == FloatDistribution(4, 6)
    assert narrowed(fitted(extent, FloatDistribution(8, 20))) == FloatDistribution(8, 20)


def test_advice_needs_the_best_and_half_of_the_good_at_the_end() -> None:
    assert too_narrow("x", FloatDistribution(0, 1), [1.0, 0.95, 0.92, 0.3, 0.2]) is not None
    assert too_narrow("x", FloatDistribution(0, 1), [0.8, 0.95, 0.92, 0.99, 1.0]) is None
    assert too_narrow("x", FloatDistribution(0, 1), [1.0, 0.95, 0.5, 0.3, 0.2]) is None
    found = too_narrow("x", RATE, [1e-6, 1e-6, 2e-6, 1e-3, 1e-2])
    assert found == "x: the best trials lie at the lower end of the declared range (1e-06): widen it"


def test_advice_on_few_values_needs_all_of_the_good_there() -> None:
    layers = IntDistribution(1, 4)
    assert too_narrow("layers", layers, [4, 4, 4, 4, 3]) is None
    assert too_narrow("layers", layers, [4, 4, 4, 4, 4]) is not None
    assert too_narrow("layers", layers, [1, 1, 1, 1, 1]) is not None


def test_one_stratum_is_the_rank_sum_test() -> None:
    rng = np.random.default_rng(1)
    values = np.round(rng.standard_normal(25), 1)  # with ties
    chosen = np.arange(25) < 7
    ranks = (values[:, None] > values).sum(1) + ((values[:, None] == values).sum(1) + 1) / 2
    other = mannwhitneyu(values[chosen], values[~chosen], alternative="greater", method="asymptotic")
    assert worse([(ranks, chosen)]) == pytest.approx(other.pvalue, rel=1e-12)


def test_strata_are_as_all_permutations_within_them() -> None:
    strata = [(np.arange(1.0, 9.0), np.isin(np.arange(8), [4, 6, 7])), (np.arange(1.0, 7.0), np.arange(6) > 3)]
    seen = sum(float(ranks[chosen].sum()) for ranks, chosen in strata)
    sums = [
        sum(a) + sum(b) for a in combinations(strata[0][0].tolist(), 3) for b in combinations(strata[1][0].tolist(), 2)
    ]
    exact = np.mean([each >= seen for each in sums])
    assert exact == 3 / (56 * 15)
    assert exact < worse(strata) < 2 * exact  # the normal approximation is on the safe side in the tail


def test_no_evidence_where_nothing_can_be_compared() -> None:
    assert worse([]) == 1.0
    assert worse([(np.array([1.0, 2.0]), np.array([True, True]))]) == 1.0
    assert worse([(np.array([1.5, 1.5]), np.array([True, False]))]) == 1.0


def test_looks_together_spend_the_level() -> None:
    assert sum(3 * allowed(0.05, look, 3) for look in range(1, 10_001)) == pytest.approx(0.05 * (1 - 1 / 10_001))
