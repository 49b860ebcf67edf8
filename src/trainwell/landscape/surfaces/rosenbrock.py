"""Rosenbrock's function: a narrow, curved valley."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import check_dimension, cube
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """Σ 100(xᵢ₊₁ − xᵢ²)² + (1 − xᵢ)²."""
    return jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock(dimension: int = 2) -> Surface:
    """Rosenbrock's function: into the valley one gets at once, along it only slowly.

    From four dimensions on it has a second minimum, with x₁ near −1, which is found here by Newton's method; beside
    it lie saddles, which are not listed.

    Args:
        dimension: D, at least 2.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Rosenbrock 1960; in more dimensions Kok & Sandrock 2009, "Locating and characterizing the stationary
    points of the extended Rosenbrock function".
    """
    D = check_dimension("rosenbrock", dimension, least=2)
    start = np.ones(D)
    start[::2] = -1.2  # Moré, Garbow & Hillstrom 1981, problem 21
    return Surface(
        "rosenbrock",
        value,
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
        gradient, hessian = _derivatives(x)
        x = x - np.linalg.solve(hessian, gradient)
    return CriticalPoint(x, float((100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()), "minimum")


def _derivatives(x: Float[np.ndarray, " D"]) -> tuple[Float[np.ndarray, " D"], Float[np.ndarray, "D D"]]:
    i, away = np.arange(len(x) - 1), x[1:] - x[:-1] ** 2
    gradient, hessian = np.zeros(len(x)), np.zeros((len(x), len(x)))
    gradient[:-1] = -400 * x[:-1] * away - 2 * (1 - x[:-1])
    gradient[1:] += 200 * away
    hessian[i, i] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
    hessian[i + 1, i + 1] += 200
    hessian[i, i + 1] = hessian[i + 1, i] = -400 * x[:-1]
    return gradient, hessian
