"""What mattered, on planted problems whose shares are known."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from trainwell.search import Curve, TrialRecord
from trainwell.search.tuning.importance import _indicators, importance_of
from trainwell.training import Choices, Range, Recipe, Space

EMPTY = Curve(np.zeros(0), np.zeros(0), np.zeros(0))
SPACE = Space.of(
    learning_rate=Range(1e-4, 1.0, log=True),
    dropout_rate=Range(0.0, 0.5),
    l2_penalty=Range(1e-6, 1e-2, log=True),
    batch_size=Choices((16, 32)),
    optimizer=Choices(("adam", "momentum")),
    momentum=Range(0.5, 0.9),
)
# On unit intervals u: 0.8 (u - 1/2) has variance 0.64/12, 0.4 (u - 1/2) a quarter of it, a choice of +-0.05 has 0.0025.
TRUTH = {
    "learning_rate": 0.64 / 12,
    "dropout_rate": 0.16 / 12,
    "batch_size": 0.0025,
    "l2_penalty": 0.0,
    "optimizer": 0.0,
}


def value(u):
    return 0.5 + 0.8 * (u["learning_rate"] - 0.5) - 0.4 * (u["dropout_rate"] - 0.5) + 0.1 * (u["batch_size"] > 0.5)


def planted(count, seed=0, *, narrow=False, noise=0.02, states=None):
    """Trials all over the space; with `narrow`, all but a fifth in the upper third of the learning rates."""
    rng, found = np.random.default_rng(seed), []
    for number in range(count):
        u = {name: rng.random() for name in SPACE.axes}
        if narrow and number >= count // 5:
            u["learning_rate"] = 2 / 3 + u["learning_rate"] / 3
        values = {
            "learning_rate": 10 ** (4 * u["learning_rate"] - 4),
            "dropout_rate": u["dropout_rate"] / 2,
            "l2_penalty": 10 ** (4 * u["l2_penalty"] - 6),
            "batch_size": 32 if u["batch_size"] > 0.5 else 16,
            "optimizer": "momentum" if u["optimizer"] > 0.5 else "adam",
        }
        if values["optimizer"] == "momentum":
            values["momentum"] = 0.5 + 0.4 * u["momentum"]
        reached = value(u) + noise * rng.standard_normal()
        state = states(number) if states else "complete"
        rungs = {1.0: reached - 0.3} if states else {}
        found.append(TrialRecord(number, values, Recipe(), state, reached, {}, rungs, EMPTY))
    return found


def shares_of(trials, metric="accuracy"):
    return importance_of(trials, SPACE, metric)


@pytest.mark.parametrize("narrow", [False, True])
def test_the_true_order_comes_out_and_intervals_hold_the_true_shares(narrow):
    total, held = sum(TRUTH.values()), 0
    for seed in range(4):
        found = shares_of(planted(100, seed, narrow=narrow))
        every = {name: one for name, one in found.items() if not one.where}
        assert list(every)[:2] == ["learning_rate", "dropout_rate"]
        assert every["l2_penalty"].share < 0.05
        assert sum(one.share for one in every.values()) == pytest.approx(1)
        assert all(one.low <= one.share <= one.high and one.n == 100 for one in every.values())
        held += sum(one.low <= TRUTH[name] / total <= one.high + 0.005 for name, one in every.items())
    assert held >= 18  # of 20, at 95%


def test_an_axis_that_some_trials_have_is_apart_and_says_so():
    found = shares_of(planted(100))
    assert list(found)[-1] == "momentum"
    having = sum("momentum" in trial.values for trial in planted(100))
    assert (found["momentum"].where, found["momentum"].n) == ("where optimizer is momentum", having)
    assert "momentum" not in shares_of(planted(40))  # fewer than 30 trials have it


def test_too_few_or_equal_trials_have_no_importance():
    assert shares_of(planted(29)) == {}
    same = [TrialRecord(t.number, t.values, t.recipe, "complete", 0.5, {}, {}, EMPTY) for t in planted(40)]
    assert shares_of(same) == {}
    assert shares_of([]) == {}


def test_pruned_trials_are_compared_where_all_were():
    found = shares_of(planted(60, states=lambda i: "complete" if i % 3 == 0 else "pruned"))
    whole = shares_of(planted(60))
    for name, one in found.items():
        assert one.share == pytest.approx(whole[name].share, abs=1e-9), name


def test_diverged_trials_are_the_worst_and_those_that_were_cut_off_are_left_out():
    trials = planted(80, states=lambda i: "complete")
    bad = [
        TrialRecord(t.number, t.values, t.recipe, "diverged", float("nan"), {}, {}, EMPTY)
        if t.values["l2_penalty"] > 1e-3
        else t
        for t in trials
    ]
    assert shares_of(bad)["l2_penalty"].share > 0.1 > shares_of(trials)["l2_penalty"].high
    cut = [TrialRecord(t.number + 80, t.values, t.recipe, "cut", 9.0, {}, {}, EMPTY) for t in planted(9, 1)]
    assert shares_of([*trials, *cut]) == shares_of(trials)


@pytest.mark.parametrize(("metric", "outlier"), [("r2", -1e9), ("loss", 1e9)])
def test_one_hopeless_trial_does_not_hide_the_rest(metric, outlier):
    trials = planted(100)
    first = trials[0]
    trials[0] = TrialRecord(0, first.values, first.recipe, "complete", outlier, {}, {}, EMPTY)
    assert next(iter(shares_of(trials, metric))) == "learning_rate"


def test_a_choice_of_a_thousand_values_has_few_columns():
    chosen = np.array([*[7] * 9, *[5] * 3, *range(100, 160)])
    every = _indicators(chosen, 1000)
    assert every.shape == (1000, 3)  # of 7, of 5, of all others
    np.testing.assert_allclose(every.mean(axis=0), 0, atol=1e-12)
    np.testing.assert_array_equal(every[7] - every[200], [1, 0, -1])
    assert _indicators(np.arange(3000) % 1000, 1000).shape == (1000, 21)


def test_the_order_does_not_depend_on_the_hash_seed():
    script = (
        "from search.tuning.test_importance import planted, shares_of\n"
        "from dataclasses import asdict\nimport json\n"
        "print(json.dumps({name: asdict(one) for name, one in shares_of(planted(60)).items()}))"
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert found[0] == found[1]
    shares = [(bool(one["where"]), -one["share"], name) for name, one in json.loads(found[0]).items()]
    assert shares == sorted(shares)  # equals by name
