"""Searches for zeros of a surface's gradient: the Levenberg-Marquardt method on ½‖∇f‖², from many starts at once."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, Int

from trainwell.landscape.surfaces.surface import Formula, Numbers, Surface

RUNNING, ENDED, LEFT, NOT_FINITE = range(4)
"""Status of a search: still running; ended, as its steps no longer help; left the domain's surroundings; derivatives
are not finite at its start."""
FIRST_DAMPING = 0.1
"""First damping, as a share of the squared curvature: first steps are short, so that a search ends near its start."""
LEAST_DAMPING = 1e-28
RESOLUTION = 1e-14
"""A search ends when its step is shorter than this share of the domain's side."""
IMPROVEMENT = 1e-6
"""A search ends when its step is predicted to reduce ‖∇f‖² by less than this share."""
ROUND = 10
"""Steps per program call; ended searches are removed between calls."""
FEW, MANY = 8, 1024
"""Numbers of searches per program call."""
NUMBERS_AT_ONCE = 1 << 20
"""Largest number of Hessian entries per program call."""
CHEAP = 1 << 14
"""With up to this number of Hessian entries no second program for `FEW` searches is compiled."""


class Search(NamedTuple):
    """One search, or several with a leading axis."""

    x: Float[Array, " D"]
    gradient: Float[Array, " D"]
    hessian: Float[Array, "D D"]
    damping: Float[Array, ""]
    """μ."""
    growth: Float[Array, ""]
    """ν: factor of μ if the next step is rejected."""
    status: Int[Array, ""]


class Ground(NamedTuple):
    """Limits of searches on a surface."""

    low: Float[Array, " D"]
    """Lower limit of a search: the domain extended by half of its side."""
    high: Float[Array, " D"]
    """Upper limit of a search."""
    side: Float[Array, ""]
    """The domain's longest side."""


def begin(surface: Surface, starts: Float[np.ndarray, "S D"]) -> Search:
    """Searches at their starts, before the first step."""
    with jax.enable_x64(True):
        numbers = _numbers(surface)
        return _in_parts(partial(_begin, surface.formula, numbers), np.asarray(starts, np.float64), len(starts))


def search(surface: Surface, begun: Search, steps: int) -> Search:
    """Search for zeros of the gradient, always in float64.

        p = −(H² + μI)⁻¹ H ∇f = −Re (H + i√μ I)⁻¹ ∇f

    The second form avoids H², which is ill-conditioned. Saddles and maxima are found like minima. A step is accepted if
    it reduces ‖∇f‖; μ is adapted to how well the linear model predicts the reduction. A search can also end at a
    minimum of ‖∇f‖ above 0, so the caller must check the result.

    Args:
        surface: the surface.
        begun: searches from `begin`.
        steps: largest number of steps of each search.

    Returns:
        The searches at their ends; some may still be running.

    Source: Madsen, Nielsen & Tingleff (2004), "Methods for non-linear least squares problems", Algorithm 3.16.
    """
    found = Search(*(part.copy() for part in begun))
    low, high = surface.domain.T
    ends = 1.5 * low - 0.5 * high, 1.5 * high - 0.5 * low, (high - low).max()
    with jax.enable_x64(True):
        numbers, ground = _numbers(surface), Ground(*(jnp.asarray(end) for end in ends))
        for taken in range(0, steps, ROUND):
            running = np.flatnonzero(found.status == RUNNING)
            if not len(running):
                break
            budget = jnp.asarray(min(ROUND, steps - taken))
            still = Search(*(part[running] for part in found))
            advance = partial(_advance, surface.formula, numbers, ground, budget)
            moved = _in_parts(advance, still, len(found.x))
            for part, new in zip(found, moved, strict=True):
                part[running] = new
    return found


def _numbers(surface: Surface) -> Numbers:
    return {name: jnp.asarray(value, jnp.float64) for name, value in surface.numbers.items()}


