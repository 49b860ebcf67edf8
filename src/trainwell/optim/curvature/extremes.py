"""The smallest and the largest eigenvalue of a loss's Hessian, without computing the matrix."""

from typing import NamedTuple, TypeAlias

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array, Bool, Float, Int, PRNGKeyArray, PyTree

from trainwell.optim.curvature.hessian import Flat, Loss, dot, flatten
from trainwell.optim.curvature.lanczos import Lanczos, advance, begin, ritz

_STEPS_BETWEEN_CHECKS = 32
_Carried: TypeAlias = tuple[Lanczos, Float[Array, "2 K"], Bool[Array, ""]]
"""The Lanczos state, the Ritz vectors of both ends in the Lanczos basis, and whether both have converged."""


class Extremes(NamedTuple):
    """The smallest and the largest eigenvalue of a Hessian.

    Each value is at most its bound away from an eigenvalue (up to rounding errors in the Hessian-vector products). The
    method uses a random vector, so with high probability, but not with certainty, these are the extreme eigenvalues: a
    more extreme one could have been missed.
    """

    smallest: Float[Array, ""]
    largest: Float[Array, ""]
    smallest_bound: Float[Array, ""]
    """‖H y − λ y‖ for the unit vector y; if it is below |λ|, there is an eigenvalue with the sign of λ."""
    largest_bound: Float[Array, ""]
    smallest_vector: PyTree
    """The eigenvector y, with norm 1 and the structure of the parameters."""
    largest_vector: PyTree
    steps: Int[Array, ""]
    """Number of Hessian-vector products."""


def extreme_eigenvalues(
    f: Loss, params: PyTree, *, steps: int = 300, tolerance: float = 1e-3, key: PRNGKeyArray
) -> Extremes:
    """The smallest and the largest eigenvalue of f's Hessian at θ, with error bounds, by Lanczos' method.

    It stops when both bounds are at most `tolerance` · |eigenvalue|, checked every 32 steps. The errors are then much
    smaller than the bounds: about the square of the bound divided by the distance to the next eigenvalue. Convergence
    is slow if the smallest eigenvalue is at the edge of many eigenvalues near 0, and an eigenvalue of exactly 0 never
    meets the criterion; then it stops after `steps`.

    Args:
        f: the loss.
        params: θ, with P numbers.
        steps: largest number of Hessian-vector products, at least 1; this many vectors of P numbers are stored. P steps
            always suffice.
        tolerance: largest allowed ratio of bound to absolute eigenvalue, at least 0.
        key: random key for the first vector.

    Returns:
        Eigenvalues, bounds, eigenvectors and the number of steps. They are not finite if derivatives of f are not.

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

    def check(carried: _Carried) -> _Carried:
        state = carried[0]
        count = jnp.minimum(_STEPS_BETWEEN_CHECKS, K - state.step)
        state = lax.fori_loop(0, count, lambda _, state: advance(flat.product, state, key), state)
        found, where = ritz(state), jnp.stack([jnp.zeros_like(state.step), state.step - 1])
        inexact = found.bounds[where] > tolerance * jnp.abs(found.values[where])
        return state, found.vectors[:, where].T, ~jnp.any(inexact)  # NaN counts as converged: it would stay NaN

    state, ends, _ = lax.while_loop(more, check, (start, ends, jnp.asarray(False)))
    values, bounds, vectors = lax.map(lambda end: _pair(flat, state, end), ends)
    low, high = (flat.unflatten(y) for y in vectors)
    return Extremes(values[0], values[1], bounds[0], bounds[1], low, high, state.step)


def _pair(
    flat: Flat, state: Lanczos, coordinates: Float[Array, " K"]
) -> tuple[Float[Array, ""], Float[Array, ""], Float[Array, " P"]]:
    """Eigenvalue, bound and vector of one Ritz pair, from one more product, so that the bound includes rounding."""
    y = dot(coordinates, state.vectors)
    y = y / jnp.linalg.norm(y)
    Hy = flat.product(y)
    value = dot(y, Hy)
    return value, jnp.linalg.norm(Hy - value * y), y
