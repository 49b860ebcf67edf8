"""What fits into a time limit, against numbers worked by hand, and in a real search."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.search import Plan, tune
from trainwell.search.tuning import tune as module
from trainwell.search.tuning.time_limit import Pace, few_words, refit_words, search_words
from trainwell.training import Choices, Range, Recipe, Space

SPACE = Space.of(hidden=(4,), epochs=4, learning_rate=Range(1e-3, 1.0, log=True))


def measured():
    """Two trials of 100 operations each in 10 seconds, 4 of them training; one was trained for half of its epochs."""
    pace = Pace.guessed([1e10, 2e10], jobs=2)
    pace.add([1.0, 0.5], [100.0, 100.0], 10.0, 4.0)
    return pace


def test_the_first_trials_are_guessed_and_later_ones_measured():
    pace = Pace.guessed([1e10, 2e10], jobs=2)
    assert pace.guess == (3 + 1 + 3 + 2) / 2
    assert pace.trials_in(90.0) == 5  # a quarter of it, at 4.5 seconds each
    assert pace.trials_in(0.1) == 2  # something must be tried, and two cost as much as one
    pace = measured()
    assert pace.each == 5.0
    assert pace.trials_in(40.0) == 6  # four fifths of it
    assert pace.trials_in(6.0) == 0
    assert pace.trials_in(-1.0) == 0


@pytest.mark.parametrize(
    ("left", "expected"),
    [(1000.0, (3, 5)), (50.0, (3, 5)), (40.0, (2, 5)), (20.0, (1, 5)), (10.0, (1, 3)), (1.0, (0, 0))],
)
def test_recipes_go_before_seeds_where_the_final_training_is_too_long(left, expected):
    """150 operations in 4 seconds of training: four fifths of `left` have room for 30 operations per second of it."""
    assert measured().refit_in(left, [100.0, 100.0, 90.0], 3, 5) == expected


def test_what_is_left_out_is_said():
    plan = Plan(trials=None, seconds=60.0)
    assert search_words(plan, 2, measured()) == [
        "the time limit ended the search after 2 trials, before its first round was complete, so no range was "
        "narrowed; 100 trials of this size need a time limit (--time) of about 12m"
    ]
    (alone,) = search_words(replace(plan, refit_recipes=0), 2, measured())
    assert alone.endswith("time limit (--time) of about 9m")  # all of it is for trials
    done = search_words(replace(plan, trials=14), 14, measured(), [0.25, 0.5])
    assert done == ["the time limit cut off 2 trials after 25% to 50% of the training"]
    assert search_words(plan, 2, measured(), exhausted=True) == []
    assert refit_words(plan, 3, 5, 3) == []
    assert refit_words(plan, 1, 3, 3) == [
        "the time limit left time to train only 1 of the 3 best recipes again, with 3 of 5 fresh seeds"
    ]
    assert refit_words(plan, 2, 5, 3) == ["the time limit left time to train only 2 of the 3 best recipes again"]
    assert "no time was left" in refit_words(plan, 0, 0, 3)[0]
    assert few_words(plan, 3) == few_words(plan, 0) == []  # where all diverged, the headline says it
    assert few_words(plan, 2) == ["only 2 of 3 recipes can be trained again: no others were trained to the end"]


@pytest.mark.parametrize("length", [{"epochs": 8}, {"steps": 56}])
def test_the_share_of_a_training_is_known_in_epochs_and_in_updates(length):
    """Iris has 106 training rows: 7 batches of 16."""
    request = module.Request.of(module.as_dataset("iris"), SPACE, Plan(folds=1))
    recipe = Recipe(hidden=(4,), batch_size=16, **length)
    for epochs, share in ((0, 0.0), (2, 0.25), (8, 1.0)):
        trial = SimpleNamespace(recipe=recipe, curve=SimpleNamespace(epochs=np.arange(1, epochs + 1)))
        assert request.share_trained(trial) == pytest.approx(share)


def test_a_space_that_was_tried_whole_is_not_ended_by_the_time_limit():
    space = Space.of(hidden=(4,), epochs=1, learning_rate=Choices((0.01, 0.1)))
    found = tune("iris", space, Plan(trials=None, folds=1, seconds=600.0, refit_recipes=1, refit_seeds=1))
    assert len(found.search.trials) == 2
    assert not any("the time limit" in notice for notice in found.search.notices)


def test_a_search_stops_early_enough_for_its_final_training(monkeypatch):
    """Trials that each take 10 of 60 seconds: 45 seconds have room for 3 batches, the rest for a part of the refit."""
    now = [1000.0]
    train_batch = module.train_batch
    clock = SimpleNamespace(
        monotonic=lambda: now[0], perf_counter=lambda: now[0], sleep=lambda seconds: pytest.fail("it waited")
    )

    def slow(request, trials, **how):
        how["progress"].on_compile(1, 1)
        records = train_batch(request, trials, **{**how, "deadline": None})
        now[0] += 5.0 * len(trials)
        return records

    monkeypatch.setattr(module, "time", clock)
    monkeypatch.setattr(module, "train_batch", slow)
    monkeypatch.setattr(Pace, "guessed", classmethod(lambda cls, members, jobs: cls(5.0, 2)))
    request = module.Request.of(module.as_dataset("iris"), SPACE, Plan(trials=None, folds=1, seconds=60.0))
    found = module.tune_checked(replace(request, begun=1000.0))
    # A quarter of 45 seconds: 2 trials; four fifths of 35 seconds: 5; four fifths of 10 seconds: 1; of 5 seconds: none.
    assert len(found.search.trials) == 8
    assert found.search.seconds.total == pytest.approx(40.0)
    assert found.search.seconds.training == pytest.approx(40.0)
    assert len(found.candidates) >= 1
    (notice,) = (one for one in found.search.notices if "ended the search" in one)
    assert notice.endswith("100 trials of this size need a time limit (--time) of about 12m")


def test_what_a_short_search_says_is_true():
    found = tune("iris", SPACE, Plan(trials=None, folds=1, seconds=4.0, refit_seeds=2))
    seconds = found.search.seconds
    assert seconds.compiling > 0.0
    assert seconds.training > 0.0
    assert found.model is not None
    ended = any("the time limit ended the search" in one for one in found.search.notices)
    assert ended == (len(found.search.trials) < 100)  # as many as are tried by default
