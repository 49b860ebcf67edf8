"""Gradient clipping by norm."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from trainwell.optim.protocol import Number, check_numbers, like


def global_norm(grads: PyTree) -> Float[Array, ""]:
    """The Euclidean norm of all entries of `grads` as one vector.

    The entries are first divided by the largest one, as in float32 squares of numbers above 2e19 overflow, and this is
    where clipping is needed most. If an entry is infinite or NaN, the norm is NaN.

    Args:
        grads: arrays of any shapes, not empty.

    Returns:
        The norm, at least 0.

    Example:
        >>> global_norm({"W": jnp.array([[3.0]]), "b": jnp.array([4.0])}).tolist()
        5.0
    """
    leaves = jax.tree.leaves(grads)
    largest = jnp.max(jnp.stack([jnp.max(jnp.abs(g)) for g in leaves]))
    scale = jnp.where(largest > 0, largest, 1)
    scale = jnp.where(jnp.isnan(largest), largest, scale)  # NaN > 0 is False, so `scale` would be 1 without this line
    return scale * jnp.sqrt(sum((jnp.sum((g / scale) ** 2) for g in leaves), start=jnp.zeros_like(scale)))


def clip_by_norm(grads: PyTree, max_norm: Number) -> PyTree:
    """Scale the gradient down to the norm `max_norm` if it is longer; its direction does not change.

        g ← g · min(1, max_norm/‖g‖)        (‖g‖ over all parameters together)

    A gradient with an infinite entry becomes NaN, so that its network is reported as diverged.

    Args:
        grads: arrays of any shapes, not empty.
        max_norm: the largest allowed norm, above 0.

    Returns:
        Arrays like `grads`.

    Raises:
        RecipeError: `max_norm` is 0 or less.

    Example:
        >>> clip_by_norm(jnp.array([3.0, 4.0]), 2.5).tolist()
        [1.5, 2.0]

    Source: Pascanu, Mikolov & Bengio 2013, Algorithm 1.
    """
    check_numbers(max_norm=max_norm)
    norm = global_norm(grads)
    limit = like(max_norm, norm)
    factor = jnp.where(norm <= limit, 1, limit / jnp.where(norm == 0, 1, norm))
    return jax.tree.map(lambda g: g * factor.astype(jnp.result_type(g)), grads)
