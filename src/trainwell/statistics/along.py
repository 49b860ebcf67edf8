"""Means with confidence intervals along curves: one per point in time."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.confidence import check_confidence


@dataclass(frozen=True, eq=False)
class Intervals:
    """One interval per point.

    Attributes:
        mean: NaN where no member has a value.
        low: lower ends; NaN where fewer than two members have a value.
        high: upper ends, likewise.
        n: members with a value.
    """

    mean: Float[np.ndarray, " T"]
    low: Float[np.ndarray, " T"]
    high: Float[np.ndarray, " T"]
    n: Int[np.ndarray, " T"]


def mean_intervals(
    values: Float[np.ndarray, "M T"], confidence: float = 0.95, *, within: tuple[float, float] | None = None
) -> Intervals:
    """Mean over members with its Student t interval, x̄ ± t(n−1)·s/√n, at every point.

    The intervals are per point: they do not say that a whole curve lies inside with that confidence.

    Args:
        values: one row per member, one column per point; NaN and Inf are left out.
        confidence: coverage of each interval, in (0, 1).
        within: range the quantity lives in; the ends are clipped to it.

    Returns:
        Means, ends and numbers of values, each `[T]`.

    Raises:
        ValueError: `confidence` is outside (0, 1).

    Example:
        >>> found = mean_intervals(np.array([[1.0, 5.0], [3.0, np.nan]]))
        >>> found.mean.tolist(), found.n.tolist()
        ([2.0, 5.0], [2, 1])
    """
    check_confidence(confidence)
    from scipy.special import stdtrit  # the quantile of Student's t; scipy.stats takes far longer to import

    values = np.asarray(values, np.float64)
    there = np.isfinite(values)
    n = there.sum(0)
    with np.errstate(all="ignore"):  # 0/0 is the NaN that is wanted
        mean = np.where(there, values, 0.0).sum(0) / n
        variance = (np.where(there, values - mean, 0.0) ** 2).sum(0) / (n - 1)
    enough = n >= 2
    t = stdtrit(np.maximum(n - 1, 1), 0.5 + confidence / 2)
    half = np.where(enough, t * np.sqrt(np.where(enough, variance, 0.0) / np.maximum(n, 1)), np.nan)
    low, high = mean - half, mean + half
    if within is not None:
        low, high = np.clip(low, *within), np.clip(high, *within)
    return Intervals(mean, low, high, n)
