"""Rungs: poor members stop where they are looked at, the others end with the bits they would have had anyway."""

from collections.abc import Collection, Mapping
from pathlib import Path

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.training import Member, Recipe, Result, Rungs, Seen, Trained, train, train_on
from trainwell.training.engine.population import _executables

from .quadratic import Quadratic, train_side_by_side

RATES = (1e-4, 1e-3, 1e-2, 1e-1, 0.3)
BASE = Recipe(hidden=(16,), optimizer="sgd", epochs=9, restore_best=True)
RECIPES = [BASE.evolve(learning_rate=rate) for rate in RATES]


def best_by_loss(count: int) -> Rungs:
    """Of all that are in, the `count` with the least validation loss go on; half as many at the next rung."""

    def survivors(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        order = sorted(seen, key=lambda i: float(seen[i]["loss/validation"][-1]))
        return order[: count // (rung + 1)]

    return Rungs((1 / 3, 2 / 3), survivors)


def assert_same_bits(one: Trained, i: int, other: Trained, j: int) -> None:
    for a, b in zip(one.params[i], other.params[j], strict=True):
        for name in a:
            np.testing.assert_array_equal(a[name], b[name])


def test_survivors_have_the_bits_of_a_run_without_rungs_and_the_others_stop_at_their_rung() -> None:
    data = load_data("iris")
    whole = train(data, RECIPES)
    (halved,) = train_on([data], RECIPES, rungs=best_by_loss(4))
    losses = whole.trace["loss/validation"]
    first = np.argsort(losses[:, 2])[:4]
    second = first[np.argsort(losses[first, 5])][:2]
    for i in range(len(RECIPES)):
        if i in second:
            assert halved.statuses[i] == "finished"
            assert_same_bits(whole, i, halved, i)
        else:
            assert halved.statuses[i] == "pruned"
            epochs = 6 if i in first else 3
            assert halved.steps[i] == whole.steps[i] * epochs // 9
            seen = halved.trace["loss/validation"][i]
            np.testing.assert_array_equal(seen[:epochs], losses[i, :epochs])
            assert np.isnan(seen[epochs:]).all()


def test_an_interrupted_run_with_rungs_resumes_to_the_same_bits(tmp_path: Path) -> None:
    data = load_data("iris")
    (expected,) = train_on([data], RECIPES, rungs=best_by_loss(4))
    rungs = best_by_loss(4)

    def killed_at_the_second(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        if rung == 1:
            raise ZeroDivisionError
        return rungs.survivors(rung, seen)

    with pytest.raises(ZeroDivisionError):
        train_on([data], RECIPES, rungs=Rungs(rungs.shares, killed_at_the_second), checkpoints=tmp_path)
    asked: list[list[int]] = []

    def survivors(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        asked.append(sorted(seen))
        assert all(len(one["loss/validation"]) == 3 * (rung + 1) for one in seen.values())
        return rungs.survivors(rung, seen)

    (resumed,) = train_on([data], RECIPES, rungs=Rungs(rungs.shares, survivors), checkpoints=tmp_path)
    assert [len(one) for one in asked] == [5, 4]
    assert resumed.statuses == expected.statuses
    assert resumed.steps == expected.steps
    for i in range(len(RECIPES)):
        assert_same_bits(expected, i, resumed, i)


def final(result: Result) -> np.ndarray:
    return np.asarray(result.params[0]["x"], np.float64)


def test_members_side_by_side_are_regrouped_after_a_rung() -> None:
    recipe = Recipe(optimizer="sgd", learning_rate=0.1, steps=12)
    problem = Quadratic((1.0, 4.0))
    members = [Member(recipe, seed, problem) for seed in range(20)]

    def odd(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        assert all(len(one["loss/value"]) == 4 * (rung + 1) for one in seen.values())
        return [i for i in seen if i % 2 or rung == 1]

    results = train_side_by_side(members, rungs=Rungs((1 / 3, 2 / 3), odd))
    for seed, result in enumerate(results):
        steps = 12 if seed % 2 else 4
        assert result.steps == steps
        assert final(result) == pytest.approx(np.array([0.9**steps, 0.6**steps]) * (1 + seed), rel=1e-5)


def test_past_the_deadline_nothing_is_begun_and_nothing_is_lost() -> None:
    (trained,) = train_on([load_data("iris")], RECIPES[:2], deadline=0.0)
    assert trained.statuses == ("pruned", "pruned")
    assert trained.steps == (0, 0)
    assert not trained.trace.values


def test_diverged_and_stopped_members_are_shown_to_later_rungs_and_keep_their_status() -> None:
    recipes = [BASE.evolve(learning_rate=rate, patience=1) for rate in (1e30, 1e-2)]
    shown: list[dict[int, int]] = []

    def nobody(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
        shown.append({i: len(next(iter(one.values()), ())) for i, one in seen.items()})
        return []

    (trained,) = train_on([load_data("iris")], recipes, rungs=Rungs((0.5, 0.9), nobody))
    assert trained.statuses == ("diverged", "pruned")
    assert set(shown[0]) == {0, 1}
    assert set(shown[1]) == {0}


def test_rules_compiled_ahead_are_not_compiled_again() -> None:
    data, base = load_data("wine"), BASE.evolve(hidden=(9,), epochs=1)
    train_on([data], [base], rules=("sgd", "adam", "momentum"))
    before = len(_executables)
    train_on([data], [base.evolve(optimizer="adam")], rules=("sgd", "adam", "momentum"))
    assert len(_executables) == before
    train_on([data], [base.evolve(optimizer="adam")])
    assert len(_executables) == before + 1


def test_several_datasets_are_one_population_and_each_is_as_if_alone() -> None:
    parts = [load_data("iris", split_seed=seed) for seed in (0, 1)]
    together = train_on(parts, RECIPES[2:4], seeds=(0, 5))
    for data, trained in zip(parts, together, strict=True):
        alone = train(data, RECIPES[2:4], seeds=(0, 5))
        assert trained.dataset is data
        for i in range(4):
            assert_same_bits(alone, i, trained, i)
