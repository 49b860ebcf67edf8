"""What cannot be searched is said before anything is made, in one line."""

from dataclasses import replace

import pytest

from search.small import SPACE
from trainwell.core import DataError, SearchError, TrainwellError
from trainwell.data import load_data
from trainwell.search import Plan, check, tune
from trainwell.training import Range, Space


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"trials": 0}, "trials must be at least 1, got 0"),
        ({"rounds": 0}, "rounds must be at least 1, got 0"),
        ({"folds": 0}, "folds must be at least 1, got 0"),
        ({"sampler_seed": -1}, "sampler seed must be at least 0, got -1"),
        ({"refit_recipes": -1}, "refit recipes must be at least 0, got -1"),
        ({"refit_seeds": 0}, "refit seeds must be at least 1, got 0"),
        ({"seconds": 0.0}, "the time limit must be above 0 seconds, got 0"),
        ({"seconds": float("nan")}, "the time limit must be above 0 seconds, got nan"),
        ({"trials": None}, "a search needs an end: give a number of trials or a time limit"),
        ({"trials": 3, "rounds": 4}, "3 trials cannot make 4 rounds: ask for fewer rounds"),
        ({"seeds": 2}, "seeds must be a list, got 2: write [5] for the seed 5, or range(5) for five seeds"),
        ({"seeds": ()}, "seeds must be different whole numbers from 0, at least one, got []"),
        ({"seeds": (1, 1)}, "seeds must be different whole numbers from 0, at least one, got [1, 1]"),
        ({"seeds": (-1,)}, "seeds must be different whole numbers from 0, at least one, got [-1]"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong, words):
    with pytest.raises(SearchError) as error:
        Plan(**wrong)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_trials_per_round():
    assert Plan(trials=100, rounds=4).trials_per_round == 25
    assert Plan(trials=10, rounds=4).trials_per_round == 3
    assert Plan(trials=None, rounds=4, seconds=1).trials_per_round == 25


@pytest.mark.parametrize(
    ("plan", "space", "kind", "words"),
    [
        (Plan(metric="r2"), SPACE, SearchError, "metric 'r2' is not for classification: use accuracy or loss"),
        (Plan(sampler="rndom"), SPACE, SearchError, "there is no sampler 'rndom': did you mean 'random'?"),
        (Plan(folds=1000), SPACE, DataError, "1000"),
    ],
)
def test_what_does_not_fit_the_data_is_refused_before_anything_is_made(tmp_path, plan, space, kind, words):
    for job in (
        lambda: check(load_data("iris"), space, plan),
        lambda: tune(load_data("iris"), space, plan, folder=tmp_path),
    ):
        with pytest.raises(kind) as error:
            job()
        assert words in str(error.value)
        assert isinstance(error.value, TrainwellError)
        assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_sound_search_passes():
    found = check(load_data("iris"), SPACE, replace(Plan(), folds=2))
    assert len(found.pool.datasets) == 2
    assert check(load_data("diabetes"), Space.of(learning_rate=Range(1e-3, 1.0, log=True)), Plan(metric="r2"))
