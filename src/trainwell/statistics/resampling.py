"""The stratified bootstrap itself: runs drawn anew within each task, and what a statistic makes of them."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.confidence import check_confidence

AT_ONCE = 1_000_000  # runs drawn together: bounds the memory, whatever the number of resamples


def bootstrapped(
    statistic: Callable[[Sequence[Int[np.ndarray, "R n"]]], Float[np.ndarray, "R *S"]],
    sizes: Sequence[int],
    *,
    resamples: int,
    seed: int,
) -> Float[np.ndarray, "R *S"]:
    """What a statistic makes of resamples, each of which draws runs with replacement within each stratum.

    Args:
        statistic: gives one value (or row) per resample from how often each run was drawn: one array
            `[R, n]` per stratum, whose rows sum to n.
        sizes: n of each stratum, at least 1.
        resamples: R.
        seed: of the draws: the same sizes and seed give the same draws.

    Returns:
        The statistic of each resample.

    Raises:
        ValueError: `resamples` is less than 1.
    """
    if resamples < 1:
        raise ValueError(f"resamples must be at least 1, got {resamples}: 2000 is usual")
    if resamples * sum(sizes) <= AT_ONCE:
        return statistic(_draw_once(tuple(sizes), resamples, seed))
    rng = np.random.default_rng(seed)
    block = max(1, AT_ONCE // sum(sizes))
    parts = [min(block, resamples - start) for start in range(0, resamples, block)]
    return np.concatenate([statistic(_draw(rng, sizes, part)) for part in parts])


def percentile_ends(
    estimates: Float[np.ndarray, "R *S"], confidence: float
) -> tuple[Float[np.ndarray, "*S"], Float[np.ndarray, "*S"]]:
    """The percentile interval: what all but (1 − confidence)/2 of the resamples on either side lie between.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", section 13.3.
    """
    check_confidence(confidence)
    low, high = np.quantile(estimates, [0.5 - confidence / 2, 0.5 + confidence / 2], axis=0)
    return low, high


@lru_cache(maxsize=4)  # 50 contenders make 1,225 pairs of the same sizes: their draws are the same
def _draw_once(sizes: tuple[int, ...], resamples: int, seed: int) -> list[Int[np.ndarray, "R n"]]:
    """The draws from fresh, kept for the next statistic with the same sizes."""
    counts = _draw(np.random.default_rng(seed), sizes, resamples)
    for stratum in counts:
        stratum.flags.writeable = False
    return counts


def _draw(rng: np.random.Generator, sizes: Sequence[int], resamples: int) -> list[Int[np.ndarray, "R n"]]:
    """How often each run of each stratum is drawn in each resample."""
    counts = []
    for n in sizes:
        drawn = rng.integers(0, n, (resamples, n)) + n * np.arange(resamples)[:, None]
        counts.append(np.bincount(drawn.ravel(), minlength=resamples * n).reshape(resamples, n))
    return counts
