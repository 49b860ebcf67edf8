"""A smooth random function of any dimension: a Gaussian field, as a sum of waves."""

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from trainwell.core import stream
from trainwell.landscape.surfaces.checks import cube, whole_number
from trainwell.landscape.surfaces.surface import Numbers, Surface

WAVES = 512
SIDE = 50.0
"""Half of the domain's: so many lengths over which the function changes that what is far apart is independent."""


def value(x: Float[Array, " D"], numbers: Numbers) -> Float[Array, ""]:
    """√(2/M) Σ cos(wₘᵀx + bₘ)."""
    phases = jnp.asarray(numbers["phases"])
    return jnp.sqrt(2 / len(phases)) * jnp.sum(jnp.cos(jnp.asarray(numbers["frequencies"]) @ x + phases))


def random_function(dimension: int, seed: int = 0, *, waves: int = WAVES) -> Surface:
    """A draw of the Gaussian field with mean 0 and covariance exp(−‖x − y‖²/2).

        f(x) = √(2/M) Σ cos(wₘᵀx + bₘ),  w normal, b uniform: Gaussian in the limit of many waves

    Value, every slope and every curvature have variances (1, 1, 3) that do not depend on the dimension, nor on where
    one is: the dimension is all that changes. Another length scale would stretch the picture, no more.

    Args:
        dimension: D.
        seed: which function.
        waves: M; for the curvatures to be those of the field, many more than D.

    Returns:
        The function on ±50 along every axis, as a surface without known critical points.

    Raises:
        LandscapeError: a number is out of range.

    Example:
        >>> random_function(3, seed=1).dimension
        3

    Source: the waves: Rahimi & Recht (2007), "Random features for large-scale kernel machines"; such fields as models
    of losses: Bray & Dean (2007), "Statistics of critical points of Gaussian fields on large-dimensional spaces".
    """
    D, M = whole_number("dimension", dimension, 1), whole_number("waves", waves, 1)
    draws = stream(whole_number("seed", seed, 0), "random function", D)
    return Surface(
        f"random_function_{D}",
        value,
        cube(D, -SIDE, SIDE),
        np.zeros(D),
        numbers={"frequencies": draws.standard_normal((M, D)), "phases": draws.uniform(0, 2 * np.pi, M)},
        description="a smooth random function",
        source="Rahimi & Recht 2007",
    )
