"""Performance profiles: the share of runs that score above a threshold, as a function of the threshold."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int

from trainwell.statistics.aggregates import Strata, strata
from trainwell.statistics.bootstrap import percentile_ends
from trainwell.statistics.intervals import Intervals


def score_profile(
    groups: Strata,
    thresholds: Sequence[float] | Float[np.ndarray, " T"],
    *,
    confidence: float = 0.95,
    resamples: int = 2000,
    seed: int = 0,
) -> Intervals:
    """The share of runs that score above each threshold, averaged over tasks, with stratified bootstrap intervals.

    Every task has the same weight, whatever its number of runs. The intervals are per threshold, not simultaneous for
    the whole curve. An interval has zero width if all runs are on one side of the threshold.

    Args:
        groups: the runs of each task, or the runs of a single task. Larger must be better (negate losses). NaN (a
            diverged run) is above no threshold. Tasks without runs are ignored.
        thresholds: τ, in any order.
        confidence: coverage of the interval at each threshold, in (0, 1).
        resamples: number of bootstrap resamples.
        seed: of the resampling.

    Returns:
        Shares, interval ends and the number of runs, one per threshold. The ends are NaN if a task has a single run;
        everything is NaN if there are no runs.

    Raises:
        ValueError: `confidence` is outside (0, 1), or `resamples` less than 1.

    Example:
        >>> score_profile([[1, 2, 3, 4], [3, 5]], [0, 2, 4]).mean.tolist()
        [1.0, 0.75, 0.25]

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.2.
    """
    limits = np.asarray(thresholds, np.float64)
    tasks = [runs for runs in strata(groups) if len(runs)]
    above = [(runs[:, None] > limits).astype(np.float64) for runs in tasks]  # NaN > τ is false
    sizes = list(map(len, tasks))

    def shares(counts: Sequence[Int[np.ndarray, "R n"]]) -> Float[np.ndarray, "R T"]:
        return np.asarray(sum(c @ a / len(a) for c, a in zip(counts, above, strict=True)) / len(above))

    ends = percentile_ends(shares, sizes, confidence=confidence, resamples=resamples, seed=seed)
    share = np.mean([runs.mean(0) for runs in above], axis=0) if above else np.nan
    mean, low, high, n = (np.full(limits.shape, one) for one in (share, *ends, sum(sizes)))
    return Intervals(mean, low, high, n)
