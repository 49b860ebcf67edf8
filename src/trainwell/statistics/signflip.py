"""The paired sign-flip test of the mean difference, and the confidence interval that inverts it."""

from functools import lru_cache
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float

EXACT = 30  # up to this many differences, all 2ⁿ sign patterns are counted
RESAMPLES = 199_999  # number of random sign patterns for more differences
TYPICAL = 16  # up to this many differences, the interval uses all subsets; for more, 2¹⁶ − 1 random ones
TIES = 1e-12  # sums that differ by less than this share of Σ|d| are ties: the difference is rounding
CHUNK = 64  # pairs computed at a time, to limit memory

Alternative = Literal["two-sided", "greater", "less"]


def sign_flip_p(d: Float[np.ndarray, "n P"], alternative: Alternative = "two-sided") -> Float[np.ndarray, " P"]:
    """Fisher's paired permutation test: how often random signs make the mean difference at least as extreme.

    If the two contenders of a pair are exchangeable, all 2ⁿ sign patterns of d are equally likely, and P(p <= α) is at
    most α for any distribution. Flipping the signs of a subset A changes the sum by −2·Σ_A d, so the test counts
    subsets by the sign of their sum.

    * For n <= 30 the count is exact: the sums of all subsets of one half of d are looked up among those of the other.
    * For larger n, p = (b + 1)/(R + 1), where b of R = 199,999 random patterns are as extreme. The patterns are the
      same in every call. If b = 0, Hoeffding's bound is used where it is smaller.
    * The two-sided p is twice the smaller one-sided p, as in SciPy's `permutation_test`. Other programs compare |Σ|,
      which differs for skewed d.

    Args:
        d: differences, one row per seed, one column per pair; finite. Zeros are kept (all zeros: p = 1).
        alternative: "greater" tests for a mean above 0, "less" for one below 0.

    Returns:
        The p-value of every pair.

    Raises:
        ValueError: `d` has no row, is not two-dimensional or not finite, or the alternative is unknown.

    Example:
        >>> sign_flip_p(np.array([[1.0], [2.0], [3.0]])).tolist()  # 2 of 8 sign patterns
        [0.25]

    Source: Fisher (1935), "The design of experiments", section 21; Phipson & Smyth (2010) for (b + 1)/(R + 1).
    """
    d = _checked(d)
    greater, less = _exact(d) if len(d) <= EXACT else _random(d)
    if alternative == "greater":
        return greater
    if alternative == "less":
        return less
    if alternative != "two-sided":
        raise ValueError(f'alternative must be "two-sided", "greater" or "less", got {alternative!r}')
    return np.asarray(np.minimum(1.0, 2 * np.minimum(greater, less)))


def sign_flip_interval(
    d: Float[np.ndarray, "n P"], confidence: float | Float[np.ndarray, " P"] = 0.95
) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """The confidence interval that inverts the two-sided sign-flip test.

    Its ends are order statistics of the means of all non-empty subsets of d ("typical values"): the k-th smallest and
    the k-th largest, k = ⌊α/2·2ⁿ⌋. For n > 16, 2¹⁶ − 1 random subsets are used, the same in every call; the coverage
    is the same.

    Args:
        d: differences, one row per seed, one column per pair; finite.
        confidence: coverage, in (0, 1), one for all pairs or one per pair.

    Returns:
        Lower and upper ends, one per pair; −inf and inf if n is too small for the confidence (2ⁿ < 2/α).

    Raises:
        ValueError: `d` has no row, is not two-dimensional or not finite, or `confidence` is outside (0, 1).

    Example:
        >>> low, high = sign_flip_interval(np.array([[1.0], [2.0], [6.0]]), 0.75)
        >>> low.tolist(), high.tolist()
        ([1.0], [6.0])

    Source: Hartigan (1969), "Using subsample values as typical values".
    """
    d = _checked(d)
    level = 1 - np.broadcast_to(np.asarray(confidence, np.float64), d.shape[1:])
    if not np.all((level > 0) & (level < 1)):
        raise ValueError(f"confidence must be in (0, 1), got {confidence}: 0.95 means 95%")
    subsets = _subsets(len(d)).astype(np.float64)
    sizes = subsets.sum(1)
    rank = np.floor(level / 2 * (len(subsets) + 1) + 1e-9).astype(int)  # 1e-9 for levels equal to 2/2ⁿ up to rounding
    low, high = np.full(d.shape[1], -np.inf), np.full(d.shape[1], np.inf)
    for start in range(0, d.shape[1], CHUNK):
        pairs = start + np.flatnonzero(rank[start : start + CHUNK] > 0)
        for pair, means in zip(pairs, (d[:, pairs].T @ subsets.T) / sizes, strict=True):
            ends = rank[pair] - 1, len(means) - rank[pair]
            low[pair], high[pair] = np.partition(means, ends)[[*ends]]
    return low, high


