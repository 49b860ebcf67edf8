"""Networks written with other libraries, as members beside ours: Equinox and Flax NNX."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.data import load_data
from trainwell.models import Model, load_model, save_model
from trainwell.training import NETWORKS, Recipe, register_network, train


def equinox_network() -> tuple[Any, Any]:
    """An MLP of Equinox: its arrays are the parameters, the rest is known from its structure."""
    eqx = require("equinox")

    def make(key: Any, input_shape: tuple[int, ...], num_outputs: int) -> Any:
        return eqx.nn.MLP(input_shape[0], num_outputs, width_size=8, depth=1, key=key)

    def init(key: Any, *, input_shape: tuple[int, ...], num_outputs: int) -> Any:
        return eqx.filter(make(key, input_shape, num_outputs), eqx.is_array)

    def apply(params: Any, inputs: Any, *, input_shape: tuple[int, ...], num_outputs: int) -> Any:
        structure = eqx.filter_eval_shape(
            partial(make, input_shape=input_shape, num_outputs=num_outputs), jax.random.key(0)
        )
        _, rest = eqx.partition(structure, lambda leaf: isinstance(leaf, jax.ShapeDtypeStruct))
        return jax.vmap(eqx.combine(params, rest))(inputs)

    return init, apply


def flax_network() -> tuple[Any, Any]:
    """A network of Flax NNX with batch norm and dropout: parameters apart from the state."""
    nnx = require("flax.nnx")

    class Mlp(nnx.Module):
        def __init__(self, inputs: int, outputs: int, rngs: Any) -> None:
            self.first = nnx.Linear(inputs, 8, rngs=rngs)
            self.norm = nnx.BatchNorm(8, momentum=0.5, rngs=rngs)
            self.dropout = nnx.Dropout(0.2)
            self.last = nnx.Linear(8, outputs, rngs=rngs)

        def __call__(self, x: Any, key: Any, training: bool, valid: Any) -> Any:
            x = self.norm(self.first(x), use_running_average=not training, mask=(valid > 0)[:, None])
            return self.last(self.dropout(nnx.relu(x), deterministic=not training, rngs=key))

    def make(key: Any, input_shape: tuple[int, ...], num_outputs: int) -> Any:
        return Mlp(input_shape[0], num_outputs, rngs=nnx.Rngs(params=key))

    def init(key: Any, *, input_shape: tuple[int, ...], num_outputs: int) -> Any:
        _, params, state = nnx.split(make(key, input_shape, num_outputs), nnx.Param, ...)
        return nnx.to_pure_dict(params), nnx.to_pure_dict(state)

    def apply(
        params: Any,
        inputs: Any,
        *,
        state: Any,
        key: Any,
        training: bool,
        valid: Any,
        input_shape: tuple[int, ...],
        num_outputs: int,
    ) -> Any:
        model = nnx.eval_shape(lambda: make(jax.random.key(0), input_shape, num_outputs))
        graph, shapes, others = nnx.split(model, nnx.Param, ...)
        nnx.replace_by_pure_dict(shapes, params)
        nnx.replace_by_pure_dict(others, state)
        model = nnx.merge(graph, shapes, others)
        outputs = model(inputs, key, training, valid)
        return outputs, nnx.to_pure_dict(nnx.split(model, nnx.Param, ...)[2])

    return init, apply


@pytest.fixture(params=["equinox", "flax"])
def network(request: pytest.FixtureRequest) -> Iterator[str]:
    register_network(request.param, *{"equinox": equinox_network, "flax": flax_network}[request.param]())
    yield request.param
    del NETWORKS[request.param]


def test_it_trains_learns_and_is_saved(network, tmp_path):
    data = load_data("iris")
    recipes = [Recipe(network=network, learning_rate=0.05, batch_size=32, epochs=20), Recipe(hidden=(8,), epochs=1)]
    trained = train(data, recipes, seeds=(0, 1))
    assert (trained.kept("accuracy/validation")[:2] > 0.8).all()
    model = Model.of(trained, [0])
    loaded = load_model(save_model(model, tmp_path / "model"))
    inputs = data.validation.inputs
    np.testing.assert_array_equal(loaded.outputs(inputs), model.outputs(inputs))
    alone = train(data, recipes[0], seeds=[1])
    for one, other in zip(jax.tree.leaves(alone.params[0]), jax.tree.leaves(trained.params[1]), strict=True):
        np.testing.assert_array_equal(jnp.asarray(one), jnp.asarray(other))
