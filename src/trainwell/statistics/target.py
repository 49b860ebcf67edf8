"""The time until runs reach a target, and the share of runs that reach it."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num

from trainwell.statistics.intervals import Interval, median_interval, proportion_interval


@dataclass(frozen=True)
class TimeToTarget:
    """How many runs reach a target, and how long they take.

    Attributes:
        share: the share of runs that reach it, with Wilson's interval.
        median: the median time (or number of steps) in the field `mean`, with its order-statistic interval. The time of
            a run that never reaches the target is Inf, so these may be Inf.
    """

    share: Interval
    median: Interval


def first_reached(
    values: Float[np.ndarray, "M T"],
    at: Num[np.ndarray, "M T"] | Num[np.ndarray, " T"],
    target: float,
    *,
    larger_is_better: bool = True,
) -> Float[np.ndarray, " M"]:
    """The time at which each network's learning curve first reaches the target.

    Args:
        values: one row per network; NaN never reaches the target.
        at: the step, epoch or time of each value, ascending; one row for all, or one per network.
        target: reached by values that are equal or better.
        larger_is_better: False for losses and errors.

    Returns:
        The first `at` of each network, `[M]`; Inf if it never reaches the target.

    Raises:
        ValueError: `values` is not two-dimensional, or `at` has another shape.

    Example:
        >>> curves = np.array([[0.5, 0.9, 0.8], [0.4, 0.5, np.nan]])
        >>> first_reached(curves, np.array([100, 200, 300]), 0.8).tolist()
        [200.0, inf]
    """
    values, at = np.asarray(values, np.float64), np.asarray(at, np.float64)
    if values.ndim != 2 or at.shape not in (values.shape, values.shape[1:]):
        raise ValueError(f"values must be [M, T] and at [M, T] or [T], got shapes {values.shape} and {at.shape}")
    reached = values >= target if larger_is_better else values <= target
    return np.asarray(np.where(reached, at, np.inf).min(1, initial=np.inf))


def time_to_target(first: Float[np.ndarray, " M"], confidence: float = 0.95) -> TimeToTarget:
    """The share of runs that reach a target, and the median time.

    Runs that never reach it count as Inf. If they were excluded, a contender would appear faster by failing.

    Args:
        first: the time at which each run reached the target, Inf if never, from `first_reached`.
        confidence: coverage of the intervals, in (0, 1).

    Returns:
        Share and median, each with its interval. At 95%, the median's interval needs at least six runs.

    Raises:
        ValueError: a time is NaN, or `confidence` is outside (0, 1).

    Example:
        >>> found = time_to_target(np.array([3.0, 1.0, np.inf, 2.0]))
        >>> found.share.mean, found.median.mean
        (0.75, 2.5)
    """
    first = np.asarray(first, np.float64)
    if np.isnan(first).any():
        raise ValueError("a time to a target must not be NaN: use Inf for runs that never reach it")
    share = proportion_interval(int(np.isfinite(first).sum()), len(first), confidence)
    return TimeToTarget(share, median_interval(first, confidence))
