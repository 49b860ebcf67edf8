"""A line search for the strong Wolfe conditions (optax's zoom line search), with gradient descent as a fallback."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Bool, Float, Int

from trainwell.optim.curvature.hessian import dot

MOST_TRIALS = 30
ROUNDING = 1e-6
"""A step may raise the loss by this share of it, as near a minimum rounding errors exceed the true decrease."""

Vector = Float[Array, " P"]


class LineStep(NamedTuple):
    """The result of a line search."""

    step: Vector
    """α d; 0 if no lower point was found."""
    gradient: Vector
    """Gradient after the step."""
    evaluations: Int[Array, ""]
    """Number of evaluations of the loss with its gradient."""


Tried: TypeAlias = tuple[Int[Array, ""], LineStep]
"""Number of searches so far (2 if no further one is needed), and the result of the last one."""


class LineSearchState(NamedTuple):
    """State of a rule with a line search."""

    count: Int[Array, ""]  # type: ignore[assignment]  # hides tuple.count, as optax's own states do
    """Number of steps so far."""
    gradient: Vector
    """Gradient after the last step; a full-batch caller can use it and need not compute it again."""
    stuck: Bool[Array, ""]
    """Whether the last step was 0, as no lower point was found; no search is made until the gradient changes."""
    evaluations: Int[Array, ""]
    """Number of evaluations of the loss with its gradient, the first one included."""

    def after(self, found: LineStep) -> "LineSearchState":
        """The state after one more step."""
        stuck = (found.step == 0).all()
        return LineSearchState(self.count + 1, found.gradient, stuck, self.evaluations + found.evaluations)


def initial_line_search(point: Vector) -> LineSearchState:
    """The state before the first step."""
    return LineSearchState(jnp.zeros((), jnp.int32), jnp.zeros_like(point), jnp.asarray(False), jnp.ones((), jnp.int32))


def gradient_step(gradient: Vector) -> Vector:
    """The negative gradient, shortened to length 1 if it is longer: the first trial step without curvature."""
    return -gradient / jnp.maximum(1, jnp.linalg.norm(gradient))


def search_along(
    loss: Callable[[Vector], Float[Array, ""]],
    point: Vector,
    value: Float[Array, ""],
    gradient: Vector,
    direction: Vector,
    state: LineSearchState,
) -> LineStep:
    """Search along a direction for a step that fulfils the strong Wolfe conditions.

        f(x + α d) ≤ f(x) + 1e-4 α gᵀd        |∇f(x + α d)ᵀ d| ≤ 0.9 |gᵀd|

    If the direction is not a descent direction, or no lower point is found along it, the negative gradient is used
    instead. If the direction is 0 (learning rate 0), so is the step.

    Args:
        loss: f.
        point: x.
        value: f(x).
        gradient: g = ∇f(x).
        direction: d; α = 1 is tried first.
        state: the state before this step.

    Returns:
        The step α d, the gradient after it, and the number of evaluations of f.

    Source: Nocedal & Wright (2006), "Numerical Optimization", algorithms 3.5 and 3.6.
    """
    value, down = jnp.asarray(value, point.dtype), gradient_step(gradient)
    is_descent = jnp.isfinite(direction).all() & (dot(direction, gradient) < 0)
    is_zero = (direction == 0).all() | (state.stuck & (gradient == state.gradient).all())

    def unfinished(tried: Tried) -> Bool[Array, ""]:
        rounds, found = tried
        return (rounds == 0) | ((rounds == 1) & is_descent & (found.step == 0).all())

    # As a loop the search is compiled once, and under vmap its second round runs only if a member needs it.
    def search(tried: Tried) -> Tried:
        rounds, before = tried
        along = jnp.where((rounds == 0) & is_descent, direction, down)
        once = _zoom(loss, point, value, gradient, along)
        return rounds + 1, once._replace(evaluations=before.evaluations + once.evaluations)

    none = LineStep(jnp.zeros_like(point), gradient, jnp.zeros((), jnp.int32))
    found: LineStep = lax.while_loop(unfinished, search, (jnp.where(is_zero, 2, 0), none))[1]
    return found


def _zoom(
    loss: Callable[[Vector], Float[Array, ""]],
    point: Vector,
    value: Float[Array, ""],
    gradient: Vector,
    direction: Vector,
) -> LineStep:
    """Search along one direction; the step is 0 if it fails."""
    import optax  # here, as importing it takes a third of a second and only these rules need it

    search = optax.scale_by_zoom_linesearch(MOST_TRIALS, initial_guess_strategy="one")
    step, after = search.update(
        direction, search.init(point), point, value=value, grad=gradient, value_fn=lambda x: loss(x).astype(x.dtype)
    )
    lower = jnp.isfinite(after.value) & (after.value <= value + ROUNDING * jnp.abs(value))
    step, ahead = (jnp.where(lower, new, old) for new, old in ((step, 0), (after.grad, gradient)))
    return LineStep(step, ahead, after.info.num_linesearch_steps.astype(np.int32))
