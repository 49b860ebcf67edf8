"""A member's bits depend on its recipe, seed and data alone, whoever trains beside it."""

from collections.abc import Sequence

import jax
import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.optim import RULES
from trainwell.training import Recipe, Trained, train

RULE_NAMES = [name for name, spec in RULES.items() if spec.shares_slots]
SMALL = {"hidden": (24,), "epochs": 3, "batch_size": 50}
# Everything that could leak between members, at once: short batches, rows drawn with replacement, dropout, batch norm,
# clipping, early stopping. Each rule has a program of its own in it; where one of them leaks, it does so here.
EVERYTHING = {
    "dropout_rate": 0.1,
    "l2_penalty": 1e-4,
    "batches": "replacement",
    "batch_norm": True,
    "activation": "maxout",
    "patience": 2,
    "clip_norm": 1.0,
}
FULL = {"batch_size": "full", "clip_norm": 1.0}
PLAIN = {"dropout_rate": 0.2}


def bits(trained: Trained, member: int) -> bytes:
    return b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(trained.params[member]))


def of(trained: Trained, recipe: Recipe, seed: int) -> bytes:
    """The bits of the first member with that recipe and seed."""
    return bits(trained, [m.seed == seed and m.recipe == recipe for m in trained.members].index(True))


@pytest.mark.parametrize(
    ("variant", "names"),
    [(EVERYTHING, RULE_NAMES), (FULL, ("sgd", "momentum", "adam")), (PLAIN, ("sgd", "momentum", "adam"))],
    ids=["everything", "full", "plain"],
)
def test_alone_in_7_and_in_100_the_bits_are_the_same(variant: dict[str, object], names: Sequence[str]) -> None:
    digits = load_data("digits")
    recipes = [Recipe(optimizer=name, **{**SMALL, **variant}) for name in names]
    adam = recipes[names.index("adam")]
    rates = np.geomspace(1e-3, 0.1, -(-100 // (4 * len(names))))
    others = [recipe.evolve(learning_rate=rate) for recipe in recipes for rate in rates]
    hundred = train(digits, [*others, *recipes], seeds=(3, 5, 7, 8))
    assert len(hundred) >= 100
    for recipe in recipes if variant == EVERYTHING else [adam]:
        assert bits(train(digits, recipe, seeds=[5]), 0) == of(hundred, recipe, 5), recipe.optimizer
    if variant != EVERYTHING:
        seven = train(digits, [Recipe(optimizer="sgd", **{**SMALL, **variant}), adam], seeds=(1, 2, 5))
        assert of(seven, adam, 5) == of(hundred, adam, 5)


def test_a_diverging_member_is_reported_and_changes_nobody() -> None:
    good = [Recipe(optimizer=name, **SMALL, **PLAIN) for name in ("sgd", "momentum", "adam")]
    bad = Recipe(optimizer="sgd", learning_rate=1e6, **SMALL, **PLAIN)
    without = train(load_data("digits"), good, (0, 1))
    beside = train(load_data("digits"), [good[0], bad, *good[1:]], (0, 1))
    assert beside.statuses == ("finished",) * 2 + ("diverged",) * 2 + ("finished",) * 4
    assert np.isnan(beside.params[2][0]["weights"]).any() or np.isinf(beside.trace.last("loss/validation")[2])
    assert np.isnan(beside.kept("accuracy/validation")[2])
    for a, b in zip((0, 1, 2, 3, 4, 5), (0, 1, 4, 5, 6, 7), strict=True):
        assert bits(without, a) == bits(beside, b)


def test_the_same_call_twice_is_the_same_to_the_bit() -> None:
    recipe = Recipe(**SMALL, dropout_rate=0.1)
    first, second = (train(load_data("digits"), recipe, seeds=(0, 1)) for _ in range(2))
    assert [bits(first, m) for m in (0, 1)] == [bits(second, m) for m in (0, 1)]
    for name, values in first.trace.values.items():
        assert np.array_equal(values, second.trace[name], equal_nan=True)


def test_the_seed_decides_weights_and_order_whatever_the_recipe() -> None:
    """Common random numbers: equal seeds start at the same weights under every rule and learning rate."""
    recipes = [Recipe(optimizer=name, **SMALL, layer_learning_rates=(0.0,) * 2) for name in ("sgd", "adam")]
    trained = train(load_data("digits"), recipes, seeds=(0, 1))
    assert bits(trained, 0) == bits(trained, 2)
    assert bits(trained, 1) == bits(trained, 3)
    assert bits(trained, 0) != bits(trained, 1)
