"""Stratified bootstrap intervals: how sure an interquartile mean, or any statistic of runs, is."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.aggregates import Strata, finite, interquartile_mean, pooled, strata
from trainwell.statistics.intervals import Interval, check_confidence

Statistic = Callable[[list[Float[np.ndarray, " N"]]], float]
Counts = Sequence[Int[np.ndarray, "R n"]]
"""How often each run was drawn, an array per stratum: one row per resample."""
AT_ONCE = 1_000_000  # runs drawn together: bounds the memory, whatever the number of resamples


def bootstrapped(
    statistic: Callable[[Counts], Float[np.ndarray, "R *S"]],
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
    statistic: Callable[[Counts], Float[np.ndarray, "R *S"]],
    sizes: Sequence[int],
    *,
    confidence: float,
    resamples: int,
    seed: int,
) -> tuple[Float[np.ndarray, "*S"], Float[np.ndarray, "*S"]]:
    """The percentile interval: what all but (1 − confidence)/2 of the resamples on either side lie between.

    Args:
        statistic: as for `bootstrapped`.
        sizes: likewise.
        confidence: coverage of the interval, in (0, 1).
        resamples: as for `bootstrapped`.
        seed: likewise.

    Returns:
        The two ends; NaN where a stratum has a single run, or there is none.

    Raises:
        ValueError: `confidence` is outside (0, 1), or `resamples` less than 1.

    Source: Efron and Tibshirani (1993), "An introduction to the bootstrap", section 13.3.
    """
    check_confidence(confidence)
    if min(sizes, default=0) < 2:
        return np.asarray(np.nan), np.asarray(np.nan)
    estimates = bootstrapped(statistic, sizes, resamples=resamples, seed=seed)
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


def bootstrap_interval(
    groups: Strata,
    statistic: Statistic = interquartile_mean,
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
    within: tuple[float, float] | None = None,
) -> Interval:
    """A statistic of the runs of all tasks with its stratified percentile bootstrap interval.

    Each resample draws, for every task, as many of its runs as it has, with replacement. Tasks are not drawn: the
    interval says how far other seeds may move the statistic, not other tasks. With fewer than about ten runs per
    task percentile intervals are too narrow.

    Args:
        groups: the runs of each task, or the runs of one; NaN and Inf (diverged members) are left out and
            counted, and so are tasks without a finite run.
        statistic: from a list with one array of runs per task. The interquartile mean is computed for all resamples
            at once, others one by one.
        confidence: coverage of the interval, in (0, 1).
        resamples: number of resamples.
        seed: of the draws; the same runs and seed give the same interval.
        within: range the quantity lives in: the ends are clipped to it.

    Returns:
        The statistic itself as `mean` and its interval; the ends are NaN if a task has a single run.

    Raises:
        ValueError: `confidence` is outside (0, 1), `resamples` less than 1, or a task's runs have more than one axis.

    Example:
        >>> found = bootstrap_interval([[1, 2, 3, 4], [11, 12, 13, 14]])
        >>> found.mean, found.n, 1 < found.low < found.mean < found.high < 14
        (7.5, 8, True)

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.1.
    """
    kept = finite(groups)
    sizes = list(map(len, kept))
    drawn = _of_counts(statistic, kept)
    low, high = percentile_ends(drawn, sizes, confidence=confidence, resamples=resamples, seed=seed)
    if within is not None:
        low, high = np.clip(low, *within), np.clip(high, *within)
    value = float(statistic(kept)) if kept else float("nan")
    return Interval(value, float(low), float(high), sum(sizes), sum(map(len, strata(groups))) - sum(sizes))


def _of_counts(
    statistic: Statistic, kept: list[Float[np.ndarray, " N"]]
) -> Callable[[Counts], Float[np.ndarray, " R"]]:
    """The statistic as a function of how often each run was drawn."""
    if statistic is interquartile_mean:
        values = pooled(kept)
        order = np.argsort(values)
        return lambda counts: _interquartile_means(values[order], np.concatenate(counts, axis=1)[:, order])
    return lambda counts: np.array(
        [
            statistic([np.repeat(runs, drawn) for runs, drawn in zip(kept, row, strict=True)])
            for row in zip(*counts, strict=True)
        ],
        np.float64,
    )


def _interquartile_means(values: Float[np.ndarray, " N"], counts: Int[np.ndarray, "R N"]) -> Float[np.ndarray, " R"]:
    """Interquartile means of ascending values, each drawn as often as its count, without sorting again."""
    n = len(values)
    cut = n // 4
    upto = np.clip(np.cumsum(counts, axis=1), cut, n - cut)  # places in the sorted resample, the cut ends closed up
    return np.asarray(np.diff(upto, axis=1, prepend=cut) @ values / (n - 2 * cut))
