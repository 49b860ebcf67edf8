"""When runs first reach a target, and how many of them do."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Num

from trainwell.statistics.intervals import Interval, median_interval, proportion_interval


@dataclass(frozen=True)
class TimeToTarget:
    """How runs reach a target.

    Attributes:
        share: of runs that reach it, with Wilson's interval.
        median: the time (or steps) half of the runs need, as `mean`, with its order-statistic interval. A run that
            never reaches the target takes Inf, so these may be Inf.
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
    """When each member's curve first is as good as the target.

    Args:
        values: one row per member; NaN reaches nothing.
        at: the step, epoch or time of each value, ascending; one row for all, or one per member.
        target: a value equal to it reaches it.
        larger_is_better: False for losses and errors.

    Returns:
        The first `at` of each member; Inf for those that never reach it.

    Raises:
        ValueError: the values do not have two axes, or `at` does not fit them.

    Example:
        >>> curves = np.array([[0.5, 0.9, 0.8], [0.4, 0.5, np.nan]])
        >>> first_reached(curves, np.array([100, 200, 300]), 0.8).tolist()
        [200.0, inf]
    """
    values, at = np.asarray(values, np.float64), np.asarray(at, np.float64)
    if values.ndim != 2 or at.shape not in (values.shape, values.shape[1:]):
        raise ValueError(f"values must be [members, points] and at fit them, got {values.shape} and {at.shape}")
    reached = values >= target if larger_is_better else values <= target
    return np.asarray(np.where(reached, at, np.inf).min(1, initial=np.inf))


def time_to_target(first: Float[np.ndarray, " M"], confidence: float = 0.95) -> TimeToTarget:
    """How many runs reach a target and how long half of them take.

    Runs that never reach it count: leaving them out would make a contender faster by failing.

    Args:
        first: when each run reached it, Inf if never, as `first_reached` gives.
        confidence: coverage of the intervals, in (0, 1).

    Returns:
        Share and median, each with its interval; the median's needs six runs at 95%.

    Raises:
        ValueError: a time is NaN, or `confidence` is outside (0, 1).

    Example:
        >>> found = time_to_target(np.array([3.0, 1.0, np.inf, 2.0]))
        >>> found.share.mean, found.median.mean
        (0.75, 2.5)
    """
    first = np.asarray(first, np.float64)
    if np.isnan(first).any():
        raise ValueError("a time to a target must not be NaN: Inf is for runs that never reach it")
    share = proportion_interval(int(np.isfinite(first).sum()), len(first), confidence)
    return TimeToTarget(share, median_interval(first, confidence))
