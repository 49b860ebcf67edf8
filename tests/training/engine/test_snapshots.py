"""Parameters kept on the way: the same as those of training that ends there, and no bit of the result changes."""

import jax
import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.training import Member, Recipe, Rungs, problems_of, train, train_problems

from .quadratic import Quadratic, train_side_by_side


def networks(recipes, seeds=(0,), **how):
    members = [Member(p.training, s, p) for p in problems_of(recipes, load_data("iris"), np.float32) for s in seeds]
    return train_problems(members, **how)


def quadratics(recipes, seeds=(0,), **how):
    problem = Quadratic((1.0, 4.0))
    return train_side_by_side([Member(recipe, seed, problem) for recipe in recipes for seed in seeds], **how)


def equal(a, b):
    return all(np.array_equal(x, y) for x, y in zip(jax.tree.leaves(a), jax.tree.leaves(b), strict=True))


def test_nothing_changes_but_that_they_are_kept():
    recipes = [
        Recipe(hidden=(8,), optimizer="adam", epochs=6, schedule="cosine", dropout_rate=0.2, batch_norm=True),
        Recipe(hidden=(8,), optimizer="momentum", learning_rate=0.3, epochs=40, patience=2),
    ]
    plain, kept = (networks(recipes, (0, 1), snapshots=steps) for steps in ((), (0, 1, 2, 7, 13, 20)))
    assert [len(result.snapshots) for result in plain] == [0] * 4
    for a, b in zip(plain, kept, strict=True):
        assert equal((a.params, a.carry, a.seen), (b.params, b.carry, b.seen))
        assert (a.status, a.steps, a.best_step) == (b.status, b.steps, b.best_step)


def test_each_is_what_training_up_to_there_gives():
    recipe = Recipe(hidden=(8,), optimizer="adam", steps=17, batch_size=16)
    (result,) = networks([recipe], snapshots=(17, 0, 5, 6, 99))
    assert [step for step, _ in result.snapshots] == [0, 5, 6, 17]
    kept = dict(result.snapshots)
    (problem,) = problems_of([recipe], load_data("iris"), np.float32)
    assert equal(kept[0], problem.init(0)[0])
    for steps in (5, 6, 17):
        assert equal(kept[steps], train(load_data("iris"), recipe.evolve(steps=steps)).params[0])


def test_members_side_by_side_have_their_own_until_their_own_end():
    recipes = [Recipe(optimizer="sgd", learning_rate=0.1, steps=n) for n in (4, 12)]
    results = quadratics(recipes, range(5), snapshots={0, 3, 9})
    for i, result in enumerate(results):
        assert [step for step, _ in result.snapshots] == ([0, 3] if i < 5 else [0, 3, 9])
        for step, params in result.snapshots:
            assert params[0]["x"] == pytest.approx(np.array([0.9**step, 0.6**step]) * (1 + i % 5), rel=1e-5)


@pytest.mark.parametrize("trained", [networks, quadratics])
def test_rungs_keep_what_was_kept_before(trained):
    recipe = Recipe(optimizer="sgd", learning_rate=0.1, steps=20, observe_every=5, hidden=(4,))
    rungs = Rungs((0.5,), lambda rung, seen: [0, 2])
    results = trained([recipe], range(4), rungs=rungs, snapshots=(2, 10, 18))
    steps = [[step for step, _ in result.snapshots] for result in results]
    assert steps == [[2, 10, 18], [2, 10], [2, 10, 18], [2, 10]]
    alone = trained([recipe], (0,), snapshots=(18,))[0].snapshots[0][1]
    for a, b in zip(jax.tree.leaves(alone), jax.tree.leaves(dict(results[0].snapshots)[18]), strict=True):
        assert a == pytest.approx(b, rel=1e-6)


def test_who_stops_early_has_none_after():
    recipe = Recipe(hidden=(8,), optimizer="sgd", learning_rate=1e-30, epochs=30, patience=2, batch_size="full")
    (result,) = networks([recipe], snapshots=range(31))
    assert result.steps == 3
    assert [step for step, _ in result.snapshots] == [0, 1, 2, 3]


def test_what_cannot_be_kept_is_refused(tmp_path):
    with pytest.raises(ValueError, match="checkpoints do not store parameters of snapshots"):
        networks([Recipe(epochs=1)], snapshots=(1,), checkpoints=tmp_path)
    with pytest.raises(ValueError, match="snapshots must be updates from 0, got -2"):
        networks([Recipe(epochs=1)], snapshots=(1, -2))
