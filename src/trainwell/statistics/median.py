"""A median with the interval that order alone gives: nothing is presumed of the values' distribution."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.statistics.confidence import check_confidence
from trainwell.statistics.interval import Interval


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
