"""Newton's method: the whole way to where the parabola at hand is flat."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import PyTree

from trainwell.optim.bounds import check_numbers
from trainwell.optim.curvature.hessian import hessian
from trainwell.optim.curvature.precision import dot
from trainwell.optim.curvature.product import Loss
from trainwell.optim.protocol import Number, Rule


def newton(learning_rate: Number = 1.0) -> Rule:
    """Newton's method, plain.

        θ ← θ − η H⁻¹ g

    It solves a quadratic in one step, and near a minimum doubles the right digits with each. It goes to wherever the
    gradient is 0: to a saddle or a maximum as gladly as to a minimum; `newton_damped` and `newton_saddle_free` go down.
    Along directions without curvature it does not move (H⁻¹ is the pseudo-inverse): a softmax has one, its biases
    raised together.

    Args:
        learning_rate: η, at least 0; 1 is Newton's own step.

    Returns:
        The rule; `update` needs `value_fn`, the loss as a function of the parameters. A matrix of P x P numbers is
        decomposed at each step.

    Raises:
        RecipeError: the learning rate is out of range.

    Example:
        >>> bowl = lambda p: p[0] ** 2 / 20 + p[1] ** 2
        >>> rule, p = newton(), jnp.array([-7.0, 2.0])
        >>> ends = p + rule.update(jnp.array([-0.7, 4.0]), rule.init(p), p, value_fn=bowl)[0]
        >>> bool(abs(ends).max() < 1e-5)
        True

    Source: T-2ND-2.
    """
    check_numbers(learning_rate=learning_rate)

    def update(
        grads: PyTree, state: tuple[()], params: PyTree = None, *, value_fn: Loss, **extra: Any
    ) -> tuple[PyTree, tuple[()]]:
        del extra
        gradient, unflatten = ravel_pytree(grads)
        eigenvalues, vectors = jnp.linalg.eigh(hessian(value_fn, params))
        sizes = jnp.abs(eigenvalues)
        curved = sizes > len(sizes) * np.finfo(sizes.dtype).eps * jnp.max(sizes)
        slopes = jnp.where(curved, dot(gradient, vectors) / jnp.where(curved, eigenvalues, 1), 0)
        return unflatten(-jnp.asarray(learning_rate, slopes.dtype) * dot(vectors, slopes)), state

    return Rule(lambda params: (), update)
