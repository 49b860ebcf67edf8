"""Hessian-vector products: what every other measure of curvature is made of."""

from collections.abc import Callable
from typing import TypeAlias

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

Loss: TypeAlias = Callable[[PyTree], Float[Array, ""]]
"""f(θ): a pure, twice differentiable function of a pytree of float arrays."""


def hessian_product(f: Loss, params: PyTree, v: PyTree) -> PyTree:
    """The Hessian of f at θ times v, for the price of a few gradients and without the matrix.

        H v = d/dr ∇f(θ + r v) at r = 0        (forward mode over reverse mode)

    Where f has kinks (ReLU), this is the Hessian of the piece that θ lies on. Matrix products run in full float32
    also where the device's default has fewer digits (TensorFloat-32 keeps three).

    Args:
        f: the loss.
        params: θ.
        v: a direction, in the structure and shapes of `params`; it is cast to their dtypes.

    Returns:
        H v, like `params`.

    Raises:
        ValueError: structures or shapes differ.
        TypeError: f is not a scalar.

    Example:
        >>> f = lambda p: p["x"] ** 2 * p["y"]
        >>> Hv = hessian_product(f, {"x": 3.0, "y": 5.0}, {"x": 1.0, "y": 2.0})
        >>> Hv["x"].tolist(), Hv["y"].tolist()  # H = [[2y, 2x], [2x, 0]]
        (22.0, 6.0)

    Source: Pearlmutter (1994), "Fast exact multiplication by the Hessian", section 2.
    """
    params = jax.tree.map(jnp.asarray, params)
    v = jax.tree.map(lambda p, t: jnp.asarray(t, p.dtype), params, v)
    with jax.default_matmul_precision("highest"):
        Hv: PyTree = jax.jvp(jax.grad(f), (params,), (v,))[1]
    return Hv
