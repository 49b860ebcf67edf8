"""Probability of improvement against SciPy's Mann-Whitney test, Wilson's interval against SciPy's, and by hand."""

from math import comb

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import improvement_interval, paired_improvement_interval


def probability_of_improvement(x, y, **how):
    return improvement_interval(x, y, **how).mean


def paired_improvement(x, y, **how):
    return paired_improvement_interval(x, y, **how).mean


def mann_whitney(x, y):
    """Agarwal et al.'s formula: U/(n·m) of each task, averaged."""
    return np.mean([stats.mannwhitneyu(a, b).statistic / (len(a) * len(b)) for a, b in zip(x, y, strict=True)])


@pytest.mark.parametrize("sizes", [[(10, 10)], [(3, 7), (5, 2), (4, 4)], [(1, 1), (2, 1)]])
@pytest.mark.parametrize("decimals", [8, 0])  # at 0 most runs tie
def test_chance_is_that_of_mann_whitney(sizes, decimals):
    rng = np.random.default_rng(len(sizes))
    x = [rng.normal(0.5, 1, n).round(decimals) for n, _ in sizes]
    y = [rng.normal(0.0, 1, m).round(decimals) for _, m in sizes]
    found = probability_of_improvement(x, y)
    assert found == pytest.approx(mann_whitney(x, y), abs=1e-12)
    assert probability_of_improvement(y, x) == pytest.approx(1 - found, abs=1e-12)
    turned = probability_of_improvement([-a for a in x], [-b for b in y], larger_is_better=False)
    assert turned == pytest.approx(found, abs=1e-12)


def test_chance_by_hand():
    # 2 beats 1, ties with 2, loses to 3: 1½ of 3; 4 beats all: 3 of 3
    assert probability_of_improvement([2, 4], [1, 2, 3]) == pytest.approx(4.5 / 6)
    assert probability_of_improvement([2, 4], [1, 2, 3], larger_is_better=False) == pytest.approx(1.5 / 6)


def test_identical_contenders_improve_half_the_time():
    runs = np.random.default_rng(0).normal(size=(3, 8))
    assert probability_of_improvement(runs, runs) == 0.5
    assert paired_improvement(runs[0], runs[0]) == 0.5
    found = paired_improvement_interval(runs[0], runs[0])
    assert found.low == pytest.approx(1 - found.high)


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_a_diverged_run_is_the_worst(larger_is_better):
    well, diverged = [0.3, 0.4], [np.nan, np.nan]
    for improvement in (probability_of_improvement, paired_improvement):
        assert improvement(well, diverged, larger_is_better=larger_is_better) == 1
        assert improvement(diverged, well, larger_is_better=larger_is_better) == 0
        assert improvement(diverged, diverged, larger_is_better=larger_is_better) == 0.5


def test_a_loss_that_is_infinite_is_as_bad_as_one_that_is_not_a_number():
    assert paired_improvement([np.inf, np.inf], [np.nan, 5.0], larger_is_better=False) == 0.25


def test_tasks_without_runs_are_left_out():
    assert probability_of_improvement([[1, 2], []], [[0], [5]]) == 1
    assert np.isnan(probability_of_improvement([[]], [[1.0]]))
    empty = improvement_interval([[]], [[1.0]])
    assert np.isnan([empty.mean, empty.low, empty.high]).all()
    assert empty.n == 0


