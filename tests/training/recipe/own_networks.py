"""Networks of a user, for tests here and for a process that loads a saved model: functions of this file alone."""

from collections.abc import Callable
from math import prod
from typing import Any

import jax
import jax.numpy as jnp

from trainwell.training import NETWORKS, register_network


def skip_init(key: Any, *, input_shape: tuple[int, ...], num_outputs: int, units: int = 8) -> Any:
    first, second, third = jax.random.split(key, 3)
    D = prod(input_shape)
    return {
        "1": 0.5 * jax.random.normal(first, (D, units)),
        "2": 0.3 * jax.random.normal(second, (units, units)),
        "3": (0.3 * jax.random.normal(third, (units, num_outputs)), jnp.zeros(num_outputs)),
    }


def skip_apply(params: Any, inputs: Any, *, gain: float = 1.0) -> Any:
    """A skip connection, with a gain."""
    hidden = jnp.tanh(inputs.reshape(len(inputs), -1) @ params["1"])
    hidden = hidden + gain * jnp.tanh(hidden @ params["2"])
    return hidden @ params["3"][0] + params["3"][1]


def normed_init(key: Any, *, input_shape: tuple[int, ...], num_outputs: int) -> Any:
    first, second = jax.random.split(key)
    params = [0.2 * jax.random.normal(first, (prod(input_shape), 8)), 0.5 * jax.random.normal(second, (8, num_outputs))]
    return params, {"mean": jnp.zeros(8), "updates": jnp.zeros((), jnp.int32)}


def normed_apply(
    params: Any, inputs: Any, *, state: Any, key: Any, training: bool, valid: Any, drop: float = 0.2
) -> Any:
    hidden = inputs.reshape(len(inputs), -1) @ params[0]
    if not training:
        return jax.nn.relu(hidden - state["mean"]) @ params[1], state
    mean = (valid @ hidden) / valid.sum()
    state = {"mean": 0.9 * state["mean"] + 0.1 * jax.lax.stop_gradient(mean), "updates": state["updates"] + 1}
    kept = jax.random.bernoulli(key, 1 - drop, hidden.shape)
    return jax.nn.relu(jnp.where(kept, (hidden - mean) / (1 - drop), 0)) @ params[1], state


def conv_init(key: Any, *, input_shape: tuple[int, ...], num_outputs: int) -> Any:
    first, second = jax.random.split(key)
    height, width, channels = input_shape
    return {
        "kernel": 0.3 * jax.random.normal(first, (3, 3, channels, 4)),
        "head": 0.1 * jax.random.normal(second, (height * width * 4, num_outputs)),
    }


def conv_apply(params: Any, inputs: Any) -> Any:
    seen = jax.lax.conv_general_dilated(
        inputs, params["kernel"], (1, 1), "SAME", dimension_numbers=("NHWC", "HWIO", "NHWC")
    )
    return jax.nn.relu(seen).reshape(len(inputs), -1) @ params["head"]


FUNCTIONS: dict[str, tuple[Callable[..., Any], Callable[..., Any]]] = {
    "skip": (skip_init, skip_apply),
    "normed": (normed_init, normed_apply),
    "conv": (conv_init, conv_apply),
}


def register_all() -> None:
    """All of them, under their names here."""
    for name, functions in FUNCTIONS.items():
        bounds = {"skip": {"units": (4, 64), "gain": (0.0, 2.0)}, "normed": {"drop": (0.0, 0.9)}}.get(name)
        register_network(name, *functions, bounds=bounds)


def forget_all() -> None:
    """None but the fully connected one."""
    for name in [name for name in NETWORKS if name != "fully_connected"]:
        del NETWORKS[name]
