"""Stratified bootstrap intervals of the interquartile mean or any other statistic of runs."""

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.aggregates import Strata, finite, interquartile_mean, pooled, strata
from trainwell.statistics.intervals import Interval, check_confidence

Statistic = Callable[[list[Float[np.ndarray, " N"]]], float]
Counts = Sequence[Int[np.ndarray, "R n"]]
"""How often each run was drawn: one array per stratum, one row per resample."""
AT_ONCE = 1_000_000  # draws made at a time, to limit memory


def bootstrapped(
    statistic: Callable[[Counts], Float[np.ndarray, "R *S"]],
    sizes: Sequence[int],
    *,
    resamples: int,
    seed: int,
) -> Float[np.ndarray, "R *S"]:
    """A statistic of bootstrap resamples, which draw runs with replacement within each stratum.

    Args:
        statistic: function of how often each run was drawn, one array `[R, n]` per stratum, whose rows sum to n. It
            returns one value (or row) per resample.
        sizes: n of each stratum, at least 1.
        resamples: R.
        seed: of the resampling. Equal sizes and seeds give equal draws.

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
    """The bootstrap percentile interval: the (1 ± confidence)/2 quantiles of the resampled statistic.

    Args:
        statistic: as for `bootstrapped`.
        sizes: as for `bootstrapped`.
        confidence: coverage of the interval, in (0, 1).
        resamples: as for `bootstrapped`.
        seed: as for `bootstrapped`.

    Returns:
        The two ends; NaN if a stratum has a single run, or there are no strata.

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


@lru_cache(maxsize=4)  # 50 contenders make 1,225 pairs, which often have the same sizes and so the same draws
def _draw_once(sizes: tuple[int, ...], resamples: int, seed: int) -> list[Int[np.ndarray, "R n"]]:
    """The draws of a new generator, cached for other statistics with the same sizes."""
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

    Each resample draws runs with replacement within every task. The tasks stay the same, so the interval covers the
    variation between seeds, not between tasks. With fewer than about ten runs per task, percentile intervals are too
    narrow.

    Args:
        groups: the runs of each task, or the runs of a single task. NaN and Inf (diverged runs) are excluded and
            counted; tasks without a finite run are excluded as well.
        statistic: function of a list with one array of runs per task. The interquartile mean is computed for all
            resamples at once, others one by one.
        confidence: coverage of the interval, in (0, 1).
        resamples: number of bootstrap resamples.
        seed: of the resampling. Equal runs and seeds give equal intervals.
        within: range (low, high) of the quantity; the ends are clipped to it.

    Returns:
        The statistic in the field `mean`, and its interval; the ends are NaN if a task has a single run.

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
    """Interquartile means of resamples, from ascending values and how often each was drawn."""
    n = len(values)
    cut = n // 4
    # Index in the sorted resample up to which each value is repeated, clipped to the middle half.
    upto = np.clip(np.cumsum(counts, axis=1), cut, n - cut)
    return np.asarray(np.diff(upto, axis=1, prepend=cut) @ values / (n - 2 * cut))
