"""Rastrigin's function: a bowl full of holes."""

from itertools import pairwise
from math import cos, pi, sin

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import MOST_LISTED, check_dimension, cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, grid_of_points, minimum

SIDE = 5.12


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """Σ xᵢ² + 10(1 − cos 2πxᵢ)."""
    return jnp.sum(x**2 + 10 * (1 - jnp.cos(2 * jnp.pi * x)))


def rastrigin(dimension: int = 2) -> Surface:
    """Rastrigin's function: along every axis 11 minima, the outer ones higher, and 10 maxima between them.

    In two dimensions it has 121 minima, 220 saddles and 100 maxima within its domain.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: Rastrigin 1974; Mühlenbein, Schomisch & Born 1991, "The parallel genetic algorithm as function optimizer".
    """
    D = check_dimension("rastrigin", dimension)
    roots = _roots()
    listed = len(roots) ** D <= MOST_LISTED
    return Surface(
        "rastrigin",
        value,
        cube(D, -SIDE, SIDE),
        np.linspace(-3.7, -2.3, D) if D > 1 else np.array([-3.7]),
        grid_of_points(roots, _height, _second, D) if listed else (minimum(np.zeros(D)),),
        complete=listed,
        description="a bowl full of holes",
        source="Rastrigin 1974; Mühlenbein, Schomisch & Born 1991",
    )


def _height(x: float) -> float:
    return x * x + 10 * (1 - cos(2 * pi * x))


def _slope(x: float) -> float:
    return 2 * x + 20 * pi * sin(2 * pi * x)


def _second(x: float) -> float:
    return 2 + 40 * pi**2 * cos(2 * pi * x)


def _roots() -> list[float]:
    """Where the slope along one axis is 0: once in each half of a wave, as its sign differs at the ends."""
    ends = [-5.25 + 0.5 * i for i in range(22)]  # there the sine is ±1, and the slope has its sign: 20π > 2·5.25
    return [0.0 if a == -b else _root(a, b) for a, b in pairwise(ends)]


def _root(low: float, high: float) -> float:
    """Newton's method, with bisection wherever it would leave the bracket."""
    rising = _slope(low) < 0
    x = (low + high) / 2
    for _ in range(100):
        slope = _slope(x)
        low, high = (x, high) if (slope < 0) == rising else (low, x)
        newton = x - slope / _second(x)
        closer = newton if low < newton < high else (low + high) / 2
        if abs(closer - x) <= 1e-16 * abs(x):
            break
        x = closer
    return x
