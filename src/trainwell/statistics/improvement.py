"""Probability of improvement: how often a run of one contender beats a run of another, unpaired or paired by seed."""

import numpy as np
from jaxtyping import Float

from trainwell.statistics.aggregates import Strata, TaskRuns, strata
from trainwell.statistics.bootstrap import Counts, percentile_ends
from trainwell.statistics.intervals import Interval, proportion_interval


def as_goodness(results: Float[np.ndarray, "*S"], larger_is_better: bool = True) -> Float[np.ndarray, "*S"]:
    """Results with the sign changed if necessary, so that larger is better; NaN (a diverged run) becomes −Inf.

    Args:
        results: of runs.
        larger_is_better: False for losses and errors.

    Returns:
        The results or their negatives, of the same shape.

    Example:
        >>> as_goodness(np.array([0.3, np.nan]), larger_is_better=False).tolist()
        [-0.3, -inf]
    """
    return np.where(np.isnan(results), -np.inf, results if larger_is_better else -results)


def improvement_interval(
    x: Strata,
    y: Strata,
    *,
    larger_is_better: bool = True,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """The probability that a run of x beats a run of y on a task, averaged over tasks, with its bootstrap interval.

    On one task it is U / (n·m) with the Mann-Whitney statistic U: the share of the n·m pairs of runs that x wins, where
    a tie is half a win. It tells how often x is better, not by how much. Runs are assumed to be independent; if x and y
    share seeds, use `paired_improvement_interval`.

    The interval is the percentile interval of a stratified bootstrap, which draws the runs of x and of y independently
    within each task. If x wins every pair, so does every resample, and the interval has zero width even for few runs.

    Args:
        x: the runs of each task, or the runs of a single task. NaN (a diverged run) loses against every number and ties
            with NaN; excluding it would favour contenders that diverge.
        y: the other contender's runs on the same tasks.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).
        resamples: number of bootstrap resamples.
        seed: of the resampling.

    Returns:
        The probability and its interval; n counts the runs of both. Tasks on which x or y has no run are ignored; if
        none remains, everything is NaN. The ends are NaN if x or y has a single run on a task.

    Raises:
        ValueError: x and y have different numbers of tasks, `confidence` is outside (0, 1), or `resamples` less than 1.

    Example:
        >>> found = improvement_interval([3, 4, 5, 6], [1, 2, 4, 4])
        >>> found.mean, found.n, 0 < found.low < found.mean < found.high <= 1
        (0.8125, 8, True)

    Source: Mann and Whitney (1947); Agarwal et al. (2021), "Deep reinforcement learning at the edge of the
    statistical precipice", section 4.3.
    """
    wins = _wins(x, y, larger_is_better)
    sizes = [n for task in wins for n in task.shape]

    def chances(counts: Counts) -> Float[np.ndarray, " R"]:
        pairs = zip(counts[::2], wins, counts[1::2], strict=True)
        # A resample's share of wins is Σᵢⱼ aᵢ·wᵢⱼ·bⱼ / (n·m), if it draws run i of x aᵢ times and run j of y bⱼ times.
        tasks = [((a @ task) * b).sum(1) / task.size for a, task, b in pairs]
        return np.asarray(np.mean(tasks, axis=0))

    low, high = percentile_ends(chances, sizes, confidence=confidence, resamples=resamples, seed=seed)
    chance = float(np.mean([task.mean() for task in wins])) if wins else float("nan")
    return Interval(chance, float(low), float(high), sum(sizes))


def paired_improvement_interval(
    x: TaskRuns, y: TaskRuns, *, larger_is_better: bool = True, confidence: float = 0.95
) -> Interval:
    """The share of pairs of runs in which x beats y, with its Wilson score interval. A tie is half a win.

    A bootstrap interval would have zero width if x wins all of a few pairs; Wilson's does not. With ties it is wider
    than necessary.

    Args:
        x: one run per pair, such as per seed. NaN (a diverged run) loses against every number and ties with NaN.
        y: the other contender's runs, in the same order.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval within [0, 1], and the number of pairs; NaN if there are no pairs.

    Raises:
        ValueError: x and y are not one-dimensional or not of the same length, or `confidence` is outside (0, 1).

    Example:
        >>> found = paired_improvement_interval([3, 4, 5, 6], [1, 2, 3, 4])
        >>> found.mean, round(found.low, 2), found.high, found.n
        (1.0, 0.51, 1.0, 4)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    a, b = (as_goodness(np.asarray(runs, np.float64), larger_is_better) for runs in (x, y))
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"pairs need two lists of the same length, got shapes {a.shape} and {b.shape}")
    return proportion_interval(float(_score(a, b).sum()), len(a), confidence)


def _wins(x: Strata, y: Strata, larger_is_better: bool) -> list[Float[np.ndarray, "n m"]]:
    """Per task on which both have runs: 1, ½ or 0 for each run of x against each run of y."""
    a, b = strata(x), strata(y)
    if len(a) != len(b):
        raise ValueError(f"both contenders must have the same tasks, got {len(a)} and {len(b)}")
    tasks = [(as_goodness(p, larger_is_better), as_goodness(q, larger_is_better)) for p, q in zip(a, b, strict=True)]
    return [_score(p[:, None], q) for p, q in tasks if len(p) and len(q)]


def _score(p: Float[np.ndarray, "*S"], q: Float[np.ndarray, "*S"]) -> Float[np.ndarray, "*S"]:
    """1 where p is larger than q, ½ where they are equal, else 0."""
    return np.asarray((p > q) + 0.5 * (p == q))
