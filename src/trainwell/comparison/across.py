"""Several data sets together: ranks, chances of improvement, aggregates and profiles of normalised scores."""

from collections.abc import Sequence
from itertools import permutations

import numpy as np
from jaxtyping import Float

from trainwell.comparison.result import Across, Comparison
from trainwell.statistics import bootstrap_interval, improvement_interval, rank_test, score_profile

THRESHOLDS = np.linspace(0.0, 1.05, 106)


def across(parts: Sequence[Comparison]) -> Across | None:
    """The comparisons on several data sets taken together; None for a single one.

    Scores are normalised per data set: 0 is guessing, 1 what its best contender came to on average. Bootstrap
    resamples are drawn within each data set, as other seeds would give them: other data sets are not spoken of.

    Args:
        parts: the same contenders on each data set.
    """
    if len(parts) < 2:
        return None
    error_rate = parts[0].terms.error_rate
    confidence = 1 - error_rate
    K = len(parts[0].contenders)
    scores = [normalised(part) for part in parts]
    of = [[on[k] for on in scores] for k in range(K)]
    means = np.array([[part.sign * summary.mean.mean for summary in part.summaries] for part in parts])
    improvement, low, high = (np.full((K, K), np.nan) for _ in range(3))
    for i, j in permutations(range(K), 2):
        if i > j:  # the other way round it is the same chance, seen from the other side
            improvement[i, j], low[i, j], high[i, j] = 1 - improvement[j, i], 1 - high[j, i], 1 - low[j, i]
        else:
            found = improvement_interval(of[i], of[j], confidence=confidence)
            improvement[i, j], low[i, j], high[i, j] = found.mean, found.low, found.high
    profiles = [score_profile(runs, THRESHOLDS, confidence=confidence) for runs in of]
    return Across(
        rank_test(means, error_rate=error_rate),
        improvement,
        low,
        high,
        tuple(tuple(runs) for runs in of),
        tuple(bootstrap_interval(runs, confidence=confidence) for runs in of),
        THRESHOLDS,
        np.array([one.mean for one in profiles]),
        np.array([one.low for one in profiles]),
        np.array([one.high for one in profiles]),
    )


def normalised(part: Comparison) -> list[Float[np.ndarray, " n"]]:
    """Each contender's results on a data set, from 0 for guessing to 1 for the best contender's mean.

    Where no contender is better than guessing, all is 0.
    """
    best = part.summaries[part.ranking()[0]].mean.mean
    span = part.sign * (best - part.guess)
    if not span > 0:
        return [np.zeros(summary.n) for summary in part.summaries]
    return [part.sign * (summary.values - part.guess) / span for summary in part.summaries]
