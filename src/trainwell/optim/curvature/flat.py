"""A loss of a pytree as a loss of one vector, which is what matrices and Krylov spaces are made of."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.product import Loss, hessian_product


class Flat(NamedTuple):
    """A loss at one point, in one vector of coordinates."""

    loss: Callable[[Float[Array, " P"]], Float[Array, ""]]
    point: Float[Array, " P"]
    unflatten: Callable[[Float[Array, " P"]], PyTree]
    """A vector back to the structure, shapes and dtypes of the parameters."""

    def product(self, v: Float[Array, " P"]) -> Float[Array, " P"]:
        """The Hessian at the point times `v`."""
        Hv: Float[Array, " P"] = hessian_product(self.loss, self.point, v)
        return Hv


def flatten(f: Loss, params: PyTree) -> Flat:
    """Put f and θ in one vector: the leaves in `jax.tree.leaves`' order, each row by row.

    Args:
        f: the loss.
        params: θ; leaves of different float types meet in the widest.

    Returns:
        The loss of a vector, θ as a vector, and the way back.

    Raises:
        ValueError: there are no parameters, or some are not real floating-point numbers.

    Example:
        >>> flat = flatten(lambda p: p["a"] * p["b"].sum(), {"a": 2.0, "b": jnp.array([3.0, 4.0])})
        >>> flat.point.tolist(), flat.loss(flat.point).tolist()
        ([2.0, 3.0, 4.0], 14.0)
    """
    dtypes = [jnp.result_type(leaf) for leaf in jax.tree.leaves(params)]
    if not all(jnp.issubdtype(dtype, jnp.floating) for dtype in dtypes):
        raise ValueError(f"params must be floating-point numbers, got {', '.join(sorted(map(str, set(dtypes))))}")
    point, unflatten = ravel_pytree(params)
    if point.size == 0:
        raise ValueError("params must hold at least one number")
    return Flat(lambda x: f(unflatten(x)), point, unflatten)
