"""Bowls and saddles: the bowl x²/20 + y², Booth's function, quadratics, the saddle x² − y² and the monkey saddle."""

from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.surfaces.checks import at_least, cube, whole_number
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum


def bowl_value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x²/20 + y²."""
    return x[0] ** 2 / 20 + x[1] ** 2


def bowl() -> Surface:
    """The bowl f(x, y) = x²/20 + y², with condition number 20.

    Source: F-6-1; the start is that of F-6-3.
    """
    return Surface(
        "bowl",
        bowl_value,
        cube(2, -10, 10),
        np.array([-7.0, 2.0]),
        (minimum(np.zeros(2)),),
        complete=True,
        description="a long bowl: the gradient hardly points at the minimum",
        source="Deep Learning from Scratch, ch. 6",
    )


def _booth(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(x + 2y − 7)² + (2x + y − 5)²."""
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def booth() -> Surface:
    """Booth's function, a quadratic with condition number 9 whose principal axes are at 45°.

    Source: Jamil & Yang 2013, "A literature survey of benchmark functions for global optimisation problems", 17.
    """
    return Surface(
        "booth",
        _booth,
        cube(2, -10, 10),
        np.array([-5.0, -5.0]),
        (minimum(np.array([1.0, 3.0])),),
        complete=True,
        description="a bowl at a slant",
        source="Jamil & Yang 2013",
    )


def _along_the_axes(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ aᵢxᵢ²."""
    return 0.5 * jnp.sum(jnp.asarray(numbers["curvatures"]) * x**2)


def _rotated(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ aᵢ(qᵢᵀx)², with the orthonormal qᵢ as the rows of Q."""
    return 0.5 * jnp.sum(jnp.asarray(numbers["curvatures"]) * (jnp.asarray(numbers["axes"]) @ x) ** 2)


def quadratic(condition: float = 20.0, dimension: int = 2, rotation: int | None = None) -> Surface:
    """The quadratic ½ xᵀAx with eigenvalues from 1/condition to 1, evenly spaced on a logarithmic scale.

    The largest eigenvalue is always 1, so gradient descent is stable below a learning rate of 2.

    Args:
        condition: ratio of the largest to the smallest curvature, at least 1.
        dimension: D; a quadratic in one dimension has condition number 1.
        rotation: seed of a random rotation of the axes, from 0; None leaves them where they are.

    Returns:
        The surface; its start is at distance 1 from the minimum along every axis of curvature.

    Raises:
        LandscapeError: a number is out of range.
    """
    D = whole_number("the dimension of 'quadratic'", dimension)
    condition = at_least("condition of 'quadratic'", condition, 1)
    if D == 1 and condition != 1:
        raise LandscapeError("a quadratic of dimension 1 has condition 1: set condition=1, or a larger dimension")
    numbers = {"curvatures": np.logspace(-np.log10(condition), 0, D)}
    formula, start = _along_the_axes, np.ones(D)
    if rotation is not None:
        numbers["axes"] = _rotation(D, rotation)
        formula, start = _rotated, numbers["axes"].T @ start
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
    """A random rotation with uniform distribution.

    Source: Mezzadri 2007, "How to generate random matrices from the classical compact groups".
    """
    if isinstance(seed, bool) or not isinstance(seed, int) or seed < 0:
        raise LandscapeError(f"rotation of 'quadratic' must be a seed, a whole number from 0, got {seed!r}")
    Q, R = np.linalg.qr(stream(seed, "rotation").standard_normal((D, D)))
    Q = Q * np.sign(np.diag(R))
    if np.linalg.det(Q) < 0:
        Q[:, 0] = -Q[:, 0]
    return np.asarray(Q.T)


def _saddle(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x² − y²."""
    return x[0] ** 2 - x[1] ** 2


def saddle() -> Surface:
    """The saddle x² − y², which has no lower bound.

    The start is close to the x-axis: a descent first slows down near the saddle, then escapes along y.

    Source: T-2ND-5.
    """
    return Surface(
        "saddle",
        _saddle,
        cube(2, -2, 2),
        np.array([-1.5, 0.001]),
        (CriticalPoint(np.zeros(2), 0.0, "saddle"),),
        complete=True,
        description="a minimum along x, a maximum along y",
    )


def _monkey_saddle(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x³ − 3xy²."""
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2


def monkey_saddle() -> Surface:
    """The monkey saddle x³ − 3xy². Its Hessian at the saddle is 0, so eigenvalues cannot classify it.

    Source: Hilbert & Cohn-Vossen 1932, "Anschauliche Geometrie", § 29.
    """
    return Surface(
        "monkey_saddle",
        _monkey_saddle,
        cube(2, -2, 2),
        np.array([1.5, 0.001]),
        (CriticalPoint(np.zeros(2), 0.0, "saddle"),),
        complete=True,
        description="three ways down, and no curvature in the middle",
        source="Hilbert & Cohn-Vossen 1932",
    )
