"""Steps along a line: how far a direction is followed, by the strong Wolfe conditions (optax's zoom search)."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from trainwell.optim.curvature.hessian import dot

MOST_TRIALS = 30
ROUNDING = 1e-6
"""Share of the loss by which a step may raise it: near a minimum, rounding is all that is left of the descent."""

Vector = Float[Array, " P"]


class Walk(NamedTuple):
    """A step along a line."""

    step: Vector
    """0 where no point on the line is lower."""
    gradient: Vector
    """Where it leads."""
    evaluations: Int[Array, ""]
    """Losses with gradients that were taken."""


Tried: TypeAlias = tuple[Int[Array, ""], Walk]
"""Searches that were made along a line, 2 where no more is to be made, and what they found."""


class Searched(NamedTuple):
    """What all rules with a line search carry."""

    count: Int[Array, ""]  # type: ignore[assignment]  # hides tuple.count, as optax's own states do
    """Steps taken so far."""
    gradient: Vector
    """Where the last step led: whoever has the same loss again need not take it anew."""
    stands: Bool[Array, ""]
    """Whether the last step was 0: nothing lower was found, and while the gradient is the same, nothing will be."""
    evaluations: Int[Array, ""]
    """Losses with gradients that were taken, that of the start included."""

    def after(self, found: Walk) -> "Searched":
        """With one more step."""
        stands = (found.step == 0).all()
        return Searched(self.count + 1, found.gradient, stands, self.evaluations + found.evaluations)


def unsearched(point: Vector) -> Searched:
    """Before the first step."""
    return Searched(jnp.zeros((), jnp.int32), jnp.zeros_like(point), jnp.asarray(False), jnp.ones((), jnp.int32))


def steepest(gradient: Vector) -> Vector:
    """Where a search begins that knows no curvature: down the gradient, and no farther than 1 at first."""
    return -gradient / jnp.maximum(1, jnp.linalg.norm(gradient))


def walk(
    loss: Callable[[Vector], Float[Array, ""]],
    point: Vector,
    value: Float[Array, ""],
    gradient: Vector,
    direction: Vector,
    searched: Searched,
) -> Walk:
    """Go along a direction to a point that fulfils the strong Wolfe conditions.

        f(x + α d) ≤ f(x) + 1e-4 α gᵀd        |∇f(x + α d)ᵀ d| ≤ 0.9 |gᵀd|

    Where the direction does not go down, or no lower point was found along it, the steepest one is taken; a direction
    of 0, as a learning rate of 0 makes it, goes nowhere.

    Args:
        loss: f.
        point: x.
        value: f(x).
        gradient: g = ∇f(x).
        direction: d; α = 1 is tried first.
        searched: the searches so far.

    Returns:
        α d, the gradient there, and how often f was evaluated.

    Source: Nocedal & Wright (2006), "Numerical Optimization", algorithms 3.5 and 3.6.
    """
    value, down = jnp.asarray(value, point.dtype), steepest(gradient)
    goes_down = jnp.isfinite(direction).all() & (dot(direction, gradient) < 0)
    goes_nowhere = (direction == 0).all() | (searched.stands & (gradient == searched.gradient).all())

    def wanting(tried: Tried) -> Bool[Array, ""]:
        rounds, found = tried
        return (rounds == 0) | ((rounds == 1) & goes_down & (found.step == 0).all())

    # A loop, so that the search stands once in the program; mapped, it is made again only where one has failed.
    def search(tried: Tried) -> Tried:
        rounds, before = tried
        along = jnp.where((rounds == 0) & goes_down, direction, down)
        once = _searched(loss, point, value, gradient, along)
        return rounds + 1, once._replace(evaluations=before.evaluations + once.evaluations)

    none = Walk(jnp.zeros_like(point), gradient, jnp.zeros((), jnp.int32))
    found: Walk = lax.while_loop(wanting, search, (jnp.where(goes_nowhere, 2, 0), none))[1]
    return found


def _searched(
    loss: Callable[[Vector], Float[Array, ""]],
    point: Vector,
    value: Float[Array, ""],
    gradient: Vector,
    direction: Vector,
) -> Walk:
    """The search along one direction; a step of 0 where it fails."""
    import optax  # a third of a second, needed for these rules only

    search = optax.scale_by_zoom_linesearch(MOST_TRIALS, initial_guess_strategy="one")
    step, after = search.update(
        direction, search.init(point), point, value=value, grad=gradient, value_fn=lambda x: loss(x).astype(x.dtype)
    )
    lower = jnp.isfinite(after.value) & (after.value <= value + ROUNDING * jnp.abs(value))
    step, ahead = (jnp.where(lower, new, old) for new, old in ((step, 0), (after.grad, gradient)))
    return Walk(step, ahead, after.info.num_linesearch_steps.astype(np.int32))
