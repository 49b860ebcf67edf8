"""The plain saddle: a minimum along x, a maximum along y."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """x² − y²."""
    return x[0] ** 2 - x[1] ** 2


def saddle() -> Surface:
    """The saddle x² − y²: it has no bottom, so that whoever gets past the saddle goes down for ever.

    The start is a little beside the ridge: descent first slows down towards the saddle, then escapes along y.

    Source: T-2ND-5.
    """
    return Surface(
        "saddle",
        value,
        cube(2, -2, 2),
        np.array([-1.5, 0.001]),
        (CriticalPoint(np.zeros(2), 0.0, "saddle"),),
        complete=True,
        description="a minimum along x, a maximum along y",
        source="the lecture",
    )
