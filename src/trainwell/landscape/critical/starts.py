"""Where descents lead on a surface: low places to search for critical points from."""

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.landscape.descents.run import descend, starts_on
from trainwell.landscape.surfaces.surface import Surface

UPDATES = 400
SHARE = 0.005
"""Of the domain's longest side: what each coordinate moves in an update at first."""


def lowered(surface: Surface, starts: Float[ArrayLike, "S D"], updates: int = UPDATES) -> Float[np.ndarray, "S D"]:
    """Where Adam gets to from starts, with a learning rate that falls from 1/200 of the domain's side to 0.

    Adam's updates are as long however small the gradient is, so that it gets off a plateau, too.

    Args:
        surface: the surface.
        starts: within its domain, where it is finite.
        updates: of each.

    Returns:
        The last points, brought back to the domain's ends where they are outside; where a descent has met values
        that are not finite, its start.

    Raises:
        LandscapeError: a start has the wrong size, or is not within.

    Example:
        >>> from trainwell.landscape.surfaces.bowl import bowl
        >>> bool(abs(lowered(bowl(), [[-7.0, 2.0]])).max() < 0.1)
        True
    """
    begun = starts_on(surface, starts)
    how = {"optimizer": "adam", "learning_rate": SHARE * float(np.diff(surface.domain).max()), "schedule": "linear"}
    ends = np.asarray(descend(surface, how, begun, updates).points[0], np.float64)
    low, high = surface.domain.T
    return np.where(np.isfinite(ends).all(-1, keepdims=True), np.clip(ends, low, high), begun)
