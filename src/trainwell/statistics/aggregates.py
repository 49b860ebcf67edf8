"""Runs grouped by task, and statistics of all of them: interquartile mean and standard deviation."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

TaskRuns = Sequence[float] | Float[np.ndarray, " N"]
Strata = Sequence[TaskRuns] | TaskRuns


def strata(groups: Strata) -> list[Float[np.ndarray, " N"]]:
    """One float64 array of runs per task.

    Args:
        groups: the runs of each task, possibly of different lengths. Plain numbers are the runs of a single task.

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
    """The finite runs of each task, without tasks that have none."""
    kept = [runs[np.isfinite(runs)] for runs in strata(groups)]
    return [runs for runs in kept if len(runs)]


def pooled(groups: Strata) -> Float[np.ndarray, " N"]:
    """The finite runs of all tasks in one array."""
    return np.concatenate([*finite(groups), np.empty(0)])


def interquartile_mean(groups: Strata) -> float:
    """The mean of the middle half of all runs of all tasks together.

    The lowest and the highest quarter of the runs are discarded (rounded down: of fewer than four runs, it is the
    mean). Like the median it is robust to a few failed runs, but it uses more of the data.

    Args:
        groups: the runs of each task, or the runs of a single task; NaN and Inf (diverged runs) are excluded.

    Returns:
        The interquartile mean; NaN if there is no finite run.

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
    """The sample standard deviation, s = √(Σ(x − x̄)²/(n − 1)).

    Args:
        groups: the runs of one task, or of several tasks, which are pooled; NaN and Inf (diverged runs) are excluded.

    Returns:
        The standard deviation; NaN for fewer than two finite runs.

    Example:
        >>> standard_deviation([1.0, 2.0, 3.0])
        1.0
    """
    values = pooled(groups)
    return float(values.std(ddof=1)) if len(values) > 1 else float("nan")
