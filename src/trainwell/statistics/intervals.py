"""Intervals: of means, of means along curves, of medians and of shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float, Int


def check_confidence(confidence: float) -> None:
    """Refuse a coverage that is none.

    Args:
        confidence: of an interval, in (0, 1).

    Raises:
        ValueError: it is outside (0, 1), such as a percentage.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence must be in (0, 1), got {confidence}: 0.95 means 95%")


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

    def to_json(self) -> dict[str, float | int]:
        """As `mean`, `low`, `high` and `n`."""
        return {"mean": self.mean, "low": self.low, "high": self.high, "n": self.n}


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


def wilson_ends(share: float, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson's interval, (p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n).

    With half points p(1−p) is more than the variance of one trial, so the interval is wider than it needs to be.

    Args:
        share: p, in [0, 1].
        n: number of trials, at least 1.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        Its ends, inside [0, 1].

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

    It says how far the share may be from that of all such examples; how much another seed would change it, it
    does not say.

    Args:
        successes: from 0 to n, such as the number of test examples classified correctly; a tie may be half of one.
        n: number of trials; 0 gives NaN.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval inside [0, 1], and n.

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
    """The median with an interval between two order statistics, x₍ₗ₎ to x₍ₙ₊₁₋ₗ₎.

    l is the largest with P(Binomial(n, ½) < l) ≤ (1 − confidence)/2, so the coverage is at least `confidence`,
    whatever the distribution. At 95% that takes six values.

    Args:
        values: one per member; Inf counts as larger than all numbers, so that the median of times may be Inf. NaN is
            left out and counted.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The median as `mean`, with its interval; the ends are NaN if there are too few values.

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
