"""Step decay: the learning rate drops at given epochs."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from trainwell.core.errors import RecipeError
from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times


def step(milestones: Sequence[float] = (30, 60, 90), factor: float = 0.1) -> Schedule:
    """Step decay: multiply by `factor` at each milestone.

        factor^(number of milestones ≤ t)

    The step that begins at a milestone already has the lower learning rate.

    Args:
        milestones: epochs, ascending and above 0; by default ResNet's.
        factor: in (0, 1].

    Returns:
        The schedule.

    Raises:
        RecipeError: the milestones do not ascend, or a number is out of range.

    Example:
        >>> step((30, 60, 90), 0.5)(np.array([0.0, 29.9, 30.0, 90.0])).tolist()
        [1.0, 1.0, 0.5, 0.125]

    Source: T-LR-1; ResNet: He et al. 2016.
    """
    check_numbers(factor=factor)
    if not (np.ndim(milestones) == 1 and all(a < b for a, b in pairwise((0, *milestones)))):
        raise RecipeError(f"milestones must ascend from above 0, got {milestones!r}; try [30, 60, 90]")
    # 0.3 − 0.1 is 0.19999999999999998: without this slack a drop at 0.2 after a warm-up of 0.1 would come a step late.
    places = np.asarray(milestones, dtype=np.float64) - 1e-9

    def schedule(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        passed = np.searchsorted(places, times(t), side="right")
        return np.power(float(factor), passed)

    return schedule
