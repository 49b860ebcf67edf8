"""A share of points that come in clusters, such as the critical points of a few losses."""

import numpy as np
from jaxtyping import Int

from trainwell.lecture.experiment import Measured, measured
from trainwell.statistics import Interval, wilson_ends


def clustered_share(what: str, counts: Int[np.ndarray, "F 2"]) -> Measured:
    """A share with Wilson's interval for as many points as the clusters are worth, n / d.

        d = Σ (hₖ − p nₖ)² · K/(K − 1) / (n p(1 − p)), between 1 and n/K

    The design effect d says how much clusters differ beyond chance. Where no point hits, or all do, they cannot tell:
    each then counts as one point.

    Args:
        what: of what it is.
        counts: hits hₖ and points nₖ of each of K clusters that are independent.

    Returns:
        The share of all points; n is the number of points, and no interval is known of fewer than 2 clusters.

    Source: Dean & Pagano (2015), "Evaluating confidence interval methods for binomial proportions in clustered
    surveys".
    """
    hits, points = np.asarray(counts, np.float64).T
    n, K = int(points.sum()), int((points > 0).sum())
    if n == 0 or K < 2:
        share = float(hits.sum() / n) if n else np.nan
        return measured(what, Interval(share, np.nan, np.nan, n))
    p = hits.sum() / n
    by_chance, apart = n * p * (1 - p), float(((hits - p * points) ** 2).sum()) * K / (K - 1)
    worth = K if by_chance == 0 else n if apart <= by_chance else max(K, int(n * by_chance / apart))
    return measured(what, Interval(float(p), *wilson_ends(float(p), worth), n))
