"""L-BFGS: BFGS that remembers the last differences in place of a matrix."""

from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim.bounds import check_numbers
from trainwell.optim.curvature.flat import flatten
from trainwell.optim.curvature.precision import dot
from trainwell.optim.curvature.product import Loss
from trainwell.optim.protocol import Number, Rule
from trainwell.optim.second_order.bfgs import curves_up
from trainwell.optim.second_order.line_search import Searched, Vector, steepest, unsearched, walk


class LBFGSState(NamedTuple):
    """What L-BFGS carries."""

    searched: Searched
    steps: Float[Array, "m P"]
    changes: Float[Array, "m P"]
    """Of the last steps s and the gradient's changes y, the newest last; 0 where there is none."""
    point: Float[Array, " P"]
    gradient: Float[Array, " P"]
    """Both of the step before."""


def lbfgs(learning_rate: Number = 1.0, memory: int = 10) -> Rule:
    """Limited-memory BFGS, with a line search.

        d = −η B g, B from the last m pairs (s, y), by the two-loop recursion from yᵀs/yᵀy times the identity on
        θ ← θ + α d        (α by the strong Wolfe conditions, 1 first)

    A step costs 4 m P operations beside the evaluations of the loss. It is for the gradient of the whole loss:
    differences between gradients of different mini-batches are no curvature.

    Args:
        learning_rate: η, at least 0.
        memory: m, at least 1; a Python number, since the state's shape follows from it.

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
        return LBFGSState(unsearched(x), none, none, zero, zero)

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
        learns = (state.searched.count > 0) & curves_up(s, y)
        S, Y = (
            jnp.where(learns, jnp.concatenate([kept[1:], new[None]]), kept)
            for kept, new in ((state.steps, s), (state.changes, y))
        )
        direction = jnp.where((Y[-1] != 0).any(), -_product(S, Y, g), steepest(g))
        direction = jnp.asarray(learning_rate, g.dtype) * direction
        found = walk(flat.loss, flat.point, value, g, direction, state.searched)
        return unflatten(found.step), LBFGSState(state.searched.after(found), S, Y, flat.point, g)

    return Rule(init, update)


def _product(S: Float[Array, "m P"], Y: Float[Array, "m P"], g: Vector) -> Vector:
    """B g by the two-loop recursion; pairs of zeros change nothing."""
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
