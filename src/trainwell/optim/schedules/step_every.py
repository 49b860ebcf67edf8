"""Step decay at regular intervals."""

import numpy as np
from jaxtyping import Float

from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times

# 0.3/0.1 is 2.9999999999999996: without this slack the third drop of every=0.1 would come a step late.
_SLACK = 1e-9


def step_every(every: float | None = None, factor: float = 0.1, total_epochs: float | None = None) -> Schedule:
    """Step decay at regular intervals: multiply by `factor` every so many epochs.

        factor^⌊t/every⌋

    Args:
        every: k, epochs between two drops, above 0; by default three tenths of the run, so that there are three.
        factor: in (0, 1].
        total_epochs: T, above 0; by default 100. Only the default of k depends on it.

    Returns:
        The schedule.

    Raises:
        RecipeError: a number is out of range.

    Example:
        >>> step_every(10, 0.5)(np.array([0.0, 9.9, 10.0, 35.0])).tolist()
        [1.0, 1.0, 0.5, 0.125]

    Source: T-LR-1.
    """
    total_epochs = 100 if total_epochs is None else total_epochs
    every = 0.3 * total_epochs if every is None else every
    check_numbers(every=every, factor=factor, total_epochs=total_epochs)

    def schedule(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return np.power(float(factor), np.floor(times(t) / every + _SLACK))

    return schedule
