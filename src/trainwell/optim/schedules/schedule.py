"""The type of schedules, linear warm-up, and schedules that change only between epochs."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from jaxtyping import Float

from trainwell.optim.protocol import check_numbers

Schedule: TypeAlias = Callable[[Float[np.ndarray, "T"]], Float[np.ndarray, "T"]]
"""`schedule(t)` returns the factors of the base learning rate (float64) at the times t, in epochs from 0."""


def times(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
    """`t` as float64."""
    return np.asarray(t, dtype=np.float64)


START = 0.01
"""First factor of a warm-up; with 0 the first step would have no effect."""


def warmup(schedule: Schedule, warmup_epochs: float) -> Schedule:
    """Linear warm-up from almost 0 to 1, followed by `schedule`, for which time starts at the end of the warm-up.

        t < w:  0.01 + 0.99 t/w
        t ≥ w:  schedule(t − w)

    So milestones count from the end of the warm-up, and a cosine that ends with a run of T epochs needs
    `total_epochs` T − w; `make_schedule` takes care of this.

    Args:
        schedule: the schedule after the warm-up.
        warmup_epochs: w, at least 0; with 0 the result is `schedule` itself.

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
    """A schedule that is constant within each epoch, with the value of `schedule` at the start of the epoch.

        schedule(⌊t⌋)

    Args:
        schedule: any schedule, also one with warm-up.

    Returns:
        The schedule.

    Example:
        >>> from trainwell.optim.schedules.shapes import linear
        >>> stepwise(linear(4))(np.array([0.0, 0.9, 1.0, 1.5])).tolist()
        [1.0, 1.0, 0.75, 0.75]

    Source: docs/lecture.md, Learning-rate schedules: continuous, or constant within each epoch.
    """

    def factor(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        return schedule(np.floor(times(t)))

    return factor
