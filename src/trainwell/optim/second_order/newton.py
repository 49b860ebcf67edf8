"""Newton's method: plain, damped (a multiple of the identity is added to H), and with absolute eigenvalues."""

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.hessian import Loss, dot, flatten, hessian
from trainwell.optim.protocol import Number, Rule, check_numbers
from trainwell.optim.second_order.line_search import LineSearchState, initial_line_search, search_along


def newton(learning_rate: Number = 1.0) -> Rule:
    """Newton's method, plain.

        θ ← θ − η H⁻¹ g

    It minimizes a quadratic in one step; near a minimum each step doubles the number of correct digits. But it is
    attracted by every critical point, also saddles and maxima; `newton_damped` and `newton_saddle_free` always descend.
    It does not move along directions without curvature (H⁻¹ is the pseudo-inverse), such as adding the same number to
    all biases of a softmax.

    Args:
        learning_rate: η, at least 0; 1 is the full Newton step.

    Returns:
        The rule; `update` needs `value_fn`, the loss as a function of the parameters. Each step decomposes a matrix of
        P x P numbers.

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
"""Maps eigenvalues, in ascending order, to the positive numbers that replace them."""


def newton_descent(learning_rate: Number, positive: Positive) -> Rule:
    """Newton's method with modified eigenvalues, d = −η Σ vᵢ (vᵢᵀg)/λ̃ᵢ, with a line search along d.

    Computing the Hessian does not count as an evaluation.

    Args:
        learning_rate: η.
        positive: the map λ -> λ̃.
    """

    def init(params: PyTree) -> LineSearchState:
        return initial_line_search(ravel_pytree(params)[0])

    def update(
        grads: PyTree,
        state: LineSearchState,
        params: PyTree = None,
        *,
        value: Float[Array, ""],
        value_fn: Loss,
        **extra: Any,
    ) -> tuple[PyTree, LineSearchState]:
        del extra
        flat, (gradient, unflatten) = flatten(value_fn, params), ravel_pytree(grads)
        eigenvalues, vectors = jnp.linalg.eigh(hessian(value_fn, params))
        direction = -dot(vectors, dot(gradient, vectors) / positive(eigenvalues))
        direction = jnp.asarray(learning_rate, gradient.dtype) * direction
        found = search_along(flat.loss, flat.point, value, gradient, direction, state)
        return unflatten(found.step), state.after(found)

    return Rule(init, update)


def newton_damped(learning_rate: Number = 1.0, damping: Number = 0.1) -> Rule:
    """Newton's method on H + c·1, with a line search.

        d = −η (H + c·1)⁻¹ g,  c = max(0, μ − λ_min)
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    If the smallest eigenvalue λ_min is at least μ, this is Newton's direction. Otherwise c raises λ_min to μ. As c is
    added to all eigenvalues, a strongly negative λ_min makes the steps along all other directions short, too.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0.

    Returns:
        The rule; `update` needs `value` and `value_fn`. Each step decomposes a matrix of P x P numbers.

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

    Near a saddle, Newton's step leads to the saddle; this step leads away from it along directions of negative
    curvature, scaled by 1/|λᵢ|. Exactly on a saddle the gradient is 0, and this method does not move either.

    Args:
        learning_rate: η, at least 0.
        damping: μ, above 0; smaller absolute eigenvalues are replaced by it.

    Returns:
        The rule; `update` needs `value` and `value_fn`. Each step decomposes a matrix of P x P numbers.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> saddle = lambda p: p[0] ** 2 - p[1] ** 2
        >>> rule, p = newton_saddle_free(), jnp.array([1.0, 0.1])
        >>> updates, _ = rule.update(jnp.array([2.0, -0.2]), rule.init(p), p, value=saddle(p), value_fn=saddle)
        >>> bool(abs(p + updates)[0] < 1e-6), bool(abs(p + updates)[1] > 0.1)
        (True, True)

    Source: Dauphin et al. (2014), "Identifying and attacking the saddle point problem in high-dimensional non-convex
    optimization", algorithm 1 (which works in a Krylov space and searches for the damping).
    """
    check_numbers(learning_rate=learning_rate, damping=damping)

    def positive(eigenvalues: Float[Array, " P"]) -> Float[Array, " P"]:
        return jnp.maximum(jnp.abs(eigenvalues), jnp.asarray(damping, eigenvalues.dtype))

    return newton_descent(learning_rate, positive)
