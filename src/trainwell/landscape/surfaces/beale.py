"""Beale's function: a flat valley between steep corners."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(1.5 − x + xy)² + (2.25 − x + xy²)² + (2.625 − x + xy³)²."""
    a, b = x[0], x[1]
    return (1.5 - a + a * b) ** 2 + (2.25 - a + a * b**2) ** 2 + (2.625 - a + a * b**3) ** 2


def beale() -> Surface:
    """Beale's function: the gradient is over 10⁵ in the corners and hardly anything along the valley.

    Source: Beale 1958, "On an iterative method for finding a local minimum of a function of more than one variable";
    the saddles are the other roots of the gradient.
    """
    return Surface(
        "beale",
        value,
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
