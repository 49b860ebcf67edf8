"""The Styblinski-Tang function: two minima along every axis, one of them deeper."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import MOST_LISTED, check_dimension, cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, grid_of_points, minimum


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """½ Σ xᵢ⁴ − 16xᵢ² + 5xᵢ."""
    return 0.5 * jnp.sum(x**4 - 16 * x**2 + 5 * x)


def styblinski_tang(dimension: int = 2) -> Surface:
    """The Styblinski-Tang function: 2^D minima, of which one is the deepest, among 3^D critical points.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Styblinski & Tang 1990, "Experiments in nonconvex optimization".
    """
    D = check_dimension("styblinski_tang", dimension)
    roots = _roots()
    listed = 3**D <= MOST_LISTED
    deepest = np.full(D, roots[0])
    return Surface(
        "styblinski_tang",
        value,
        cube(D, -5, 5),
        np.linspace(0.5, 4.0, D) if D > 1 else np.array([4.0]),
        grid_of_points(roots, _height, _second, D) if listed else (minimum(deepest, D * _height(roots[0])),),
        complete=listed,
        description="two minima along every axis, the left one deeper",
        source="Styblinski & Tang 1990",
    )


def _height(x: float) -> float:
    return 0.5 * (x**4 - 16 * x**2 + 5 * x)


def _second(x: float) -> float:
    return 6 * x**2 - 16


def _roots() -> list[float]:
    """The zeros of 2x³ − 16x + 5/2, ascending: by Viète's cosines, then one step of Newton's for the last digit."""
    p, q = -8.0, 1.25  # x³ + px + q
    size = 2 * np.sqrt(-p / 3)
    angle = np.arccos(3 * q / (p * size)) / 3
    x = np.sort(size * np.cos(angle - 2 * np.pi * np.arange(3) / 3))
    x = x - (x**3 + p * x + q) / (3 * x**2 + p)
    return [float(root) for root in x]
