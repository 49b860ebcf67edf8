"""Runs kept apart by task: the strata of a stratified bootstrap."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

TaskRuns = Sequence[float] | Float[np.ndarray, " N"]
Strata = Sequence[TaskRuns] | TaskRuns


def strata(groups: Strata) -> list[Float[np.ndarray, " N"]]:
    """One float64 array of runs per task.

    Args:
        groups: the runs of each task; their numbers may differ. Plain numbers are the runs of a single task.

    Returns:
        The arrays, in the order given.

    Raises:
        ValueError: a task's runs have more than one axis.

    Example:
        >>> [runs.tolist() for runs in strata([[1, 2, 3], [4, 5]])]
        [[1.0, 2.0, 3.0], [4.0, 5.0]]
        >>> [runs.tolist() for runs in strata([1, 2, 3])]
        [[1.0, 2.0, 3.0]]
    """
    if all(np.ndim(runs) == 0 for runs in groups):
        return [np.asarray(groups, np.float64)]
    arrays = [np.asarray(runs, np.float64) for runs in groups]
    for runs in arrays:
        if runs.ndim != 1:
            raise ValueError(f"the runs of a task must have one axis, got {runs.ndim}: give one array per task")
    return arrays


def finite(groups: Strata) -> list[Float[np.ndarray, " N"]]:
    """The finite runs of each task; tasks that have none are left out."""
    kept = [runs[np.isfinite(runs)] for runs in strata(groups)]
    return [runs for runs in kept if len(runs)]


def pooled(groups: Strata) -> Float[np.ndarray, " N"]:
    """The finite runs of all tasks in one array."""
    return np.concatenate([*finite(groups), np.empty(0)])
