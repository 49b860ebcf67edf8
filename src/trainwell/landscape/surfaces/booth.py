"""Booth's function: a bowl at a slant."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, minimum


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(x + 2y − 7)² + (2x + y − 5)²."""
    return (x[0] + 2 * x[1] - 7) ** 2 + (2 * x[0] + x[1] - 5) ** 2


def booth() -> Surface:
    """Booth's function, a quadratic whose axes stand at 45°, of condition number 9.

    Source: Jamil & Yang 2013, "A literature survey of benchmark functions for global optimisation problems", 17.
    """
    return Surface(
        "booth",
        value,
        cube(2, -10, 10),
        np.array([-5.0, -5.0]),
        (minimum(np.array([1.0, 3.0])),),
        complete=True,
        description="a bowl at a slant",
        source="Jamil & Yang 2013",
    )
