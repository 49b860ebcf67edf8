"""A long plateau around a hole: far away there is hardly a slope."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import check_dimension, cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, minimum


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """‖x‖²/(1 + ‖x‖²)."""
    square = jnp.sum(x**2)
    return square / (1 + square)


def plateau(dimension: int = 2) -> Surface:
    """The long plateau ‖x‖²/(1 + ‖x‖²): at a distance r from the minimum its slope is about 2/r³.

    Args:
        dimension: D.

    Raises:
        LandscapeError: the dimension is out of range.

    Source: the error norm of Geman & McClure 1985, "Bayesian image analysis".
    """
    D = check_dimension("plateau", dimension)
    start = np.full(D, 1.0)
    start[0] = -8
    return Surface(
        "plateau",
        value,
        cube(D, -10, 10),
        start,
        (minimum(np.zeros(D)),),
        complete=True,
        description="a long plateau around a hole",
        source="Geman & McClure 1985",
    )
