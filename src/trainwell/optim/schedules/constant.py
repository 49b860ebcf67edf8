"""A constant learning rate."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.schedules.schedule import Schedule, times


def constant() -> Schedule:
    """The learning rate stays what it is: factor 1.

    Returns:
        The schedule.

    Example:
        >>> constant()(np.array([0.0, 50.0])).tolist()
        [1.0, 1.0]
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.ones_like(times(t))

    return factor