@pytest.mark.parametrize("larger_is_better", [True, False])
def test_interval_is_that_of_both_drawn_anew_task_by_task(larger_is_better):
    rng = np.random.default_rng(3)
    x = [rng.normal(0.4, 1, 6).round(1), rng.normal(0.2, 1, 4)]
    y = [rng.normal(0.0, 1, 5).round(1), rng.normal(0.0, 1, 9)]
    draws, resamples = np.random.default_rng(11), 300
    sizes = [len(runs) for task in zip(x, y, strict=True) for runs in task]
    drawn = [draws.integers(0, n, (resamples, n)) for n in sizes]
    chances = []
    for r in range(resamples):
        a = [runs[d[r]] for runs, d in zip(x, drawn[::2], strict=True)]
        b = [runs[d[r]] for runs, d in zip(y, drawn[1::2], strict=True)]
        chances.append(mann_whitney(a, b) if larger_is_better else mann_whitney(b, a))
    found = improvement_interval(x, y, larger_is_better=larger_is_better, resamples=resamples, seed=11)
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(chances, [2.5, 97.5])), abs=1e-12)
    assert found.n == 24


def test_one_run_has_a_chance_and_no_interval():
    found = improvement_interval([[0.5], [0.5, 0.6]], [[0.4, 0.3], [0.7, 0.55]])
    assert found.mean == (1 + 0.25) / 2
    assert np.isnan([found.low, found.high]).all()


@pytest.mark.parametrize(("x", "y", "share"), [([3, 2, 1], [1, 2, 3], 0.5), ([3, 2], [1, 2], 0.75), ([0], [1], 0)])
def test_pairs_by_hand(x, y, share):
    assert paired_improvement(x, y) == share
    assert paired_improvement(x, y, larger_is_better=False) == 1 - share


def test_pairs_are_not_mixed():
    x = np.arange(10.0) + 0.1  # always a little more than its partner, in the midst of all
    assert paired_improvement(x, np.arange(10.0)) == 1
    assert probability_of_improvement(x, np.arange(10.0)) == pytest.approx(0.55)


@pytest.mark.parametrize(("wins", "n"), [(0, 5), (1, 1), (7, 10), (20, 20), (50, 80)])
@pytest.mark.parametrize("confidence", [0.5, 0.95])
def test_interval_of_pairs_without_ties_is_wilsons(wins, n, confidence):
    x = np.where(np.arange(n) < wins, 1.0, -1.0)
    expected = stats.binomtest(wins, n).proportion_ci(confidence, method="wilson")
    found = paired_improvement_interval(x, np.zeros(n), confidence=confidence)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert (found.mean, found.n) == (wins / n, n)


def test_all_pairs_won_is_not_certainty():
    found = paired_improvement_interval(np.ones(20), np.zeros(20))
    assert (found.mean, found.high) == (1, 1)
    assert found.low == pytest.approx(20 / (20 + 1.959963984540054**2), abs=1e-12)


@pytest.mark.parametrize(("win", "tie"), [(0.5, 0.3), (0.3, 0.4), (0.6, 0.3)])
def test_with_ties_it_covers_the_truth_at_least_as_often_as_it_says(win, tie):
    n, truth, covered = 20, win + tie / 2, 0.0
    for wins in range(n + 1):
        for ties in range(n + 1 - wins):
            x = np.concatenate([np.ones(wins), np.zeros(ties), -np.ones(n - wins - ties)])
            found = paired_improvement_interval(x, np.zeros(n))
            chance = comb(n, wins) * comb(n - wins, ties) * win**wins * tie**ties * (1 - win - tie) ** (n - wins - ties)
            covered += chance * (found.low <= truth <= found.high)
    assert 0.95 <= covered < 1


def test_no_pairs():
    found = paired_improvement_interval([], [])
    assert np.isnan([found.mean, found.low, found.high, paired_improvement([], [])]).all()
    assert found.n == 0


def test_what_does_not_fit():
    with pytest.raises(ValueError, match="the same tasks, got 2 and 1"):
        probability_of_improvement([[1.0], [2.0]], [[1.0]])
    with pytest.raises(ValueError, match="the same length"):
        paired_improvement([1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="the same length"):
        paired_improvement(np.zeros((2, 2)), np.zeros((2, 2)))
    for interval in (improvement_interval, paired_improvement_interval):
        with pytest.raises(ValueError, match="confidence must be in"):
            interval([1.0, 2.0], [1.0, 2.0], confidence=1)
