"""Times to a target worked by hand, the median's interval against SciPy's and its coverage."""

from math import comb

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import first_reached, median_interval, time_to_target

STEPS = np.array([10, 20, 30, 40])


def test_first_by_hand():
    curves = np.array(
        [
            [0.1, 0.5, 0.9, 0.9],  # later ones do not count
            [0.5, 0.1, 0.1, 0.1],  # nor that it falls again
            [0.1, 0.2, 0.3, 0.4],
            [np.nan, np.nan, 0.7, np.nan],
            [np.nan] * 4,
        ]
    )
    assert first_reached(curves, STEPS, 0.5).tolist() == [20, 10, np.inf, 30, np.inf]


def test_losses_reach_from_above():
    curves = np.array([[3.0, 2.0, 1.0, 0.5], [np.nan, np.inf, 1.1, 1.2], [1.0, np.nan, np.nan, np.nan]])
    assert first_reached(curves, STEPS, 1.0, larger_is_better=False).tolist() == [30, np.inf, 10]


def test_every_member_may_have_its_own_times():
    at = np.array([[1.0, 2.0], [10.0, 20.0]])
    assert first_reached(np.array([[0, 1], [0, 1]]), at, 1).tolist() == [2, 20]


def test_no_members_and_no_points():
    assert first_reached(np.empty((0, 4)), STEPS, 0.5).shape == (0,)
    assert first_reached(np.empty((2, 0)), np.empty(0), 0.5).tolist() == [np.inf, np.inf]


@pytest.mark.parametrize(("values", "at"), [(np.zeros(4), STEPS), (np.zeros((2, 3)), STEPS), (np.zeros((2, 2)), 5)])
def test_times_that_do_not_fit(values, at):
    with pytest.raises(ValueError, match="values must be"):
        first_reached(values, at, 0.5)


def test_runs_that_never_reach_it_count():
    found = time_to_target(np.array([30, np.inf, 10, 20, np.inf, np.inf, 40, 50, 60, 70]))
    assert found.share.mean == 0.7
    expected = stats.binomtest(7, 10).proportion_ci(method="wilson")
    assert (found.share.low, found.share.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    # sorted: 10 20 30 40 50 60 70 ∞ ∞ ∞; without the failures the median would be 40
    assert (found.median.mean, found.median.low, found.median.high) == (55, 20, np.inf)


@pytest.mark.parametrize(("first", "median"), [([1, np.inf], np.inf), ([np.inf] * 7, np.inf), ([1, 2, np.inf], 2)])
def test_the_median_may_be_never(first, median):
    assert time_to_target(np.array(first, float)).median.mean == median


def test_no_runs():
    found = time_to_target(np.empty(0))
    assert np.isnan([found.share.mean, found.median.mean, found.median.low]).all()
    assert found.share.n == found.median.n == 0


def test_a_time_that_is_not_a_number():
    with pytest.raises(ValueError, match="must not be NaN"):
        time_to_target(np.array([1.0, np.nan]))


@pytest.mark.parametrize("n", [1, 5, 6, 8, 9, 17, 30, 101])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.99])
def test_interval_of_the_median_is_scipys(n, confidence):
    values = np.random.default_rng(n).normal(size=n)
    expected = stats.quantile_test(values, p=0.5).confidence_interval(confidence)
    found = median_interval(values, confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), nan_ok=True)
    assert found.mean == pytest.approx(np.median(values))


@pytest.mark.parametrize(("n", "low", "high"), [(6, 1, 6), (8, 1, 8), (9, 2, 8), (10, 2, 9), (20, 6, 15)])
def test_order_statistics_of_published_tables(n, low, high):
    found = median_interval(np.arange(1.0, n + 1))
    assert (found.low, found.high) == (low, high)
    # one step further in would cover less than 95%
    assert 2 * sum(comb(n, k) for k in range(low)) / 2**n <= 0.05 < 2 * sum(comb(n, k) for k in range(low + 1)) / 2**n


def test_values_that_are_no_numbers_are_left_out():
    found = median_interval([3.0, np.nan, 1.0, 2.0, np.nan])
    assert (found.mean, found.n, found.excluded) == (2, 3, 2)
    assert np.isnan([found.low, found.high]).all()


def test_equal_values_and_none():
    same = median_interval([0.1] * 12)
    assert (same.low, same.mean, same.high) == (0.1, 0.1, 0.1)
    none = median_interval([np.nan])
    assert np.isnan([none.mean, none.low, none.high]).all()


def test_what_has_no_median():
    with pytest.raises(ValueError, match="one axis, got 2"):
        median_interval(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="confidence must be in"):
        median_interval([1.0], 95)
