"""What is measured of a descent while it goes on, so that no path need be kept.

All of it is a function of the points that a descent passes, x₀ (its start) to x_T. `along` are the coordinates of a
point along the surface's principal axes, the steepest first.
"""

from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, Int

Leaf: TypeAlias = Any
"""A JAX array within the program, before and after a NumPy array. Shapes stand beside."""


class Ground(NamedTuple):
    """What the measures know of the surface and of what is asked."""

    axes: Leaf  # [D D]
    """The principal axes, as rows."""
    centre: Leaf  # [D]
    """The middle of the domain."""
    reach: Leaf  # [D]
    """How far from the middle a descent may get along each axis of the coordinates before it has left."""
    tolerance: Leaf  # scalar
    """The gradient's norm at which a descent has settled."""


class Measures(NamedTuple):
    """Where a descent is, and what it was like so far."""

    x: Leaf  # [D]
    value: Leaf  # scalar
    gradient: Leaf  # [D]
    """All three at the point reached; where the descent has left, at the first point beyond its reach."""
    left: Leaf  # scalar
    """Updates after which the descent was out of reach, or its value or gradient not finite; -1 while it is not."""
    settled: Leaf  # scalar
    """Updates after which the gradient's norm has been at most the tolerance ever since; -1 where it is not."""
    least: Leaf  # scalar
    """The smallest value."""
    length: Leaf  # scalar
    """Length of the path, Σ ‖xₜ₊₁ − xₜ‖."""
    turns: Leaf  # [D]
    """Changes of direction along each principal axis: updates against the last one that moved along it."""
    heading: Leaf  # [D]
    """Sign of the last move along each principal axis; 0 before the first."""
    low: Leaf  # [D]
    """Smallest coordinate along each principal axis."""
    high: Leaf  # [D]
    """Largest coordinate along each principal axis."""


UNROLLED = 8
"""Dimensions up to which sums over the axes are written out: for a cohort of points they then are plain additions."""


def total(terms: Float[Array, " D"]) -> Float[Array, ""]:
    """The sum of a few numbers."""
    return sum(terms[1:], terms[0]) if len(terms) <= UNROLLED else jnp.sum(terms)


def along(axes: Float[Array, "D D"], x: Float[Array, " D"]) -> Float[Array, " D"]:
    """Coordinates along the principal axes."""
    if len(x) > UNROLLED:
        return axes @ x
    return jnp.stack([total(axis * x) for axis in axes])


def measures_at(
    x: Float[Array, " D"], value: Float[Array, ""], gradient: Float[Array, " D"], ground: Ground
) -> Measures:
    """The measures of a descent that stands at its start, where value and gradient are finite."""
    none, place, zero = jnp.asarray(-1, jnp.int32), along(ground.axes, x), jnp.zeros_like(x)
    settled = jnp.where(_norm(gradient) <= ground.tolerance, 0, none)
    turns = jnp.zeros(x.shape, jnp.int32)
    return Measures(x, value, gradient, none, settled, value, jnp.zeros_like(value), turns, zero, place, place)


def measured(
    before: Measures,
    x: Float[Array, " D"],
    value: Float[Array, ""],
    gradient: Float[Array, " D"],
    ground: Ground,
    step: Int[Array, ""],
) -> Measures:
    """The measures after an update to `x`, the `step`th; they stay as they are once the descent has left.

    Args:
        before: those before it.
        x: the point reached.
        value: of the surface there.
        gradient: of the surface there.
        ground: what they are measured by.
        step: updates done.
    """
    # A sum is finite if all its terms are, and a product with 0 is 0 if they are.
    finite = total(gradient * 0) + value * 0 == 0
    here = finite & (total((jnp.abs(x - ground.centre) <= ground.reach).astype(x.dtype)) == len(x))
    small, none = _norm(gradient) <= ground.tolerance, jnp.asarray(-1, jnp.int32)
    move, place = along(ground.axes, x - before.x), along(ground.axes, x)
    heading = jnp.sign(move)
    inside = before._replace(
        settled=jnp.where(small, jnp.where(before.settled < 0, step, before.settled), none),
        least=jnp.where(value < before.least, value, before.least),
        length=before.length + _norm(x - before.x),
        turns=before.turns + (heading * before.heading < 0),
        heading=jnp.where(heading == 0, before.heading, heading),
        low=jnp.where(place < before.low, place, before.low),
        high=jnp.where(place > before.high, place, before.high),
    )
    outside = before._replace(left=step, settled=none)
    after = jax.tree.map(lambda a, b: jnp.where(here, a, b), inside, outside)
    after = after._replace(x=x, value=value, gradient=gradient)
    kept: Measures = jax.tree.map(lambda a, b: jnp.where(before.left < 0, a, b), after, before)
    return kept


def _norm(x: Float[Array, " D"]) -> Float[Array, ""]:
    return jnp.sqrt(total(x * x))
