"""Runs kept apart by task, and one number for all of them: interquartile mean, mean, standard deviation."""

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


def interquartile_mean(groups: Strata) -> float:
    """The mean of the middle half of all runs of all tasks together.

    A quarter of the runs is cut off at either end, rounded down: with fewer than four it is the mean. It holds
    still when a few runs fail, as the median does, and uses far more of the runs than the median.

    Args:
        groups: the runs of each task, or the runs of one; NaN and Inf (diverged members) are left out.

    Returns:
        The interquartile mean; NaN if there was no finite run.

    Example:
        >>> interquartile_mean([[1, 2, 3, 100], [4, 5, 6, 7]])
        4.5

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.3.
    """
    values = np.sort(pooled(groups))
    cut = len(values) // 4
    middle = values[cut : len(values) - cut]
    return float(middle.mean()) if len(middle) else float("nan")


def standard_deviation(groups: Strata) -> float:
    """How far runs of one task lie apart, s = √(Σ(x − x̄)²/(n − 1)).

    Args:
        groups: the runs of one task (of several: together); NaN and Inf (diverged members) are left out.

    Returns:
        The standard deviation; NaN for fewer than two finite runs.

    Example:
        >>> standard_deviation([1.0, 2.0, 3.0])
        1.0
    """
    values = pooled(groups)
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
