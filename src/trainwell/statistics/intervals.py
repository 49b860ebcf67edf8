"""Confidence intervals of means, of the mean of curves, of medians and of shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float, Int


def check_confidence(confidence: float) -> None:
    """Check the confidence of an interval.

    Args:
        confidence: in (0, 1).

    Raises:
        ValueError: it is outside (0, 1), such as a percentage.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}: 0.95 means 95%")


@dataclass(frozen=True)
class Interval:
    """A mean (or a share, or another statistic) with its confidence interval and the number of values.

    Attributes:
        mean: the estimate; NaN if there are no values.
        low: lower end; NaN if there are too few values for an interval.
        high: upper end; NaN likewise.
        n: number of values used.
        excluded: number of values excluded because they were not finite, such as those of diverged networks.
    """

    mean: float
    low: float
    high: float
    n: int
    excluded: int = 0

    def to_json(self) -> dict[str, float | int]:
        """`mean`, `low`, `high` and `n` by name."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "n": self.n}


def mean_interval(
    values: Sequence[float] | Float[np.ndarray, " N"],
    confidence: float = 0.95,
    *,
    within: tuple[float, float] | None = None,
) -> Interval:
    """The mean of values with its Student t confidence interval, x̄ ± t(n−1)·s/√n.

    It assumes independent, roughly normal values. Final accuracies with different seeds are.

    Args:
        values: one per network; NaN and Inf (diverged networks) are excluded and counted.
        confidence: coverage of the interval, in (0, 1).
        within: range of the quantity, such as (0, 1) for accuracy; the ends are clipped to it.

    Returns:
        The interval. With one value the ends are NaN; without values the mean is NaN as well.

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


@dataclass(frozen=True, eq=False)
class Intervals:
    """One interval per point of a curve.

    Attributes:
        mean: NaN where there are no values.
        low: lower ends; NaN where there are fewer than two values.
        high: upper ends; NaN likewise.
        n: number of values.
    """

    mean: Float[np.ndarray, " T"]
    low: Float[np.ndarray, " T"]
    high: Float[np.ndarray, " T"]
    n: Int[np.ndarray, " T"]


def mean_intervals(
    values: Float[np.ndarray, "M T"], confidence: float = 0.95, *, within: tuple[float, float] | None = None
) -> Intervals:
    """The mean over networks with its Student t interval, x̄ ± t(n−1)·s/√n, at every point of a curve.

    The intervals are per point, not simultaneous for the whole curve.

    Args:
        values: one row per network, one column per point; NaN and Inf are excluded.
        confidence: coverage of each interval, in (0, 1).
        within: range of the quantity; the ends are clipped to it.

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
    from scipy.special import stdtrit  # quantile of Student's t; scipy.stats takes much longer to import

    values = np.asarray(values, np.float64)
    finite = np.isfinite(values)
    n = finite.sum(0)
    with np.errstate(all="ignore"):  # 0/0 gives the wanted NaN
        mean = np.where(finite, values, 0.0).sum(0) / n
        variance = (np.where(finite, values - mean, 0.0) ** 2).sum(0) / (n - 1)
    enough = n >= 2
    t = stdtrit(np.maximum(n - 1, 1), 0.5 + confidence / 2)
    half = np.where(enough, t * np.sqrt(np.where(enough, variance, 0.0) / np.maximum(n, 1)), np.nan)
    low, high = mean - half, mean + half
    if within is not None:
        low, high = np.clip(low, *within), np.clip(high, *within)
    return Intervals(mean, low, high, n)


def wilson_ends(share: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval of a share, (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    If some trials count as half a success, p(1−p) exceeds the variance of a trial, so the interval is wider than
    necessary.

    Args:
        share: p, in [0, 1].
        n: number of trials, at least 1.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        Its ends, within [0, 1].

    Raises:
        ValueError: `confidence` is outside (0, 1).

    Example:
        >>> low, high = wilson_ends(0.8, 10)
        >>> round(low, 3), round(high, 3)
        (0.49, 0.943)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    check_confidence(confidence)
    from scipy.special import ndtri

    z = float(ndtri(0.5 + confidence / 2))
    middle, half = share + z * z / (2 * n), z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def proportion_interval(successes: float, n: int, confidence: float = 0.95) -> Interval:
    """A share of successes with its Wilson score interval.

    For an accuracy, the interval covers the uncertainty from the finite number of test examples, not the variation
    between training seeds.

    Args:
        successes: from 0 to n, such as the number of correctly classified test examples; a tie may count as one half.
        n: number of trials; 0 gives NaN.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval within [0, 1], and n.

    Raises:
        ValueError: `successes` is not in 0…n, or `confidence` not in (0, 1).

    Example:
        >>> found = proportion_interval(8, 10)
        >>> found.mean, round(found.low, 3), round(found.high, 3)
        (0.8, 0.49, 0.943)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be between 0 and n = {n}, got {successes}")
    check_confidence(confidence)
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return Interval(successes / n, *wilson_ends(successes / n, n, confidence), n)


def median_interval(values: Sequence[float] | Float[np.ndarray, " N"], confidence: float = 0.95) -> Interval:
    """The median with the interval from one order statistic to another, x₍ₗ₎ to x₍ₙ₊₁₋ₗ₎.

    l is the largest number with P(Binomial(n, ½) < l) ≤ (1 − confidence)/2, so the coverage is at least `confidence`
    for any distribution. At 95%, at least six values are needed.

    Args:
        values: one per network; may be Inf (larger than all numbers), so the median may be Inf. NaN is excluded and
            counted.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The median in the field `mean`, and its interval; the ends are NaN if there are too few values.

    Raises:
        ValueError: `confidence` is outside (0, 1), or values are not one-dimensional.

    Example:
        >>> median_interval([1, 2, 3, 4, 5, 6, 7, float("inf")])
        Interval(mean=4.5, low=1.0, high=inf, n=8, excluded=0)

    Source: Thompson (1936), "On confidence ranges for the median and other expectation distributions".
    """
    check_confidence(confidence)
    array = np.asarray(values, np.float64)
    if array.ndim != 1:
        raise ValueError(f"values must have one axis, got {array.ndim}")
    kept = np.sort(array[~np.isnan(array)])
    n, excluded = len(kept), len(array) - len(kept)
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0, excluded)
    from scipy.special import bdtr

    below = bdtr(np.arange(n // 2, dtype=np.float64), n, 0.5)  # P(B ≤ k) for k = 0, 1, …
    order = int(np.sum(below <= (1 - confidence) / 2))
    low, high = (kept[order - 1], kept[n - order]) if order else (np.nan, np.nan)
    median = kept[[(n - 1) // 2, n // 2]].mean()
    return Interval(float(median), float(low), float(high), n, excluded)
