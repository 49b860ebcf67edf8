"""Cosine decay."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def cosine(total_epochs: float) -> Schedule:
    """Cosine decay: slow, fast, slow, down to 0 at the end.

        ½ (1 + cos(πt/T)), and 0 from T on

    Args:
        total_epochs: T, above 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: T is 0 or less.

    Example:
        >>> cosine(90)(np.array([0.0, 30.0, 90.0, 100.0])).round(9).tolist()
        [1.0, 0.75, 0.0, 0.0]

    Source: T-LR-4; Loshchilov & Hutter 2017, eq. 5, without restarts.
    """
    check_numbers(total_epochs=total_epochs)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        part = np.minimum(times(t) / total_epochs, 1)
        return 0.5 * (1 + np.cos(np.pi * part))

    return factor
