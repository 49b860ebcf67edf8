"""Valleys and a plateau, where the gradient gives little information on the way to the minimum."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube, whole_number
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum


def _beale(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²."""
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def beale() -> Surface:
    """Beale's function: the gradient is above 10⁵ in the corners and almost 0 along the valley.

    Source: Beale 1958, "On an iterative method for finding a local minimum of a function of more than one variable";
    the saddles are the other roots of the gradient.
    """
    return Surface(
        "beale",
        _beale,
        cube(2, -4.5, 4.5),
        np.array([1.0, 1.0]),
        (
            minimum(np.array([3.0, 0.5])),
            CriticalPoint(np.array([0.0, 1.0]), 14.203125, "saddle"),
            CriticalPoint(np.array([0.10053793732415837, -2.644513585023125]), 9.86451228475556, "saddle"),
        ),
        complete=True,
        description="a flat, bent valley between steep corners",
        source="Beale 1958",
    )


def _rosenbrock(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """Σ 100(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²."""
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock(dimension: int = 2) -> Surface:
    """Rosenbrock's function: descents reach the valley fast, but are slow along it.

    With four or more dimensions it has a second minimum with x₁ near −1, which is computed by Newton's method, and
    saddles, which are not listed.

    Args:
        dimension: D, at least 2.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Rosenbrock 1960; in more dimensions Kok & Sandrock 2009, "Locating and characterizing the stationary
    points of the extended Rosenbrock function".
    """
    D = whole_number("the dimension of 'rosenbrock'", dimension, 2)
    start = np.ones(D)
    start[::2] = -1.2  # Moré, Garbow & Hillstrom 1981, problem 21
    return Surface(
        "rosenbrock",
        _rosenbrock,
        cube(D, -2.048, 2.048),
        start,
        (minimum(np.ones(D)), *([_second_minimum(D)] if D >= 4 else [])),
        complete=D < 4,
        description="a narrow, curved valley",
        source="Rosenbrock 1960",
    )


def _second_minimum(D: int) -> CriticalPoint:
    x = np.ones(D)
    x[0] = -1
    for _ in range(30):
        gradient, hessian = _rosenbrock_derivatives(x)
        x = x - np.linalg.solve(hessian, gradient)
    return CriticalPoint(x, float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()), "minimum")


def _rosenbrock_derivatives(x: Float[np.ndarray, " D"]) -> tuple[Float[np.ndarray, " D"], Float[np.ndarray, "D D"]]:
    i, away = np.arange(len(x) - 1), x[1:] - x[:-1] ** 2
    gradient, hessian = np.zeros(len(x)), np.zeros((len(x), len(x)))
    gradient[:-1] = -400 * x[:-1] * away - 2 * (1 - x[:-1])
    gradient[1:] += 200 * away
    hessian[i, i] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    hessian[i + 1, i + 1] += 200
    hessian[i, i + 1] = hessian[i + 1, i] = -400 * x[:-1]
    return gradient, hessian


def _double_valley(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """x₁⁴/4 − x₁³/3 − x₁² + 2 Σ xᵢ² over the other axes."""
    along = x[0]
    return along**4 / 4 - along**3 / 3 - along**2 + 2 * jnp.sum(x[1:] ** 2)


def double_valley(dimension: int = 2) -> Surface:
    """A valley along the first axis with slope x(x + 1)(x − 2); a descent from the left meets the worse minimum first.

    Its minima are at −1 (−5/12, local) and at 2 (−8/3, global), with a pass of height 0 between them.

    Args:
        dimension: D; 1 is the valley's floor alone.

    Raises:
        LandscapeError: the dimension is out of range.
    """
    D = whole_number("the dimension of 'double_valley'", dimension)
    local, top, best = np.zeros((3, D))
    local[0], best[0] = -1, 2
    start = np.full(D, 0.8)
    start[0] = -1.9
    return Surface(
        "double_valley",
        _double_valley,
        np.array([[-2.5, 3.5], *[[-2.0, 2.0]] * (D - 1)]),
        start,
        (
            minimum(best, -8 / 3),
            CriticalPoint(local, -5 / 12, "minimum"),
            CriticalPoint(top, 0.0, "maximum" if D == 1 else "saddle"),
        ),
        complete=True,
        description="a local minimum in front of the global one",
    )


def _plateau(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """‖x‖²/(1 + ‖x‖²)."""
    square = jnp.sum(x**2)
    return square / (1 + square)


def plateau(dimension: int = 2) -> Surface:
    """The plateau ‖x‖²/(1 + ‖x‖²): at a distance r from the minimum its slope is about 2/r³.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: the error norm of Geman & McClure 1985, "Bayesian image analysis".
    """
    D = whole_number("the dimension of 'plateau'", dimension)
    start = np.full(D, 1.0)
    start[0] = -8
    return Surface(
        "plateau",
        _plateau,
        cube(D, -10, 10),
        start,
        (minimum(np.zeros(D)),),
        complete=True,
        description="a long plateau around a hole",
        source="Geman & McClure 1985",
    )
