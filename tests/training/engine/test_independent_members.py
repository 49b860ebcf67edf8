"""A member's bits depend on its recipe, seed and data alone, whoever trains beside it."""

import jax
import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.optim import RULES
from trainwell.training import Recipe, Trained, train, train_on

RULE_NAMES = [name for name, spec in RULES.items() if spec.shares_slots]
SMALL = {"hidden": (24,), "epochs": 3, "batch_size": 50}
# Everything that could leak between members: short batches, dropout, batch norm, early stopping.
VARIANTS = [
    {"dropout_rate": 0.1, "l2_penalty": 1e-4, "batches": "replacement"},
    {"batch_norm": True, "activation": "maxout", "patience": 2},
    {"batch_size": "full", "clip_norm": 1.0},
]
PLAIN = {"dropout_rate": 0.2}


def trained(recipes: list[Recipe], seeds: tuple[int, ...]) -> Trained:
    """Members in the program of all rules that take batches, which the hundred have, too."""
    rules = [name for name in RULE_NAMES if not RULES[name].full_batch]
    return train_on([load_data("digits")], recipes, seeds, rules=rules)[0]


def bits(trained: Trained, member: int) -> bytes:
    return b"".join(np.asarray(leaf).tobytes() for leaf in jax.tree.leaves(trained.params[member]))


def of(trained: Trained, recipe: Recipe, seed: int) -> bytes:
    """The bits of the first member with that recipe and seed."""
    return bits(trained, [m.seed == seed and m.recipe == recipe for m in trained.members].index(True))


@pytest.mark.parametrize("variant", [*VARIANTS, PLAIN])
def test_alone_in_7_and_in_100_the_bits_are_the_same(variant: dict[str, object]) -> None:
    """Of every rule; of the plain variant, of Adam."""
    digits = load_data("digits")
    recipes = [Recipe(optimizer=name, **{**SMALL, **variant}) for name in RULE_NAMES]
    adam = recipes[RULE_NAMES.index("adam")]
    others = [recipe.evolve(learning_rate=0.1) for recipe in recipes]
    hundred = train([*others, adam.evolve(learning_rate=0.01), *recipes], digits, seeds=(3, 5, 7, 8))
    assert len(hundred) >= 100
    for recipe in [adam] if variant == PLAIN else recipes:
        assert bits(train(recipe, digits, seeds=5), 0) == of(hundred, recipe, 5), recipe.optimizer
    seven = train([Recipe(optimizer="sgd", **{**SMALL, **variant}), adam], digits, seeds=(1, 2, 5))
    assert of(seven, adam, 5) == of(hundred, adam, 5)


def test_a_diverging_member_is_reported_and_changes_nobody() -> None:
    good = [Recipe(optimizer=name, **SMALL, **PLAIN) for name in ("sgd", "momentum", "adam")]
    bad = Recipe(optimizer="sgd", learning_rate=1e6, **SMALL, **PLAIN)
    without = trained(good, (0, 1))
    beside = trained([good[0], bad, *good[1:]], (0, 1))
    assert beside.statuses == ("finished",) * 2 + ("diverged",) * 2 + ("finished",) * 4
    assert np.isnan(beside.params[2][0]["weights"]).any() or np.isinf(beside.trace.last("loss/validation")[2])
    assert np.isnan(beside.kept("accuracy/validation")[2])
    for a, b in zip((0, 1, 2, 3, 4, 5), (0, 1, 4, 5, 6, 7), strict=True):
        assert bits(without, a) == bits(beside, b)


def test_the_same_call_twice_is_the_same_to_the_bit() -> None:
    recipe = Recipe(**SMALL, dropout_rate=0.1)
    first, second = (train(recipe, load_data("digits"), seeds=(0, 1)) for _ in range(2))
    assert [bits(first, m) for m in (0, 1)] == [bits(second, m) for m in (0, 1)]
    for name, values in first.trace.values.items():
        assert np.array_equal(values, second.trace[name], equal_nan=True)


def test_the_seed_decides_weights_and_order_whatever_the_recipe() -> None:
    """Common random numbers: equal seeds start at the same weights under every rule and learning rate."""
    recipes = [Recipe(optimizer=name, **SMALL, layer_learning_rates=(0.0,) * 2) for name in ("sgd", "adam")]
    trained = train(recipes, load_data("digits"), seeds=(0, 1))
    assert bits(trained, 0) == bits(trained, 2)
    assert bits(trained, 1) == bits(trained, 3)
    assert bits(trained, 0) != bits(trained, 1)
