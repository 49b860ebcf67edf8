"""The few lines of arithmetic that the update rules share; each result has its parameter's dtype."""

from typing import Any

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int, PyTree

from trainwell.optim.protocol import Number

_LAST_COUNT = 2**31 - 1


def zeros_like(params: PyTree) -> PyTree:
    """Zeros in the shapes and dtypes of `params`."""
    return jax.tree.map(lambda p: jnp.zeros(jnp.shape(p), jnp.result_type(p)), params)


def zero_count() -> Int[Array, ""]:
    """The step count before the first step."""
    return jnp.zeros((), jnp.int32)


def advance(count: Int[Array, ""]) -> Int[Array, ""]:
    """The next step count; stays at int32's largest value instead of wrapping to a negative one."""
    return jnp.where(count < _LAST_COUNT, count + 1, count)


def like(number: Number, leaf: Any) -> Float[Array, ""]:
    """`number` in the dtype of `leaf`, so that a float64 scalar never widens float32 parameters."""
    return jnp.asarray(number, jnp.result_type(leaf))


def moving_average(decay: Number, average: PyTree, new: PyTree) -> PyTree:
    """`decay · average + (1 − decay) · new` for every leaf."""

    def blend(a: Float[Array, "..."], x: Float[Array, "..."]) -> Float[Array, "..."]:
        d = like(decay, a)
        return d * a + (1 - d) * x

    return jax.tree.map(blend, average, new)


def square(grads: PyTree) -> PyTree:
    """`g ⊙ g` for every leaf."""
    return jax.tree.map(lambda g: g * g, grads)


def correction(beta: Number, count: Int[Array, ""], leaf: Any) -> Float[Array, ""]:
    """`1 − beta^t` in the dtype of `leaf`: how much too small a moving average started at 0 is at step t.

    `-expm1(t log beta)`: in float32, `1 - beta**t` loses half its digits while `beta^t` is close to 1.
    """
    b = like(beta, leaf)
    return -jnp.expm1(count.astype(b.dtype) * jnp.log(b))
