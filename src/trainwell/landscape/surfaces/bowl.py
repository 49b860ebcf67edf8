"""The lecture's bowl: gentle along x, steep along y."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import Numbers, Surface, minimum


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x²/20 + y²."""
    return x[0] ** 2 / 20 + x[1] ** 2


def bowl() -> Surface:
    """The bowl f(x, y) = x²/20 + y², of condition number 20.

    Source: F-6-1; the start is that of F-6-3.
    """
    return Surface(
        "bowl",
        value,
        cube(2, -10, 10),
        np.array([-7.0, 2.0]),
        (minimum(np.zeros(2)),),
        complete=True,
        description="a long bowl: the gradient hardly points at the minimum",
        source="the lecture",
    )
