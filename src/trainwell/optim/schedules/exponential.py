"""Exponential decay."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def exponential(decay_rate: float = 0.05) -> Schedule:
    """Exponential decay: the same ratio in every epoch.

        e^(−kt)

    Args:
        decay_rate: k, per epoch, at least 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: the decay rate is negative or not finite.

    Example:
        >>> exponential(np.log(2) / 10)(np.array([0.0, 10.0, 20.0])).round(9).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-2.
    """
    check_numbers(decay_rate=decay_rate)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.exp(-decay_rate * times(t))

    return factor
