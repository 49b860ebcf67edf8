"""Packing small parameter arrays into one vector."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
import pytest

from trainwell import Recipe, load_data, train
from trainwell.training.engine import packing
from trainwell.training.engine.packing import SMALL, Packing

TREE = [{"biases": np.arange(3, dtype=np.float32), "weights": np.arange(6, dtype=np.float32).reshape(3, 2)}, {}]


def test_small_arrays_of_the_dtype_are_one_vector() -> None:
    large, counts = np.zeros(SMALL + 1, np.float32), np.arange(2, dtype=np.int32)
    tree = [*TREE, {"counts": counts, "large": large, "scale": np.full((), 7, np.float32)}]
    packed = Packing.of(tree, np.float32).pack(tree)
    vector, *others = packed
    assert vector.tolist() == [0, 1, 2, 0, 1, 2, 3, 4, 5, 7]
    assert others[0] is counts
    assert others[1] is large


@pytest.mark.parametrize("convert", [np.asarray, jnp.asarray])
def test_unpacking_gives_the_tree_back(convert: Callable[[Any], Any]) -> None:
    pack = Packing.of(TREE, np.float32)
    again = pack.unpack([convert(array) for array in pack.pack(TREE)])
    assert [sorted(layer) for layer in again] == [["biases", "weights"], []]
    for name, array in TREE[0].items():
        np.testing.assert_array_equal(again[0][name], array)


def test_one_small_array_stays_as_it_is() -> None:
    tree = {"x": np.zeros(4, np.float32)}
    assert Packing.of(tree, np.float32).pack(tree) is tree


@pytest.mark.parametrize("optimizer", ["sgd", "nesterov", "adam", "adamw", "rmsprop", "adagrad"])
def test_packing_changes_no_bit(optimizer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load_data("iris")
    recipe = Recipe(hidden=(5, 4), epochs=2, batch_norm=True, optimizer=optimizer, l2_penalty=1e-3, restore_best=True)
    packed = train(data, recipe, seeds=(0,))
    monkeypatch.setattr(packing, "SMALL", 0)
    monkeypatch.setattr("trainwell.training.engine.population._executables", {})
    apart = train(data, recipe, seeds=(0,))
    for ours, theirs in zip(packed.params[0], apart.params[0], strict=True):
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])
    for name, values in apart.trace.values.items():
        np.testing.assert_array_equal(packed.trace.values[name], values)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_a_packed_rule_alone_has_the_bits_it_has_beside_others(optimizer: str) -> None:
    data, recipe = (
        load_data("iris"),
        Recipe(hidden=(6,), epochs=3, batch_size=30, optimizer=optimizer, dropout_rate=0.1),
    )
    alone = train(data, recipe, seeds=(0,))
    beside = train(data, [recipe, recipe.evolve(optimizer="rmsprop")], seeds=(0,))
    for ours, theirs in zip(alone.params[0], beside.params[0], strict=True):
        for name in theirs:
            np.testing.assert_array_equal(ours[name], theirs[name])
