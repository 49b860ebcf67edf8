"""The monkey saddle: three ways down, and no curvature in its middle."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x³ − 3xy²."""
    return x[0] ** 3 - 3 * x[0] * x[1] ** 2


def monkey_saddle() -> Surface:
    """The monkey saddle x³ − 3xy²: its Hessian at the saddle is 0, so that eigenvalues do not tell what it is.

    Source: Hilbert & Cohn-Vossen 1932, "Anschauliche Geometrie", § 29.
    """
    return Surface(
        "monkey_saddle",
        value,
        cube(2, -2, 2),
        np.array([1.5, 0.001]),
        (CriticalPoint(np.zeros(2), 0.0, "saddle"),),
        complete=True,
        description="three ways down, and no curvature in the middle",
        source="Hilbert & Cohn-Vossen 1932",
    )
