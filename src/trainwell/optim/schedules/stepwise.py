"""Schedules read once per epoch."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.schedules.schedule import Schedule, times


def stepwise(schedule: Schedule) -> Schedule:
    """Read `schedule` at whole epochs only: the learning rate stays the same within an epoch.

        schedule(⌊t⌋)

    Args:
        schedule: any schedule, warm-up included.

    Returns:
        The schedule.

    Example:
        >>> from trainwell.optim.schedules import linear
        >>> stepwise(linear(4))(np.array([0.0, 0.9, 1.0, 1.5])).tolist()
        [1.0, 1.0, 0.75, 0.75]

    Source: section "Notation" of the lecture ("continuous within an epoch, or stepwise").
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return schedule(np.floor(times(t)))

    return factor
