"""Step decay: the learning rate drops at given epochs."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from trainwell.core import RecipeError
from trainwell.optim.bounds import check_numbers
from trainwell.optim.schedules.schedule import Schedule, times

RESNET = (0.3, 0.6, 0.9)  # its milestones 30, 60 and 90, as shares of 100 epochs


def step(milestones: Sequence[float] | None = None, factor: float = 0.1, total_epochs: float | None = None) -> Schedule:
    """Step decay: multiply by `factor` at each milestone.

        factor^(number of milestones ≤ t)

    The step that begins at a milestone already has the lower learning rate.

    Args:
        milestones: epochs, ascending and above 0; by default ResNet's 30, 60 and 90 of 100 epochs, in proportion.
        factor: in (0, 1].
        total_epochs: T, above 0; by default 100. Only default milestones depend on it.

    Returns:
        The schedule.

    Raises:
        RecipeError: the milestones do not ascend, or a number is out of range.

    Example:
        >>> step((30, 60, 90), 0.5)(np.array([0.0, 29.9, 30.0, 90.0])).tolist()
        [1.0, 1.0, 0.5, 0.125]

    Source: T-LR-1; ResNet: He et al. 2016.
    """
    total_epochs = 100 if total_epochs is None else total_epochs
    check_numbers(factor=factor, total_epochs=total_epochs)
    if milestones is None:
        milestones = [share * total_epochs for share in RESNET]
    if not (np.ndim(milestones) == 1 and all(a < b for a, b in pairwise((0, *milestones)))):
        raise RecipeError(f"milestones must ascend from above 0, got {milestones!r}; try [30, 60, 90]")
    # 0.3 − 0.1 is 0.19999999999999998: without this slack a drop at 0.2 after a warm-up of 0.1 would come a step late.
    places = np.asarray(milestones, dtype=np.float64) - 1e-9

    def schedule(t: Float[np.ndarray, "T"]) -> Float[np.ndarray, "T"]:
        passed = np.searchsorted(places, times(t), side="right")
        return np.power(float(factor), passed)

    return schedule
