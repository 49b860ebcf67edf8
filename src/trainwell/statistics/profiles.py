"""Shares along a threshold: of runs that score above it, of tasks solved within a factor of the best."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.aggregates import Strata, strata
from trainwell.statistics.bootstrap import bootstrapped, percentile_ends
from trainwell.statistics.intervals import Intervals, check_confidence


def score_profile(
    groups: Strata,
    thresholds: Sequence[float] | Float[np.ndarray, " T"],
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Intervals:
    """The share of runs that score above each threshold, averaged over tasks, with its stratified bootstrap band.

    Every task has the same weight, whatever its number of runs. The band is per threshold, not for the whole curve;
    where all runs are on one side of a threshold it has no width.

    Args:
        groups: the runs of each task, or the runs of one; larger must be better (take losses negative). NaN (a
            diverged member) is above no threshold. Tasks without a run are left out.
        thresholds: τ, in any order.
        confidence: coverage of the band at each threshold, in (0, 1).
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        Shares, ends and the number of runs, one per threshold; the ends are NaN if a task has a single run, all is NaN
        if there is no run.

    Raises:
        ValueError: `confidence` is outside (0, 1), or `resamples` less than 1.

    Example:
        >>> score_profile([[1, 2, 3, 4], [3, 5]], [0, 2, 4]).mean.tolist()
        [1.0, 0.75, 0.25]

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.2.
    """
    check_confidence(confidence)
    limits = np.asarray(thresholds, np.float64)
    tasks = [runs for runs in strata(groups) if len(runs)]
    above = [(runs[:, None] > limits).astype(np.float64) for runs in tasks]  # NaN > τ is false
    sizes = list(map(len, tasks))
    low = high = share = np.full(limits.shape, np.nan)
    if tasks:
        share = np.mean([runs.mean(0) for runs in above], axis=0)
    if tasks and min(sizes) > 1:

        def shares(counts: Sequence[Int[np.ndarray, "R n"]]) -> Float[np.ndarray, "R T"]:
            return np.asarray(sum(c @ a / len(a) for c, a in zip(counts, above, strict=True)) / len(above))

        low, high = percentile_ends(bootstrapped(shares, sizes, resamples=resamples, seed=seed), confidence)
    return Intervals(share, low, high, np.full(limits.shape, sum(sizes)))


def performance_profile(
    costs: Float[np.ndarray, "D K"], ratios: Sequence[float] | Float[np.ndarray, " T"]
) -> Float[np.ndarray, "K T"]:
    """The share of tasks that each contender solves at most τ times as expensively as the best one.

    At τ = 1 it is how often a contender is (among) the best, for large τ how often it gets there at all. A
    contender's curve depends on who else takes part.

    Args:
        costs: such as steps to a target; positive, one row per task. Inf or NaN: never reached.
        ratios: τ, 1 or more.

    Returns:
        One curve per contender. Tasks that nobody solves count as unsolved by all.

    Raises:
        ValueError: the costs do not have two axes, there is no task, or a cost is not positive.

    Example:
        >>> performance_profile(np.array([[10.0, 20.0], [30.0, np.inf]]), [1, 2, 4]).tolist()
        [[1.0, 1.0, 1.0], [0.0, 0.5, 0.5]]

    Source: Dolan and Moré (2002), "Benchmarking optimization software with performance profiles".
    """
    costs = np.asarray(costs, np.float64)
    if costs.ndim != 2 or costs.size == 0:
        raise ValueError(f"costs must be [tasks, contenders], at least one of each, got shape {costs.shape}")
    if np.any(costs <= 0):
        raise ValueError(f"costs must be positive, got {costs[costs <= 0][0]}: their ratios are compared")
    solved = np.isfinite(costs)
    known = np.where(solved, costs, np.inf)
    best = known.min(1, keepdims=True)
    ratio = known / np.where(np.isfinite(best), best, 1.0)
    near = solved[:, :, None] & (ratio[:, :, None] <= np.asarray(ratios, np.float64))
    return np.asarray(near.mean(0))
