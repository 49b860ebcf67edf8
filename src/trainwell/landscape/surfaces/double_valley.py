"""A valley with a local minimum in front of the global one."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.landscape.surfaces.checks import check_dimension
from trainwell.landscape.surfaces.surface import CriticalPoint, Numbers, Surface, minimum


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """x₁⁴/4 − x₁³/3 − x₁² + 2 Σ xᵢ² over the other axes."""
    along = x[0]
    return along**4 / 4 - along**3 / 3 - along**2 + 2 * jnp.sum(x[1:] ** 2)


def double_valley(dimension: int = 2) -> Surface:
    """A valley along the first axis, with slope x(x + 1)(x − 2): whoever comes from the left meets the worse minimum.

    Its minima are at −1 (−5/12, local) and at 2 (−8/3, global), with a pass of height 0 between them.

    Args:
        dimension: D; 1 is the valley's floor alone.

    Raises:
        LandscapeError: the dimension is out of range.
    """
    D = check_dimension("double_valley", dimension)
    local, top, best = np.zeros((3, D))
    local[0], best[0] = -1, 2
    start = np.full(D, 0.8)
    start[0] = -1.9
    return Surface(
        "double_valley",
        value,
        np.array([[-2.5, 3.5], *[[-2.0, 2.0]] * (D - 1)]),
        start,
        (
            minimum(best, -8 / 3),
            CriticalPoint(local, -5 / 12, "minimum"),
            CriticalPoint(top, 0.0, "maximum" if D == 1 else "saddle"),
        ),
        complete=True,
        description="a local minimum in front of the global one",
    )
