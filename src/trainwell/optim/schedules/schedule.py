"""What every schedule is, a factor over time on the base learning rate; linear warm-up; reading it once per epoch."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.optim.protocol import check_numbers

Schedule: TypeAlias = Callable[[Float[np.ndarray, "T"]], Float[np.ndarray, "T"]]
"""`schedule(t) -> factor`: times in epochs from 0 in, factors out, NumPy float64."""


def times(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """`t` as float64, whatever numbers the caller had."""
    return np.asarray(t, dtype=np.float64)


START = 0.01
"""Where warm-up begins: close to 0, but not 0, so that the first step is not lost."""


def warmup(schedule: Schedule, warmup_epochs: float) -> Schedule:
    """Linear warm-up from almost 0 to 1, then `schedule`, whose own clock starts when the warm-up ends.

        t < w:  0.01 + 0.99 t/w
        t ≥ w:  schedule(t − w)

    Milestones therefore count from the end of the warm-up, and a cosine that is to end with a run of T
    epochs has T − w for its total: `make_schedule` sees to that.

    Args:
        schedule: what follows.
        warmup_epochs: w, at least 0; with 0 the result is `schedule`.

    Returns:
        The schedule.

    Raises:
        RecipeError: `warmup_epochs` is negative or not finite.

    Example:
        >>> from trainwell.optim.schedules.shapes import linear
        >>> warmup(linear(20), 4)(np.array([0.0, 4.0, 14.0, 24.0])).tolist()
        [0.01, 1.0, 0.5, 0.0]

    Source: Goyal et al. 2017, section 2.2 (gradual warm-up).
    """
    check_numbers(warmup_epochs=warmup_epochs)
    if warmup_epochs == 0:
        return schedule

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        clock = times(t)
        rising = START + (1 - START) * clock / warmup_epochs
        return np.where(clock < warmup_epochs, rising, schedule(np.maximum(clock - warmup_epochs, 0)))

    return factor


def stepwise(schedule: Schedule) -> Schedule:
    """Read `schedule` at whole epochs only: the learning rate stays the same within an epoch.

        schedule(⌊t⌋)

    Args:
        schedule: any schedule, warm-up included.

    Returns:
        The schedule.

    Example:
        >>> from trainwell.optim.schedules.shapes import linear
        >>> stepwise(linear(4))(np.array([0.0, 0.9, 1.0, 1.5])).tolist()
        [1.0, 1.0, 0.75, 0.75]

    Source: the schedules of docs/lecture.md, whose time may be continuous within an epoch or go in steps.
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return schedule(np.floor(times(t)))

    return factor
