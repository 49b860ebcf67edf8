"""BFGS approximates the inverse Hessian from differences of gradients; L-BFGS uses only the last of them."""

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.hessian import Loss, dot, flatten
from trainwell.optim.protocol import Number, Rule, check_numbers
from trainwell.optim.second_order.line_search import (
    LineSearchState,
    Vector,
    gradient_step,
    initial_line_search,
    search_along,
)


class BFGSState(NamedTuple):
    """State of BFGS."""

    line_search: LineSearchState
    inverse: Float[Array, "P P"]
    """B, the approximation of H⁻¹; 0 before the first update."""
    point: Float[Array, " P"]
    """Parameters before the last step."""
    gradient: Float[Array, " P"]
    """Gradient at `point`."""


def bfgs(learning_rate: Number = 1.0) -> Rule:
    """The method of Broyden, Fletcher, Goldfarb and Shanno, with a line search.

        s = θ − θ', y = g − g'        (θ', g': before the last step)
        B ← (1 − s yᵀ/yᵀs) B (1 − y sᵀ/yᵀs) + s sᵀ/yᵀs
        θ ← θ + α d,  d = −η B g        (α by the strong Wolfe conditions, 1 first)

    No Hessian is formed or inverted. The first step is along the negative gradient, where first a length of at most 1
    is tried; the first B is yᵀs/yᵀy times the identity. Use it with the full-batch gradient only: differences between
    gradients of different mini-batches do not measure curvature.

    Args:
        learning_rate: η, at least 0.

    Returns:
        The rule; `update` needs `value` and `value_fn`. A matrix of P x P numbers is kept.

    Raises:
        RecipeError: the learning rate is out of range.

    Example:
        >>> bowl = lambda p: p[0] ** 2 / 20 + p[1] ** 2
        >>> rule, p = bfgs(), jnp.array([-7.0, 2.0])
        >>> state = rule.init(p)
        >>> for _ in range(8):
        ...     g = jnp.array([p[0] / 10, 2 * p[1]])
        ...     updates, state = rule.update(g, state, p, value=bowl(p), value_fn=bowl)
        ...     p = p + updates
        >>> bool(abs(p).max() < 1e-3)
        True

    Source: T-2ND-3; Nocedal & Wright (2006), "Numerical Optimization", algorithm 6.1 and equation 6.20.
    """
    check_numbers(learning_rate=learning_rate)

    def init(params: PyTree) -> BFGSState:
        x, _ = ravel_pytree(params)
        zero = jnp.zeros_like(x)
        return BFGSState(initial_line_search(x), jnp.outer(zero, zero), zero, zero)

    def update(
        grads: PyTree,
        state: BFGSState,
        params: PyTree = None,
        *,
        value: Float[Array, ""],
        value_fn: Loss,
        **extra: Any,
    ) -> tuple[PyTree, BFGSState]:
        del extra
        flat, (g, unflatten) = flatten(value_fn, params), ravel_pytree(grads)
        s, y = flat.point - state.point, g - state.gradient
        B = jnp.where(state.line_search.count == 0, 0, _learned(state.inverse, s, y))
        direction = jnp.where((B == 0).all(), gradient_step(g), -dot(B, g))
        direction = jnp.asarray(learning_rate, g.dtype) * direction
        found = search_along(flat.loss, flat.point, value, g, direction, state.line_search)
        return unflatten(found.step), BFGSState(state.line_search.after(found), B, flat.point, g)

    return Rule(init, update)


def curves_up(s: Vector, y: Vector) -> Any:
    """Whether sᵀy > 0 beyond rounding errors: positive curvature along the step s with gradient change y."""
    return dot(s, y) > np.finfo(y.dtype).eps * dot(y, y)


def _learned(B: Float[Array, "P P"], s: Vector, y: Vector) -> Float[Array, "P P"]:
    """B updated with one more pair (s, y); unchanged if the curvature along s is not positive."""
    sy, yy = dot(s, y), dot(y, y)
    usable = curves_up(s, y)
    sy, yy = jnp.where(usable, sy, 1), jnp.where(usable, yy, 1)
    known = jnp.where((B == 0).all(), jnp.eye(len(s), dtype=B.dtype) * (sy / yy), B)
    By = dot(known, y)
    crossed = jnp.outer(By, s)
    learned = known + jnp.outer(s, s) * ((1 + dot(y, By) / sy) / sy) - (crossed + crossed.T) / sy
    return jnp.where(usable, learned, B)