def _in_parts(compiled: Callable[[Any], Search], given: Any, most: int) -> Search:
    """Apply a program to parts of the searches; each part is padded with copies to one of two sizes."""
    S, D = jax.tree.leaves(given)[0].shape
    many = max(FEW, min(1 << (most - 1).bit_length(), MANY, NUMBERS_AT_ONCE // D**2))
    size = FEW if S <= FEW and many * D**2 > CHEAP else many
    parts = []
    for first in range(0, S, size):
        rows = np.minimum(np.arange(first, first + size), S - 1)
        part = jax.tree.map(lambda leaf, rows=rows: leaf[rows], given)
        parts.append(jax.tree.map(np.asarray, compiled(part)))
    return Search(*(part[:S] for part in joined(*parts)))


def joined(*parts: Search) -> Search:
    """Concatenate searches."""
    together: Search = jax.tree.map(lambda *same: np.concatenate(same), *parts)
    return together


@partial(jax.jit, static_argnums=0)
def _begin(formula: Formula, numbers: Numbers, starts: Float[Array, "S D"]) -> Search:
    def one(x: Float[Array, " D"]) -> Search:
        gradient, hessian = _derivatives(formula, x, numbers)
        finite = jnp.isfinite(gradient).all() & jnp.isfinite(hessian).all()
        size = jnp.max(jnp.sum(hessian**2, 0))
        damping = jnp.where(size > 0, FIRST_DAMPING * size, 1.0)
        status = jnp.where(finite, RUNNING, NOT_FINITE)
        return Search(x, gradient, hessian, damping, jnp.full_like(damping, 2.0), status)

    return jax.vmap(one)(starts)


@partial(jax.jit, static_argnums=0)
def _advance(formula: Formula, numbers: Numbers, ground: Ground, steps: Int[Array, ""], searches: Search) -> Search:
    def more(carried: tuple[Search, Array]) -> Array:
        return (carried[1] < steps) & jnp.any(carried[0].status == RUNNING)

    def step(carried: tuple[Search, Array]) -> tuple[Search, Array]:
        moved = jax.vmap(lambda search: _step(formula, search, numbers, ground))(carried[0])
        return moved, carried[1] + 1

    ended, _ = lax.while_loop(more, step, (searches, jnp.zeros_like(steps)))
    return ended


def _step(formula: Formula, search: Search, numbers: Numbers, ground: Ground) -> Search:
    x, gradient, hessian = search.x, search.gradient, search.hessian
    shifted = hessian + 1j * jnp.sqrt(search.damping) * jnp.eye(len(x))
    p = -jnp.real(jnp.linalg.solve(shifted, gradient + 0j))
    tried = x + p
    slopes, hessian_tried = _derivatives(formula, tried, numbers)
    square, model = gradient @ gradient, gradient + hessian @ p
    predicted = square - model @ model
    gain = (square - slopes @ slopes) / predicted
    taken = (gain > 0) & jnp.isfinite(hessian_tried).all()  # NaN rejects the step, too
    gentler = search.damping * jnp.maximum(1 / 3, 1 - (2 * gain - 1) ** 3)
    least = LEAST_DAMPING * jnp.max(jnp.sum(hessian_tried**2, 0))
    away = taken & jnp.any((tried < ground.low) | (tried > ground.high))
    small = ~((jnp.linalg.norm(p) > RESOLUTION * ground.side) & (predicted > IMPROVEMENT * square))
    after = Search(
        x=jnp.where(taken, tried, x),
        gradient=jnp.where(taken, slopes, gradient),
        hessian=jnp.where(taken, hessian_tried, hessian),
        damping=jnp.where(taken, jnp.maximum(gentler, least), search.damping * search.growth),
        growth=jnp.where(taken, 2.0, 2 * search.growth),
        status=jnp.where(away, LEFT, jnp.where(small, ENDED, RUNNING)),
    )
    done: Search = jax.tree.map(partial(jnp.where, search.status == RUNNING), after, search)
    return done


def _derivatives(
    formula: Formula, x: Float[Array, " D"], numbers: Numbers
) -> tuple[Float[Array, " D"], Float[Array, "D D"]]:
    """Gradient and Hessian, which share one linearization."""
    gradient, product = jax.linearize(jax.grad(lambda point: formula(point, numbers)), x)
    return gradient, jax.vmap(product)(jnp.eye(len(x)))
