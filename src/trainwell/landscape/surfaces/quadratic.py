"""A quadratic of any condition number and dimension, along the axes or rotated."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import check_at_least, check_dimension, cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, minimum


def along_the_axes(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ aᵢxᵢ²."""
    return 0.5 * jnp.sum(jnp.asarray(numbers["curvatures"]) * x**2)


def rotated(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ aᵢ(qᵢᵀx)², with the orthonormal qᵢ as the rows of Q."""
    return 0.5 * jnp.sum(jnp.asarray(numbers["curvatures"]) * (jnp.asarray(numbers["axes"]) @ x) ** 2)


def quadratic(condition: float = 20.0, dimension: int = 2, rotation: int | None = None) -> Surface:
    """The quadratic ½ xᵀAx whose curvatures go from 1/condition to 1, evenly in their logarithms.

    The steepest curvature is 1 whatever the condition number: plain descent is stable below a learning rate of 2.

    Args:
        condition: ratio of the largest to the smallest curvature, at least 1.
        dimension: D; a quadratic in one dimension has condition number 1.
        rotation: seed of a random rotation of the axes, from 0; None leaves them where they are.

    Returns:
        The surface; its start is at distance 1 from the minimum along every axis of curvature.

    Raises:
        LandscapeError: a number is out of range.
    """
    D = check_dimension("quadratic", dimension)
    condition = check_at_least("quadratic", "condition", condition, 1)
    if D == 1 and condition != 1:
        raise LandscapeError("a quadratic of dimension 1 has condition 1: set condition=1, or a larger dimension")
    numbers = {"curvatures": np.logspace(-np.log10(condition), 0, D)}
    formula, start = along_the_axes, np.ones(D)
    if rotation is not None:
        numbers["axes"] = _rotation(D, rotation)
        formula, start = rotated, numbers["axes"].T @ start
    side = 2 * float(np.sqrt(D))
    return Surface(
        "quadratic",
        formula,
        cube(D, -side, side),
        start,
        (minimum(np.zeros(D)),),
        complete=True,
        numbers=numbers,
        description=f"a quadratic of condition number {condition:g} in {D} dimensions",
    )


def _rotation(D: int, seed: Any) -> Float[np.ndarray, "D D"]:
    """A rotation drawn evenly from all.

    Source: Mezzadri 2007, "How to generate random matrices from the classical compact groups".
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise LandscapeError(f"rotation of 'quadratic' must be a seed, a whole number from 0, got {seed!r}")
    Q, R = np.linalg.qr(stream(seed, "rotation").standard_normal((D, D)))
    Q = Q * np.sign(np.diag(R))
    if np.linalg.det(Q) < 0:
        Q[:, 0] = -Q[:, 0]
    return np.asarray(Q.T)
