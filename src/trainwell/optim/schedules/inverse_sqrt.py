"""Inverse square-root decay."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.schedules.schedule import Schedule, times


def inverse_sqrt() -> Schedule:
    """Inverse square-root decay, counted from 1.

        1/√(1 + t)

    The lecture's η0/√t has no value at t = 0 (LECTURE.md, error 10). Here time t starts at 0 as in every
    schedule, and the root is taken of 1 + t: read by whole epochs (`stepwise`), 1/√1, 1/√2, 1/√3, …

    Returns:
        The schedule.

    Example:
        >>> inverse_sqrt()(np.array([0.0, 3.0, 15.0])).tolist()
        [1.0, 0.5, 0.25]

    Source: T-LR-6; in Vaswani et al. 2017 counted in steps instead of epochs.
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        root: Float[np.ndarray, "T"] = np.sqrt(1 + times(t))
        return 1 / root

    return factor
