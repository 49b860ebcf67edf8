"""Intervals against numbers worked by hand and SciPy."""

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import mean_interval, mean_intervals, proportion_interval


def test_interval_by_hand():
    # n = 5, mean 3, s = sqrt(2.5), t(0.975, 4) = 2.7764: 3 ± 2.7764·sqrt(0.5)
    found = mean_interval([1, 2, 3, 4, 5])
    assert found.mean == 3
    assert found.low == pytest.approx(3 - 2.7764451052 * 0.5**0.5, abs=1e-9)
    assert found.high == pytest.approx(3 + 2.7764451052 * 0.5**0.5, abs=1e-9)
    assert (found.n, found.excluded) == (5, 0)


@pytest.mark.parametrize("n", [2, 3, 30])
@pytest.mark.parametrize("confidence", [0.5, 0.95, 0.99])
def test_interval_is_scipys(n, confidence):
    values = np.random.default_rng(n).normal(5, 2, n)
    reference = stats.ttest_1samp(values, 0).confidence_interval(confidence)
    found = mean_interval(values, confidence)
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high), rel=1e-12)


def test_interval_covers_the_truth_as_often_as_it_says():
    samples = np.random.default_rng(0).normal(0.3, 1.0, (4, 20_000))
    found = mean_intervals(samples, 0.9)
    assert np.mean((found.low < 0.3) & (found.high > 0.3)) == pytest.approx(0.9, abs=0.01)


def test_diverged_values_are_left_out_and_counted():
    found = mean_interval([1.0, np.nan, 2.0, np.inf, 3.0, -np.inf])
    assert (found.mean, found.n, found.excluded) == (2.0, 3, 3)
    assert found.low == mean_interval([1.0, 2.0, 3.0]).low


@pytest.mark.parametrize(("values", "mean", "n"), [([0.7], 0.7, 1), ([], np.nan, 0), ([np.nan], np.nan, 0)])
def test_too_few_values_have_no_interval(values, mean, n):
    found = mean_interval(values)
    assert found.mean == pytest.approx(mean, nan_ok=True)
    assert np.isnan(found.low)
    assert np.isnan(found.high)
    assert found.n == n


def test_equal_values_have_an_interval_of_no_width():
    found = mean_interval([0.1] * 7)
    assert (found.low, found.high) == pytest.approx((0.1, 0.1), abs=1e-15)


def test_ends_are_clipped_to_the_range():
    values = [0.9, 1.0, 1.0]
    assert mean_interval(values).high > 1
    clipped = mean_interval(values, within=(0, 1))
    assert clipped.high == 1
    assert clipped.low == mean_interval(values).low


def test_curves_equal_single_points():
    values = np.random.default_rng(1).normal(size=(5, 6))
    values[1:, 4] = np.nan
    values[:, 5] = np.nan
    values[0, 2] = np.nan
    found = mean_intervals(values)
    assert found.n.tolist() == [5, 5, 4, 5, 1, 0]
    for point in range(6):
        one = mean_interval(values[:, point])
        expected = (one.mean, one.low, one.high)
        assert (found.mean[point], found.low[point], found.high[point]) == pytest.approx(expected, nan_ok=True)


def test_no_members_at_all():
    found = mean_intervals(np.empty((0, 3)))
    assert np.isnan(found.mean).all()
    assert found.n.tolist() == [0, 0, 0]


@pytest.mark.parametrize("confidence", [0, 1, 95, float("nan")])
def test_confidence_out_of_range(confidence):
    with pytest.raises(ValueError, match="confidence must be in"):
        mean_interval([1.0, 2.0], confidence)
    with pytest.raises(ValueError, match="confidence must be in"):
        proportion_interval(1, 2, confidence)


def test_curves_in_place_of_values():
    with pytest.raises(ValueError, match="use mean_intervals"):
        mean_interval(np.zeros((2, 2)))


def test_wilson_by_hand():
    # Wilson: (p + z²/2n ± z·sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), p = 0.8, n = 10, z = 1.959964
    z, p, n = 1.959963984540054, 0.8, 10
    half = z * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    middle, scale = p + z**2 / (2 * n), 1 + z**2 / n
    found = proportion_interval(8, 10)
    assert (found.mean, found.n) == (0.8, 10)
    assert (found.low, found.high) == pytest.approx(((middle - half) / scale, (middle + half) / scale), rel=1e-12)


def test_all_and_none_stay_inside():
    every, none = proportion_interval(20, 20), proportion_interval(0, 20)
    assert 0.8 < every.low < every.high == pytest.approx(1)
    assert none.low == pytest.approx(0)
    assert none.high == pytest.approx(1 - every.low)


def test_no_trials_and_impossible_counts():
    assert np.isnan(proportion_interval(0, 0).mean)
    with pytest.raises(ValueError, match="between 0 and n = 3, got 4"):
        proportion_interval(4, 3)
