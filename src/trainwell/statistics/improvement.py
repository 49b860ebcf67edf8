"""How often a run of one contender beats a run of another: probability of improvement, by seeds or by pairs."""

import numpy as np
from jaxtyping import Float

from trainwell.statistics.aggregates import Strata, TaskRuns, strata
from trainwell.statistics.bootstrap import Counts, percentile_ends
from trainwell.statistics.intervals import Interval, proportion_interval


def as_goodness(results: Float[np.ndarray, "*S"], larger_is_better: bool = True) -> Float[np.ndarray, "*S"]:
    """Results turned so that larger is better; NaN, a diverged member's, becomes the worst there is.

    Args:
        results: of runs.
        larger_is_better: False for losses and errors.

    Returns:
        The results or their negatives, −Inf for NaN.

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
    """The chance that a run of x beats one of y on a task, averaged over tasks, with its bootstrap interval.

    That is the mean of U / (n·m), U being the Mann-Whitney statistic: of the n·m pairs of runs, how many x wins, a tie
    being half a win. It says how often, not by how much. Runs count as independent; where they share seeds,
    `paired_improvement_interval` uses that.

    The interval is of percentiles of a stratified bootstrap: the runs of x and of y are drawn independently within each
    task. Where x wins every pair, so does every resample: the interval then has no width, however few the runs are.

    Args:
        x: the runs of each task, or the runs of one. NaN (a diverged member) loses against every number and ties
            with NaN: leaving it out would favour contenders that diverge.
        y: those of the other contender, with the same tasks.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        The chance, from 0 to 1, and its interval; n counts the runs of both. Tasks where one of both has no run are
        left out, and all is NaN if none is left; the ends are NaN if a contender has a single run on a task.

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
        # a resample's share of wins on a task: Σᵢⱼ aᵢ·wᵢⱼ·bⱼ / (n·m), run i of x drawn aᵢ times, j of y bⱼ times
        tasks = [((a @ task) * b).sum(1) / task.size for a, task, b in pairs]
        return np.asarray(np.mean(tasks, axis=0))

    low, high = percentile_ends(chances, sizes, confidence=confidence, resamples=resamples, seed=seed)
    chance = float(np.mean([task.mean() for task in wins])) if wins else float("nan")
    return Interval(chance, float(low), float(high), sum(sizes))


def paired_improvement_interval(
    x: TaskRuns, y: TaskRuns, *, larger_is_better: bool = True, confidence: float = 0.95
) -> Interval:
    """The share of pairs of runs in which x beats y, a tie being half a win, with its Wilson score interval.

    Wilson's, not a bootstrap's: where x wins all of a few pairs, resamples know no other result and their interval
    has no width, while Wilson's has; and ties, half points, only make it wider than it needs to be.

    Args:
        x: one run per pair, such as per seed. NaN (a diverged member) loses against every number and ties with NaN.
        y: the other contender's, in the same order.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval inside [0, 1], and the number of pairs; NaN if there is none.

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
    """What each run of x scores against each of y: 1, ½ or 0, per task that both have runs of."""
    a, b = strata(x), strata(y)
    if len(a) != len(b):
        raise ValueError(f"both contenders must have the same tasks, got {len(a)} and {len(b)}")
    tasks = [(as_goodness(p, larger_is_better), as_goodness(q, larger_is_better)) for p, q in zip(a, b, strict=True)]
    return [_score(p[:, None], q) for p, q in tasks if len(p) and len(q)]


def _score(p: Float[np.ndarray, "*S"], q: Float[np.ndarray, "*S"]) -> Float[np.ndarray, "*S"]:
    """1 where p is better than q, ½ where both are equal, else 0."""
    return np.asarray((p > q) + 0.5 * (p == q))
