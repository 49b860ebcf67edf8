"""What Optuna is asked, what it stores, and what comes back."""

import json

import numpy as np
import optuna
import pytest

from trainwell.search import Curve, TrialRecord, distributions, make_sampler
from trainwell.search.study.distributions import labels_of, values_of
from trainwell.search.study.trials import Recipes, tell
from trainwell.training import Choices, Range, Recipe, Space

WIDE = Space.of(
    optimizer=Choices(("momentum", "adam", "sgd")),
    momentum=Range(0.5, 0.99, when={"optimizer": ("momentum",)}),
    learning_rate=Range(1e-4, 1, log=True),
    hidden=Choices(((8,), (8, 4), ())),
    batch_size=Range(16, 64, step=16),
    epochs=Range(1, 9, integer=True),
)


def study(seed=0):
    return optuna.create_study(sampler=make_sampler("random", seed=seed))


def suggest(trial, space):
    return Recipes(space, 0).suggest(trial)


def test_what_is_asked_is_stored_and_comes_back():
    asked = study()
    seen = set()
    for _ in range(40):
        values = suggest(asked.ask(), WIDE)
        params = asked.trials[-1].params
        json.dumps(params)  # labels and numbers: any storage can keep them
        assert values_of(params, WIDE) == values
        assert labels_of(values, WIDE) == params
        assert ("momentum" in values) == (values["optimizer"] == "momentum")
        assert asked.trials[-1].distributions == {name: distributions(WIDE)[name] for name in values}
        recipe = WIDE.recipe(values)
        assert recipe.hidden == values["hidden"]
        assert values["batch_size"] in (16, 32, 48, 64)
        assert type(values["batch_size"]) is int
        seen.add(values["hidden"])
    assert seen == {(8,), (8, 4), ()}


def test_conditional_axes_are_asked_after_what_they_look_at():
    order = list(distributions(WIDE))
    assert set(order) == set(WIDE.axes)
    assert order.index("optimizer") < order.index("momentum")


def outcome(state, value, rungs=()):
    curve = Curve(np.arange(1.0, 4.0), np.array([0.123456789, 0.2, np.nan]), np.array([1 / 3, np.inf, 1e-30]))
    return TrialRecord(0, {}, Recipe(), state, value, {"loss/validation": 0.1 + 0.2}, dict(rungs), curve)


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_records_come_back_from_any_storage(kind, tmp_path):
    storage = None if kind == "memory" else f"sqlite:///{tmp_path / 'trials.db'}"
    made = optuna.create_study(storage=storage, sampler=make_sampler("random", seed=0), direction="maximize")
    values = [suggest(made.ask(), WIDE) for _ in range(4)]
    told = [
        outcome("complete", 0.1 + 0.7, [(1.0, 0.25), (3.0, 0.5)]),
        outcome("pruned", 0.25, [(1.0, 0.25)]),
        outcome("diverged", float("nan")),
    ]
    for trial, one in zip(made.trials, told, strict=False):
        tell(made, trial, one)
        tell(made, made.trials[trial.number], outcome("complete", 5.0))  # ended: left alone
    found = Recipes(WIDE, 0).records(made.trials)
    assert [trial.number for trial in found] == [0, 1, 2]  # the fourth has not ended
    for one, record, asked in zip(told, found, values, strict=False):
        assert (record.state, record.scores, record.rungs) == (one.state, one.scores, one.rungs)
        assert record.value == one.value or (np.isnan(record.value) and np.isnan(one.value))
        assert (record.values, record.recipe) == (asked, WIDE.recipe(asked))
        np.testing.assert_array_equal(record.curve.epochs, [1, 2, 3])
        np.testing.assert_array_equal(record.curve.training, [0.123457, 0.2, np.nan])
        np.testing.assert_array_equal(record.curve.validation, [0.333333, np.nan, 1e-30])
    assert [trial.state.name for trial in made.trials] == ["COMPLETE", "PRUNED", "FAIL", "RUNNING"]
    assert [trial.value for trial in made.trials] == [0.1 + 0.7, 0.25, None, None]
    assert made.trials[0].intermediate_values == {1: 0.25, 3: 0.5}


def test_a_trial_killed_in_the_middle_of_being_told_is_told_once():
    made = study()
    suggest(made.ask(), WIDE)
    trial = optuna.trial.Trial(made, made.trials[0]._trial_id)
    trial.report(0.25, 1)  # the first rung was stored when its process was killed
    tell(made, made.trials[0], outcome("complete", 0.75, [(1.0, 0.25), (3.0, 0.5)]))
    assert made.trials[0].intermediate_values == {1: 0.25, 3: 0.5}
    assert made.trials[0].value == 0.75


def test_rungs_of_less_than_an_epoch_have_steps_of_their_own():
    made = study()
    suggest(made.ask(), WIDE)
    tell(made, made.trials[0], outcome("pruned", 0.7, [(0.25, 0.1), (0.5, 0.2), (1.2, 0.4), (2.0, 0.7)]))
    assert made.trials[0].intermediate_values == {1: 0.1, 2: 0.2, 3: 0.4, 4: 0.7}
    assert made.trials[0].value == 0.7
