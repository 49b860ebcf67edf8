"""How often a run of one contender beats a run of another: probability of improvement, by seeds or by pairs."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.aggregates import Strata, TaskRuns, strata
from trainwell.statistics.bootstrap import bootstrapped, percentile_ends
from trainwell.statistics.intervals import Interval, check_confidence, wilson_ends


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


def probability_of_improvement(x: Strata, y: Strata, *, larger_is_better: bool = True) -> float:
    """The chance that a run of x beats one of y on a task, averaged over tasks: mean of U / (n·m).

    U is the Mann-Whitney statistic: of the n·m pairs of runs, how many x wins, a tie being half a win. It says how
    often, not by how much. Runs count as independent; where they share seeds, `paired_improvement` uses that.

    Args:
        x: the runs of each task, or the runs of one. NaN (a diverged member) loses against every number and ties
            with NaN: leaving it out would favour contenders that diverge.
        y: those of the other contender, with the same tasks.
        larger_is_better: False for losses and errors.

    Returns:
        The chance, from 0 to 1; tasks where one of both has no run are left out, and NaN if none is left.

    Raises:
        ValueError: x and y have different numbers of tasks.

    Example:
        >>> probability_of_improvement([[3, 4]], [[1, 3]])
        0.875

    Source: Mann and Whitney (1947); Agarwal et al. (2021), "Deep reinforcement learning at the edge of the
    statistical precipice", section 4.3.
    """
    wins = _wins(x, y, larger_is_better)
    return float(np.mean([task.mean() for task in wins])) if wins else float("nan")


def improvement_interval(
    x: Strata,
    y: Strata,
    *,
    larger_is_better: bool = True,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Interval:
    """The probability of improvement with its stratified percentile bootstrap interval.

    The runs of x and of y are drawn independently within each task. Where x wins every pair, so does every
    resample: the interval then has no width, however few the runs are.

    Args:
        x: as for `probability_of_improvement`.
        y: likewise.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).
        resamples: number of resamples.
        seed: of the draws.

    Returns:
        The chance and its interval; n counts the runs of both. The ends are NaN if a contender has a single run on
        a task.

    Raises:
        ValueError: x and y have different numbers of tasks, `confidence` is outside (0, 1), or `resamples` less than 1.

    Example:
        >>> found = improvement_interval([3, 4, 5, 6], [1, 2, 4, 4])
        >>> found.mean, found.n, 0 < found.low < found.mean < found.high <= 1
        (0.8125, 8, True)
    """
    check_confidence(confidence)
    wins = _wins(x, y, larger_is_better)
    sizes = [n for task in wins for n in task.shape]
    low = high = np.asarray(np.nan)
    if wins and min(sizes) > 1:

        def chances(counts: Sequence[Int[np.ndarray, "R n"]]) -> Float[np.ndarray, " R"]:
            pairs = zip(counts[::2], wins, counts[1::2], strict=True)
            # a resample's share of wins on a task: Σᵢⱼ aᵢ·wᵢⱼ·bⱼ / (n·m), run i of x drawn aᵢ times, j of y bⱼ times
            tasks = [((a @ task) * b).sum(1) / task.size for a, task, b in pairs]
            return np.asarray(np.mean(tasks, axis=0))

        low, high = percentile_ends(bootstrapped(chances, sizes, resamples=resamples, seed=seed), confidence)
    return Interval(
        probability_of_improvement(x, y, larger_is_better=larger_is_better), float(low), float(high), sum(sizes)
    )


def paired_improvement(x: TaskRuns, y: TaskRuns, *, larger_is_better: bool = True) -> float:
    """The share of pairs of runs in which x beats y, a tie being half a win.

    Args:
        x: one run per pair, such as per seed. NaN (a diverged member) loses against every number and ties with NaN.
        y: the other contender's, in the same order.
        larger_is_better: False for losses and errors.

    Returns:
        The share, from 0 to 1; NaN if there is no pair.

    Raises:
        ValueError: x and y are not one-dimensional or not of the same length.

    Example:
        >>> paired_improvement([0.9, 0.8, 0.7, 0.7], [0.8, 0.7, 0.7, 0.8])
        0.625
    """
    wins = _paired_wins(x, y, larger_is_better)
    return float(wins.mean()) if len(wins) else float("nan")


def paired_improvement_interval(
    x: TaskRuns, y: TaskRuns, *, larger_is_better: bool = True, confidence: float = 0.95
) -> Interval:
    """The share of pairs in which x beats y with its Wilson score interval.

    Wilson's, not a bootstrap's: where x wins all of a few pairs, resamples know no other result and their interval
    has no width, while Wilson's has; and ties, half points, only make it wider than it needs to be.

    Args:
        x: as for `paired_improvement`.
        y: likewise.
        larger_is_better: False for losses and errors.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval inside [0, 1], and the number of pairs.

    Raises:
        ValueError: x and y are not one-dimensional or not of the same length, or `confidence` is outside (0, 1).

    Example:
        >>> found = paired_improvement_interval([3, 4, 5, 6], [1, 2, 3, 4])
        >>> found.mean, round(found.low, 2), found.high, found.n
        (1.0, 0.51, 1.0, 4)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    check_confidence(confidence)
    wins = _paired_wins(x, y, larger_is_better)
    if not len(wins):
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    share = float(wins.mean())
    return Interval(share, *wilson_ends(share, len(wins), confidence), len(wins))


def _wins(x: Strata, y: Strata, larger_is_better: bool) -> list[Float[np.ndarray, "n m"]]:
    """What each run of x scores against each of y: 1, ½ or 0, per task that both have runs of."""
    a, b = strata(x), strata(y)
    if len(a) != len(b):
        raise ValueError(f"both contenders must have the same tasks, got {len(a)} and {len(b)}")
    tasks = [(as_goodness(p, larger_is_better), as_goodness(q, larger_is_better)) for p, q in zip(a, b, strict=True)]
    return [(p[:, None] > q) + 0.5 * (p[:, None] == q) for p, q in tasks if len(p) and len(q)]


def _paired_wins(x: TaskRuns, y: TaskRuns, larger_is_better: bool) -> Float[np.ndarray, " N"]:
    """What x scores in each pair: 1, ½ or 0."""
    a, b = (as_goodness(np.asarray(runs, np.float64), larger_is_better) for runs in (x, y))
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(f"pairs need two lists of the same length, got shapes {a.shape} and {b.shape}")
    return np.asarray((a > b) + 0.5 * (a == b))