def _checked(d: Float[np.ndarray, "n P"]) -> Float[np.ndarray, "n P"]:
    """The differences as float64; raises ValueError if they are not finite or not two-dimensional."""
    d = np.asarray(d, np.float64)
    if d.ndim != 2 or len(d) == 0:
        raise ValueError(f"d must be [n, P] with at least one row, got shape {d.shape}: one column per pair")
    if not np.isfinite(d).all():
        raise ValueError("d must be finite: give runs that diverged a finite worst value before taking differences")
    return d


def _exact(d: Float[np.ndarray, "n P"]) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """Exact one-sided p-values (greater, less): the shares of subsets whose sum is at most 0 and at least 0."""
    n = len(d)
    slack = TIES * np.abs(d).sum(0)
    greater, less = np.empty(d.shape[1]), np.empty(d.shape[1])
    for pair in range(d.shape[1]):
        ours, theirs = np.sort(_sums(d[: n // 2, pair])), np.sort(_sums(d[n // 2 :, pair]))
        keys = -ours[::-1]  # ascending keys make the search several times faster
        below = np.searchsorted(theirs, keys - slack[pair], "left").sum()
        greater[pair] = np.searchsorted(theirs, keys + slack[pair], "right").sum() / 2**n
        less[pair] = (2**n - below) / 2**n
    return greater, less


def _sums(d: Float[np.ndarray, " n"]) -> Float[np.ndarray, " S"]:
    """The sums of all 2ⁿ subsets, the empty one included."""
    sums = np.zeros(1)
    for one in d:
        sums = np.concatenate([sums, sums + one])
    return sums


def _random(d: Float[np.ndarray, "n P"]) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """One-sided p-values (greater, less) from random subsets. The observed signs count as one of them.

    If no random subset is as extreme, these can only bound p by 1/(R + 1). Hoeffding's bound, exp(−S²/2Σd²) for the sum
    S of the differences, is valid as well, and the smaller one is returned.
    """
    rng = np.random.default_rng(0)
    slack = TIES * np.abs(d).sum(0)
    greater, less = np.ones(d.shape[1]), np.ones(d.shape[1])
    for start in range(0, RESAMPLES, 10_000):
        sums = (rng.random((min(10_000, RESAMPLES - start), len(d))) < 0.5).astype(np.float64) @ d
        greater += (sums <= slack).sum(0)
        less += (sums >= -slack).sum(0)
    squares = np.maximum((d**2).sum(0), np.finfo(np.float64).tiny)
    bound = np.exp(-(d.sum(0) ** 2) / (2 * squares))
    p = [
        np.where(count == 1, np.minimum(1 / (RESAMPLES + 1), bound), count / (RESAMPLES + 1))
        for count in (greater, less)
    ]
    return p[0], p[1]


@lru_cache(maxsize=16)
def _subsets(n: int) -> Bool[np.ndarray, "S n"]:
    """Non-empty subsets of n elements as masks, one per row; all of them, or random ones for n > 16."""
    if n <= TYPICAL:
        return np.asarray((np.arange(1, 2**n)[:, None] >> np.arange(n)) & 1 == 1)
    rows = np.random.default_rng(0).random((2**TYPICAL - 1, n)) < 0.5
    return rows[rows.any(1)]
