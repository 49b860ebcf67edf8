"""Himmelblau's function: four equally deep minima around a hill."""

import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import cube
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum

MINIMA = (
    (3.0, 2.0),
    (3.5844283403304917, -1.8481265269644034),
    (-3.779310253377747, -3.283185991286169),
    (-2.805118086952745, 3.131312518250573),
)
SADDLES = (
    ((3.3851541836070207, 0.07385187983774928), 13.31192627040559),
    ((0.08667750455539634, 2.884254701174776), 67.71915008752613),
    ((-3.0730257507643897, -0.08135304428796751), 104.01516291755811),
    ((-0.12796134673068005, -1.9537149802445766), 178.33723920192745),
)
TOP = ((-0.2708445906673476, -0.9230385564799816), 181.6165215225827)


def value(x: Float[Array, " 2"], numbers: Numbers) -> Float[Array, ""]:
    """(x² + y − 11)² + (x + y² − 7)²."""
    return (x[0] ** 2 + x[1] - 11) ** 2 + (x[0] + x[1] ** 2 - 7) ** 2


def himmelblau() -> Surface:
    """Himmelblau's function: which of the four minima is reached depends on start and optimizer.

    Source: Himmelblau 1972, "Applied nonlinear programming"; all critical points are roots of the gradient.
    """
    return Surface(
        "himmelblau",
        value,
        cube(2, -5, 5),
        np.array([0.0, 0.0]),
        (
            *(minimum(np.array(point)) for point in MINIMA),
            *(CriticalPoint(np.array(point), height, "saddle") for point, height in SADDLES),
            CriticalPoint(np.array(TOP[0]), TOP[1], "maximum"),
        ),
        complete=True,
        description="four equal minima around a hill",
        source="Himmelblau 1972",
    )
