"""Newton's method: plain, with the diagonal raised, and with absolute eigenvalues."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.hessian import Loss, dot, flatten, hessian
from trainwell.optim.protocol import Number, Rule, check_numbers
from trainwell.optim.second_order.line_search import Searched, unsearched, walk


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


def newton_damped(learning_rate: Number = 1.0, damping: Number = 0.1) -> Rule:
    """Newton's method on H + c·1, with a line search.

        d = −η (H + c·1)⁻¹ g,  c = max(0, μ − λ_min)
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    Where the smallest eigenvalue is at least μ, this is Newton's own direction. Elsewhere c is what lifts it to μ:
    all directions are bent alike, so that a strong negative curvature makes the steps along the others short.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0.

    Returns:
        The rule; `update` needs `value` and `value_fn`. A matrix of P x P numbers is decomposed at each step.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> hill = lambda x: jnp.cos(x)  # at 1 its curvature is negative; its minimum is at π
        >>> rule, x = newton_damped(), jnp.array(1.0)
        >>> for _ in range(6):
        ...     updates, _ = rule.update(-jnp.sin(x), rule.init(x), x, value=hill(x), value_fn=hill)
        ...     x = x + updates
        >>> round(float(jnp.cos(x)), 5)
        -1.0

    Source: T-2ND-2; Nocedal & Wright (2006), "Numerical Optimization", section 3.4.
    """
    check_numbers(learning_rate=learning_rate, damping=damping)

    def positive(eigenvalues: Float[Array, " P"]) -> Float[Array, " P"]:
        return eigenvalues + jnp.maximum(0, jnp.asarray(damping, eigenvalues.dtype) - eigenvalues[0])

    return newton_descent(learning_rate, positive)


def newton_saddle_free(learning_rate: Number = 1.0, damping: Number = 0.1) -> Rule:
    """Newton's method with absolute eigenvalues, and a line search.

        d = −η |H|⁻¹ g,  |H| = Σ max(|λᵢ|, μ) vᵢ vᵢᵀ
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    Near a saddle, Newton's step goes to it; this one leaves it along the directions that curve down, each by its own
    measure. Exactly on a saddle the gradient is 0, and it stays like every method that sees gradients alone.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0: curvature below which a direction counts as flat.

    Returns:
        The rule; `update` needs `value` and `value_fn`. A matrix of P x P numbers is decomposed at each step.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> saddle = lambda p: p[0] ** 2 - p[1] ** 2
        >>> rule, p = newton_saddle_free(), jnp.array([1.0, 0.1])
        >>> updates, _ = rule.update(jnp.array([2.0, -0.2]), rule.init(p), p, value=saddle(p), value_fn=saddle)
        >>> bool(abs(p + updates)[0] < 1e-6), bool(abs(p + updates)[1] > 0.1)
        (True, True)

    Source: Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional non-convex
    optimization", algorithm 1 (there in a Krylov space, and with a damping that is searched for).
    """
    check_numbers(learning_rate=learning_rate, damping=damping)

    def positive(eigenvalues: Float[Array, " P"]) -> Float[Array, " P"]:
        return jnp.maximum(jnp.abs(eigenvalues), jnp.asarray(damping, eigenvalues.dtype))

    return newton_descent(learning_rate, positive)
