"""A mean with its confidence interval, for the few values that a few seeds give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.statistics.along import mean_intervals


@dataclass(frozen=True)
class Interval:
    """A mean (or a share, or another statistic), how sure it is, and how many values it rests on.

    Attributes:
        mean: NaN if there was no value.
        low: lower end; NaN where the values say nothing about their spread.
        high: upper end.
        n: number of values used.
        excluded: number of values left out because they were not finite, such as those of diverged members.
    """

    mean: float
    low: float
    high: float
    n: int
    excluded: int = 0


def mean_interval(
    values: Sequence[float] | Float[np.ndarray, " N"],
    confidence: float = 0.95,
    *,
    within: tuple[float, float] | None = None,
) -> Interval:
    """The mean of values with its Student t confidence interval, x̄ ± t(n−1)·s/√n.

    It presumes values that are independent and roughly normal, which final accuracies of different seeds are.

    Args:
        values: one per member; NaN and Inf (diverged members) are left out and counted.
        confidence: coverage of the interval, in (0, 1).
        within: range the quantity lives in, such as (0, 1) for accuracy: the ends are clipped to it.

    Returns:
        The interval; with one value its ends are NaN, with none its mean is, too.

    Raises:
        ValueError: `confidence` is outside (0, 1), or values are not one-dimensional.

    Example:
        >>> found = mean_interval([1.0, 2.0, 3.0, float("nan")])
        >>> found.mean, round(found.low, 3), round(found.high, 3), found.n, found.excluded
        (2.0, -0.484, 4.484, 3, 1)

    Source: Student (1908), "The probable error of a mean".
    """
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise ValueError(f"values must have one axis, got {array.ndim}: use mean_intervals for curves")
    found = mean_intervals(array[:, None], confidence, within=within)
    n = int(found.n[0])
    return Interval(float(found.mean[0]), float(found.low[0]), float(found.high[0]), n, len(array) - n)
