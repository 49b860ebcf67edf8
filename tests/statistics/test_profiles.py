"""Profiles against numbers worked by hand."""

import numpy as np
import pytest

from trainwell.statistics import score_profile


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


def test_confidence_out_of_range():
    with pytest.raises(ValueError, match="confidence must be in"):
        score_profile([1.0, 2.0], [0.0], confidence=2)
