"""Profiles against numbers worked by hand and plain versions of their papers' formulas."""

import numpy as np
import pytest

from trainwell.statistics import performance_profile, score_profile


def test_scores_by_hand():
    # task 1: 1, 2, 3, 4; task 2: 3, 5, each of weight ½
    found = score_profile([[1, 2, 3, 4], [3, 5]], [0, 1, 2.5, 3, 4.5, 5])
    assert found.mean.tolist() == [1, 0.875, 0.75, 0.375, 0.25, 0]
    assert found.n.tolist() == [6] * 6


def test_scores_of_equally_many_runs_are_the_share_of_all():
    scores = np.random.default_rng(0).normal(size=(7, 5))
    thresholds = np.linspace(-2, 2, 21)
    expected = [(scores > threshold).mean() for threshold in thresholds]
    assert score_profile(scores, thresholds).mean == pytest.approx(expected, abs=1e-12)


def test_band_is_that_of_runs_drawn_anew_task_by_task():
    rng = np.random.default_rng(1)
    groups = [rng.normal(size=6), rng.normal(1, 1, 9)]
    thresholds, resamples = np.linspace(-2, 3, 9), 250
    draws = np.random.default_rng(4)
    drawn = [runs[draws.integers(0, len(runs), (resamples, len(runs)))] for runs in groups]
    shares = [
        [np.mean([(runs[r] > threshold).mean() for runs in drawn]) for threshold in thresholds]
        for r in range(resamples)
    ]
    low, high = np.percentile(shares, [5, 95], axis=0)
    found = score_profile(groups, thresholds, confidence=0.9, resamples=resamples, seed=4)
    assert found.low == pytest.approx(low, abs=1e-12)
    assert found.high == pytest.approx(high, abs=1e-12)
    assert (found.low < found.high).any()


def test_diverged_runs_score_above_nothing():
    found = score_profile([[np.nan, 1.0, np.inf, -np.inf]], [-1e9, 0.0, 2.0])
    assert found.mean.tolist() == [0.5, 0.5, 0.25]
    assert found.n.tolist() == [4, 4, 4]


def test_one_run_and_none():
    one = score_profile([[1.0, 2.0], [3.0]], [0.0, 1.5])
    assert one.mean.tolist() == [1, 0.75]
    assert np.isnan([one.low, one.high]).all()
    none = score_profile([[]], [0.0, 1.0])
    assert np.isnan([none.mean, none.low, none.high]).all()
    assert none.n.tolist() == [0, 0]


def test_no_thresholds():
    assert score_profile([1.0, 2.0], []).mean.shape == (0,)


def test_costs_by_hand():
    costs = np.array([[10, 20, 15], [30, 30, np.inf], [np.inf, np.nan, 5], [40, 8, 8]], float)
    # ratios: [1, 2, 1.5], [1, 1, ∞], [∞, ∞, 1], [5, 1, 1]
    expected = [[0.5, 0.5, 0.5, 0.75], [0.5, 0.5, 0.75, 0.75], [0.5, 0.75, 0.75, 0.75]]
    assert performance_profile(costs, [1, 1.5, 2, 1e9]).tolist() == expected


def test_costs_by_the_papers_formula():
    costs = np.random.default_rng(2).lognormal(size=(20, 50))
    costs[np.random.default_rng(3).uniform(size=costs.shape) < 0.2] = np.inf
    ratios = [1, 1.3, 2, 10]
    found = performance_profile(costs, ratios)
    for k in range(50):
        for t, ratio in enumerate(ratios):
            solved = sum(costs[d, k] / costs[d].min() <= ratio for d in range(20))
            assert found[k, t] == pytest.approx(solved / 20)
    assert (np.diff(found, axis=1) >= 0).all()


def test_units_of_costs_do_not_matter():
    costs = np.random.default_rng(5).lognormal(size=(6, 3))
    scaled = costs * np.array([1, 64, 0.5, 1024, 2, 8])[:, None]
    assert (performance_profile(costs, [1, 1.7, 3]) == performance_profile(scaled, [1, 1.7, 3])).all()


def test_a_task_that_nobody_solves_is_solved_by_nobody():
    costs = np.array([[np.inf, np.nan], [2.0, 2.0]])
    assert performance_profile(costs, [1, np.inf]).tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert performance_profile(costs[:1], [1, np.inf]).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("cost", [0.0, -1.0, -np.inf])
def test_costs_that_have_no_ratio(cost):
    with pytest.raises(ValueError, match="costs must be positive"):
        performance_profile(np.array([[1.0, cost]]), [1])


@pytest.mark.parametrize("shape", [(3,), (0, 2), (2, 0)])
def test_costs_of_nothing(shape):
    with pytest.raises(ValueError, match=r"\[tasks, contenders\]"):
        performance_profile(np.ones(shape), [1])


def test_confidence_out_of_range():
    with pytest.raises(ValueError, match="confidence must be in"):
        score_profile([1.0, 2.0], [0.0], confidence=2)
