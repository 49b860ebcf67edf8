"""A loss along one direction, beside its first- and second-order Taylor models."""

from dataclasses import dataclass
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

from trainwell.optim import Loss

LEAST = 1e-6  # a loss below it is taken for it when the reach is chosen: rounding would be all that is seen


@dataclass(frozen=True, eq=False)
class LossAlong:
    """f(θ + t·v) for a unit vector v, and what its derivatives at θ alone would say.

    Attributes:
        distances: t, from −reach to reach; 0 in the middle.
        losses: f.
        first: f(θ) + t·gᵀv.
        second: f(θ) + t·gᵀv + ½t²·vᵀHv.
        slope: gᵀv, at most 0: v points downhill.
        curvature: vᵀHv.
        direction: v, like the parameters.
    """

    distances: Float[np.ndarray, " T"]
    losses: Float[np.ndarray, " T"]
    first: Float[np.ndarray, " T"]
    second: Float[np.ndarray, " T"]
    slope: float
    curvature: float
    direction: PyTree


def loss_along(
    f: Loss, params: PyTree, direction: PyTree, *, reach: float | None = None, points: int = 41
) -> LossAlong:
    """A loss along one direction, with its tangent and its parabola.

    Args:
        f: the loss.
        params: θ.
        direction: like `params`, of any length above 0; it is scaled to length 1 and turned downhill.
        reach: the largest |t|, above 0; None for where the parabola alone has changed by f(θ) itself, or ‖θ‖ if that
            is nearer.
        points: how many, at least 3; made odd, so that θ is one of them.

    Returns:
        Distances, losses and models.

    Raises:
        ValueError: `reach` or `points` is out of range, or the direction has no length.

    Example:
        >>> found = loss_along(lambda p: p["x"] ** 2 + p["y"], {"x": 3.0, "y": 0.0}, {"x": 1.0, "y": 0.0}, reach=1.0)
        >>> found.slope, found.curvature, found.losses[[0, -1]].tolist()
        (-6.0, 2.0, [16.0, 4.0])

    Source: T-2ND-1.
    """
    length = float(_norm(direction))
    if points < 3 or not length > 0 or (reach is not None and not reach > 0):
        raise ValueError(
            f"points must be at least 3, the direction's length and reach above 0, got {points}, {length} and {reach}"
        )
    params = jax.tree.map(jnp.asarray, params)
    v = jax.tree.map(lambda p, d: jnp.asarray(d, p.dtype) / length, params, direction)
    value, slope, curvature = map(float, _derivatives(f, params, v))
    if slope > 0:
        v, slope = jax.tree.map(jnp.negative, v), -slope
    size = float(_norm(params)) or 1.0
    if reach is None:
        height = max(abs(value), LEAST)
        reach = min((2 * height / abs(curvature)) ** 0.5, size) if curvature else size
    t = np.linspace(-reach, reach, points | 1)
    losses = np.asarray(_losses(f, params, v, jnp.asarray(t, jnp.result_type(*jax.tree.leaves(params)))))
    first = value + t * slope
    second = first + t**2 * curvature / 2
    return LossAlong(t, losses, first, second, slope, curvature, jax.tree.map(np.asarray, v))


def _norm(tree: PyTree) -> Array:
    norm: Array = jnp.linalg.norm(ravel_pytree(tree)[0])
    return norm


@partial(jax.jit, static_argnums=0)
def _derivatives(f: Loss, params: PyTree, v: PyTree) -> tuple[Array, Array, Array]:
    """The loss, gᵀv and vᵀHv at θ: its derivatives along v."""

    def along(t: Array) -> Array:
        value: Array = f(jax.tree.map(lambda p, d: p + t * d, params, v))
        return value

    def both(t: Array) -> tuple[Array, Array]:
        return jax.jvp(along, (t,), (jnp.ones_like(t),))

    zero = jnp.zeros((), jnp.result_type(*jax.tree.leaves(params)))
    (value, slope), (_, curvature) = jax.jvp(both, (zero,), (jnp.ones_like(zero),))
    return value, slope, curvature


@partial(jax.jit, static_argnums=0)
def _losses(f: Loss, params: PyTree, v: PyTree, t: Float[Array, " T"]) -> Float[Array, " T"]:
    """The loss at each θ + t·v."""
    losses: Array = lax.map(lambda t: f(jax.tree.map(lambda p, d: p + t * d, params, v)), t)
    return losses
