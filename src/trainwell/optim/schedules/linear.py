"""Linear decay."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def linear(total_epochs: float) -> Schedule:
    """Linear decay, down to 0 at the end.

        1 − t/T, and 0 from T on

    Args:
        total_epochs: T, above 0.

    Returns:
        The schedule.

    Raises:
        RecipeError: T is 0 or less.

    Example:
        >>> linear(80)(np.array([0.0, 20.0, 80.0, 100.0])).tolist()
        [1.0, 0.75, 0.0, 0.0]

    Source: T-LR-5.
    """
    check_numbers(total_epochs=total_epochs)

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return 1 - np.minimum(times(t) / total_epochs, 1)

    return factor