class LBFGSState(NamedTuple):
    """State of L-BFGS."""

    line_search: LineSearchState
    steps: Float[Array, "m P"]
    changes: Float[Array, "m P"]
    """Changes y of the gradient; like the steps s, the last m, the newest one last, 0 if there are fewer."""
    point: Float[Array, " P"]
    gradient: Float[Array, " P"]
    """Both of the step before."""


def lbfgs(learning_rate: Number = 1.0, memory: int = 10) -> Rule:
    """Limited-memory BFGS, with a line search.

        d = −η B g, B from the last m pairs (s, y), by the two-loop recursion from yᵀs/yᵀy times the identity on
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    A step costs 4 m P operations in addition to the evaluations of the loss. Use it with the full-batch gradient only:
    differences between gradients of different mini-batches do not measure curvature.

    Args:
        learning_rate: η, at least 0.
        memory: m, at least 1; a Python number, as the shape of the state depends on it.

    Returns:
        The rule; `update` needs `value` and `value_fn`. It keeps 2 m + 2 vectors of P numbers.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> bowl = lambda p: p[0] ** 2 / 20 + p[1] ** 2
        >>> rule, p = lbfgs(memory=3), jnp.array([-7.0, 2.0])
        >>> state = rule.init(p)
        >>> for _ in range(8):
        ...     g = jnp.array([p[0] / 10, 2 * p[1]])
        ...     updates, state = rule.update(g, state, p, value=bowl(p), value_fn=bowl)
        ...     p = p + updates
        >>> bool(abs(p).max() < 1e-3)
        True

    Source: T-2ND-4; Nocedal & Wright (2006), "Numerical Optimization", algorithms 7.4 and 7.5.
    """
    check_numbers(learning_rate=learning_rate, memory=memory)

    def init(params: PyTree) -> LBFGSState:
        x, _ = ravel_pytree(params)
        none, zero = jnp.zeros((memory, x.size), x.dtype), jnp.zeros_like(x)
        return LBFGSState(initial_line_search(x), none, none, zero, zero)

    def update(
        grads: PyTree,
        state: LBFGSState,
        params: PyTree = None,
        *,
        value: Float[Array, ""],
        value_fn: Loss,
        **extra: Any,
    ) -> tuple[PyTree, LBFGSState]:
        del extra
        flat, (g, unflatten) = flatten(value_fn, params), ravel_pytree(grads)
        s, y = flat.point - state.point, g - state.gradient
        learns = (state.line_search.count > 0) & curves_up(s, y)
        S, Y = (
            jnp.where(learns, jnp.concatenate([kept[1:], new[None]]), kept)
            for kept, new in ((state.steps, s), (state.changes, y))
        )
        direction = jnp.where((Y[-1] != 0).any(), -_product(S, Y, g), gradient_step(g))
        direction = jnp.asarray(learning_rate, g.dtype) * direction
        found = search_along(flat.loss, flat.point, value, g, direction, state.line_search)
        return unflatten(found.step), LBFGSState(state.line_search.after(found), S, Y, flat.point, g)

    return Rule(init, update)


def _product(S: Float[Array, "m P"], Y: Float[Array, "m P"], g: Vector) -> Vector:
    """B g by the two-loop recursion; pairs that are still zero have no effect."""
    sy = jnp.sum(S * Y, -1)
    rho = jnp.where(sy > 0, 1 / jnp.where(sy > 0, sy, 1), 0)

    def back(q: Vector, pair: tuple[Array, ...]) -> tuple[Vector, Array]:
        s, y, r = pair
        a = r * dot(s, q)
        return q - a * y, a

    def forth(q: Vector, pair: tuple[Array, ...]) -> tuple[Vector, None]:
        s, y, r, a = pair
        return q + s * (a - r * dot(y, q)), None

    q, a = lax.scan(back, g, (S, Y, rho), reverse=True)
    yy = dot(Y[-1], Y[-1])
    q = q * jnp.where(yy > 0, sy[-1] / jnp.where(yy > 0, yy, 1), 1)
    return lax.scan(forth, q, (S, Y, rho, a))[0]
