"""Aggregates against numbers worked by hand and SciPy's trimmed mean."""

import numpy as np
import pytest
from scipy import stats

from trainwell.statistics import interquartile_mean, standard_deviation

AGGREGATES = [interquartile_mean, standard_deviation]


@pytest.mark.parametrize("shape", [(1, 1), (1, 3), (1, 4), (3, 5), (2, 8), (26, 10)])
def test_interquartile_mean_is_the_trimmed_mean_of_all_runs(shape):
    scores = np.random.default_rng(shape[1]).normal(size=shape)
    assert interquartile_mean(scores) == pytest.approx(stats.trim_mean(scores, 0.25, axis=None), rel=1e-12)


def test_runs_of_all_tasks_are_trimmed_together():
    # together 1, 2, 3, 9: the middle two; task by task nothing would be cut
    assert interquartile_mean([[1, 2, 3], [9]]) == 2.5
    # together 1, 2, 3, 4, 5, 6, 10, 20: the middle four, 3 to 6; task by task it would be 2, 3, 5, 6
    assert interquartile_mean([[1, 2, 3, 20], [4, 5, 6, 10]]) == 4.5


def test_runs_may_be_a_plain_list_of_one_task():
    assert interquartile_mean([1, 2, 3, 100]) == interquartile_mean(np.array([100.0, 3, 2, 1])) == 2.5


def test_standard_deviation_is_scipys():
    values = np.random.default_rng(4).normal(size=9)
    assert standard_deviation(values) == pytest.approx(stats.tstd(values), rel=1e-12)
    assert np.isnan(standard_deviation([2.0]))


@pytest.mark.parametrize("aggregate", AGGREGATES)
def test_diverged_runs_are_left_out(aggregate):
    with_them = [[0.1, np.nan, 0.5, 0.2], [np.inf, 0.7, -np.inf]]
    assert aggregate(with_them) == aggregate([[0.1, 0.5, 0.2], [0.7]])


@pytest.mark.parametrize("aggregate", AGGREGATES)
@pytest.mark.parametrize("nothing", [[], [[]], [np.nan], [[np.inf], []]])
def test_nothing_has_no_value(aggregate, nothing):
    assert np.isnan(aggregate(nothing))


def test_equal_values_have_their_value():
    assert interquartile_mean([[0.1] * 7, [0.1] * 4]) == pytest.approx(0.1, rel=1e-15)


def test_a_task_with_two_axes():
    with pytest.raises(ValueError, match="one axis, got 2"):
        interquartile_mean(np.zeros((2, 3, 4)))
