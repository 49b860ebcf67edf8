"""Ranks over data sets against Demšar's worked example and tables, SciPy's tests, and every group there is."""

from itertools import combinations

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import average_ranks, cliques, critical_difference, rank_test

DEMSAR = np.array(  # Demšar (2006), table 6: AUC of C4.5, with m, with cf, and with both, on 14 data sets
    [
        [0.763, 0.768, 0.771, 0.798],
        [0.599, 0.591, 0.590, 0.569],
        [0.954, 0.971, 0.968, 0.967],
        [0.628, 0.661, 0.654, 0.657],
        [0.882, 0.888, 0.886, 0.898],
        [0.936, 0.931, 0.916, 0.931],
        [0.661, 0.668, 0.609, 0.685],
        [0.583, 0.583, 0.563, 0.625],
        [0.775, 0.838, 0.866, 0.875],
        [1.000, 1.000, 1.000, 1.000],
        [0.940, 0.962, 0.965, 0.962],
        [0.619, 0.666, 0.614, 0.669],
        [0.972, 0.981, 0.9751, 0.975],  # printed as equal, but ranked 2 and 3 in the paper: rounded
        [0.957, 0.978, 0.946, 0.970],
    ]
)


def test_demsars_example():
    found = rank_test(DEMSAR, error_rate=0.1)
    assert found.ranks == pytest.approx([3.143, 2.000, 2.893, 1.964], abs=5e-4)
    # the paper's statistic, without the correction for ties, from these ranks
    assert 12 * 14 / (4 * 5) * (np.sum(found.ranks**2) - 4 * 5**2 / 4) == pytest.approx(9.28, abs=0.01)
    assert found.critical_difference == pytest.approx(1.12, abs=0.005)
    # "C4.5 is worse than C4.5+m and C4.5+m+cf; we cannot tell which group C4.5+cf belongs to"
    assert found.groups == ((3, 1, 2), (2, 0))
    assert rank_test(DEMSAR).critical_difference == pytest.approx(1.25, abs=0.005)
    assert rank_test(DEMSAR).groups == ((3, 1, 2, 0),)


def test_demsars_table_of_critical_values():
    known = {
        0.05: [1.960, 2.343, 2.569, 2.728, 2.850, 2.949, 3.031, 3.102, 3.164],
        0.10: [1.645, 2.052, 2.291, 2.459, 2.589, 2.693, 2.780, 2.855, 2.920],
    }
    for error_rate, values in known.items():
        for K, q in enumerate(values, start=2):
            assert critical_difference(K, K * (K + 1), error_rate) * 6**0.5 == pytest.approx(q, abs=1.1e-3)


@pytest.mark.parametrize(("D", "K"), [(2, 3), (9, 4), (30, 50)])
@pytest.mark.parametrize("decimals", [8, 1])  # at 1 there are ties
def test_friedman_is_scipys(D, K, decimals):
    scores = np.random.default_rng(D).normal(size=(D, K)).round(decimals) + np.arange(K) / K
    expected = stats.friedmanchisquare(*scores.T).pvalue
    assert rank_test(scores).friedman_p == pytest.approx(expected, rel=1e-9)
    assert rank_test(-scores, larger_is_better=False).friedman_p == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_ranks_are_scipys(larger_is_better):
    scores = np.random.default_rng(1).normal(size=(8, 6)).round(1)
    expected = stats.rankdata(-scores if larger_is_better else scores, axis=1).mean(0)
    assert average_ranks(scores, larger_is_better=larger_is_better) == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_a_diverged_contender_is_last(larger_is_better):
    scores = np.array([[np.nan, 0.2, np.nan, 0.2]])
    assert average_ranks(scores, larger_is_better=larger_is_better).tolist() == [3.5, 1.5, 3.5, 1.5]


@pytest.mark.parametrize("seed", range(6))
def test_groups_are_the_largest_of_all_subsets(seed):
    rng = np.random.default_rng(seed)
    ranks = rng.uniform(1, 7, 7).round(1)
    for difference in (0.3, 1.0, 2.0, 4.0, 9.0):
        close = [
            set(group)
            for size in range(2, 8)
            for group in combinations(range(7), size)
            if max(ranks[list(group)]) < min(ranks[list(group)]) + difference
        ]
        largest = [group for group in close if not any(group < other for other in close)]
        found = cliques(ranks, difference)
        assert sorted(map(sorted, found)) == sorted(map(sorted, largest))
        assert all(list(ranks[list(group)]) == sorted(ranks[list(group)]) for group in found)
        assert [ranks[group[0]] for group in found] == sorted(ranks[group[0]] for group in found)


def test_a_difference_that_is_reached_tells_apart():
    assert cliques([1.0, 2.0], 1.0) == ()
    assert cliques([1.0, 2.0], 1.5) == ((0, 1),)
    assert cliques([2.0], 1.0) == cliques([], 1.0) == ()


def test_two_contenders_have_no_friedman_test():
    found = rank_test(np.column_stack([np.ones(20), np.zeros(20)]))
    assert np.isnan(found.friedman_p)
    assert found.ranks.tolist() == [1, 2]
    # K = 2: q is the normal quantile, the difference z·√(2·3/6D)
    assert found.critical_difference == pytest.approx(1.959963984540054 / 20**0.5, rel=1e-6)
    assert found.groups == ()


@pytest.mark.parametrize("K", [2, 3, 10, 50])
def test_one_data_set_tells_nobody_apart(K):
    found = rank_test(np.arange(K, dtype=float)[None])
    assert np.isnan(found.friedman_p)
    assert found.ranks.tolist() == list(range(K, 0, -1))
    assert found.groups == (tuple(range(K - 1, -1, -1)),)


def test_equal_contenders():
    found = rank_test(np.full((5, 4), 0.7))
    assert found.friedman_p == 1
    assert found.ranks.tolist() == [2.5] * 4
    assert found.groups == ((0, 1, 2, 3),)


def test_contenders_that_differ_by_chance_are_seldom_told_apart():
    rng = np.random.default_rng(0)
    found = [rank_test(rng.normal(size=(12, 4))) for _ in range(400)]
    told_apart = np.mean([test.groups[0] != tuple(np.argsort(test.ranks, kind="stable")) for test in found])
    assert 0.005 < told_apart < 0.05 + 3 * 0.0109  # three standard errors of 400 tests above


def test_what_cannot_be_ranked():
    with pytest.raises(ValueError, match=r"\[data sets, contenders\]"):
        average_ranks(np.zeros(3))
    with pytest.raises(ValueError, match=r"\[data sets, contenders\]"):
        average_ranks(np.zeros((0, 3)))
    with pytest.raises(ValueError, match="2 contenders and 1 data set"):
        rank_test(np.zeros((4, 1)))
    with pytest.raises(ValueError, match="error_rate must be in"):
        critical_difference(3, 3, 5)
