"""What Newton's two descending forms share: the Hessian's eigenvalues made positive, and a line search."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.flat import flatten
from trainwell.optim.curvature.hessian import hessian
from trainwell.optim.curvature.precision import dot
from trainwell.optim.curvature.product import Loss
from trainwell.optim.protocol import Number, Rule
from trainwell.optim.second_order.line_search import Searched, unsearched, walk

Positive = Callable[[Float[Array, " P"]], Float[Array, " P"]]
"""Eigenvalues in ascending order, to what is divided by in their place; all above 0."""


def newton_descent(learning_rate: Number, positive: Positive) -> Rule:
    """Newton's direction with other eigenvalues, d = −Σ vᵢ (vᵢᵀg)/λ̃ᵢ, followed by a line search from η d on.

    The Hessians are not counted among the evaluations.

    Args:
        learning_rate: η.
        positive: λ -> λ̃.
    """

    def init(params: PyTree) -> Searched:
        return unsearched(ravel_pytree(params)[0])

    def update(
        grads: PyTree,
        state: Searched,
        params: PyTree = None,
        *,
        value: Float[Array, ""],
        value_fn: Loss,
        **extra: Any,
    ) -> tuple[PyTree, Searched]:
        del extra
        flat, (gradient, unflatten) = flatten(value_fn, params), ravel_pytree(grads)
        eigenvalues, vectors = jnp.linalg.eigh(hessian(value_fn, params))
        direction = -dot(vectors, dot(gradient, vectors) / positive(eigenvalues))
        direction = jnp.asarray(learning_rate, gradient.dtype) * direction
        found = walk(flat.loss, flat.point, value, gradient, direction, state)
        return unflatten(found.step), state.after(found)

    return Rule(init, update)
