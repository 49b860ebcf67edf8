"""The smallest and the largest eigenvalue of a loss's Hessian, without the matrix."""

from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from trainwell.optim.curvature.hessian import Flat, Loss, dot, flatten
from trainwell.optim.curvature.lanczos import Lanczos, advance, begin, ritz

_STEPS_BETWEEN_LOOKS = 32
_Carried: TypeAlias = tuple[Lanczos, Float[Array, "2 K"], Bool[Array, ""]]
"""The state, both ends' Ritz vectors in its coordinates, and whether they are good enough."""


class Extremes(NamedTuple):
    """The ends of the Hessian's spectrum.

    Within its bound of each value there is an eigenvalue (of the Hessian as its products give it, with the rounding
    of the loss's own arithmetic). That none lies beyond is likely, the first vector being random, not proven: the
    true ends lie on or outside of these, never inside.
    """

    smallest: Float[Array, ""]
    largest: Float[Array, ""]
    smallest_bound: Float[Array, ""]
    """‖H y − θ y‖ for the unit vector y: where it is below |θ|, there is an eigenvalue of θ's sign."""
    largest_bound: Float[Array, ""]
    smallest_vector: PyTree
    """y, like the parameters, of length 1."""
    largest_vector: PyTree
    steps: Int[Array, ""]
    """Products taken."""


def extreme_eigenvalues(
    f: Loss, params: PyTree, *, steps: int = 300, tolerance: float = 1e-3, key: PRNGKeyArray
) -> Extremes:
    """The ends of the spectrum of f's Hessian at θ, by Lanczos' method, with bounds.

    It stops when both bounds are at most `tolerance` times their value, looked at every 32 steps. The errors
    are then far smaller still, of the order of the bound's square over the distance to the next eigenvalue. A smallest
    eigenvalue at the edge of a dense bulk around 0 is slow, and one of 0 never gets there: then `steps` ends it.

    Args:
        f: the loss.
        params: θ, with P numbers.
        steps: Hessian products at most, at least 1; as many vectors of P numbers are kept. P are enough for all.
        tolerance: bound over absolute eigenvalue that is good enough, at least 0.
        key: of the first vector.

    Returns:
        Values, bounds, vectors and the steps taken. Not finite where f's derivatives are not.

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, `steps` is below 1 or `tolerance`
            negative.

    Example:
        >>> import jax
        >>> saddle = lambda p: 3 * p["x"] ** 2 - p["y"] ** 2
        >>> found = extreme_eigenvalues(saddle, {"x": 0.0, "y": 0.0}, key=jax.random.key(0))
        >>> found.smallest.round(4).tolist(), found.largest.round(4).tolist()
        (-2.0, 6.0)

    Source: Golub & Van Loan (2013), "Matrix Computations", section 10.1.
    """
    if not tolerance >= 0:
        raise ValueError(f"tolerance must be at least 0, got {tolerance}")
    flat = flatten(f, params)
    start = begin(flat.point.size, steps, key, dtype=flat.point.dtype)
    K = len(start.alphas)

    ends = jnp.zeros((2, K), flat.point.dtype)

    def more(carried: _Carried) -> Bool[Array, ""]:
        state, _, converged = carried
        return (state.step < K) & ~converged

    def look(carried: _Carried) -> _Carried:
        state = carried[0]
        count = jnp.minimum(_STEPS_BETWEEN_LOOKS, K - state.step)
        state = lax.fori_loop(0, count, lambda _, state: advance(flat.product, state, key), state)
        found, where = ritz(state), jnp.stack([jnp.zeros_like(state.step), state.step - 1])
        wanting = found.bounds[where] > tolerance * jnp.abs(found.values[where])
        return state, found.vectors[:, where].T, ~jnp.any(wanting)  # NaN wants nothing: steps would not mend it

    state, ends, _ = lax.while_loop(more, look, (start, ends, jnp.asarray(False)))
    values, bounds, vectors = lax.map(lambda end: _pair(flat, state, end), ends)
    low, high = (flat.unflatten(y) for y in vectors)
    return Extremes(values[0], values[1], bounds[0], bounds[1], low, high, state.step)


def _pair(
    flat: Flat, state: Lanczos, coordinates: Float[Array, " K"]
) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, " P"]]:
    """Value, bound and vector of one Ritz pair, measured by a product of its own: so rounding is in the bound."""
    y = dot(coordinates, state.vectors)
    y = y / jnp.linalg.norm(y)
    Hy = flat.product(y)
    value = dot(y, Hy)
    return value, jnp.linalg.norm(Hy - value * y), y
