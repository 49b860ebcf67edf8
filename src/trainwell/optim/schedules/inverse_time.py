"""1/t decay."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def inverse_time(decay_rate: float = 0.1) -> Schedule:
    """1/t decay: half after 1/k epochs, a third after 2/k.

        1/(1 + kt)

    Args:
        decay_rate: k, per epoch, at least 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: the decay rate is negative or not finite.

    Example:
        >>> inverse_time(0.25)(np.array([0.0, 4.0, 12.0])).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-3.
    """
    check_numbers(decay_rate=decay_rate)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return 1 / (1 + decay_rate * times(t))

    return factor
