"""How many times as much one takes as another, start by start."""

import numpy as np
from jaxtyping import Float

from trainwell.lecture.experiment import Measured, measured
from trainwell.statistics import mean_interval, median_interval


def paired_ratio(what: str, ours: Float[np.ndarray, " S"], theirs: Float[np.ndarray, " S"]) -> Measured:
    """The median of the ratios at common starts, ours over theirs.

    Args:
        what: of what it is.
        ours: one number per start; Inf where it was never reached.
        theirs: the same starts.

    Returns:
        The median with the interval of its order statistics; starts where both are Inf, or both 0, are left out.
    """
    ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
    with np.errstate(invalid="ignore", divide="ignore"):
        return measured(what, median_interval(ours / theirs))


def ratio_of_means(what: str, ours: Float[np.ndarray, " S"], theirs: Float[np.ndarray, " S"]) -> Measured:
    """The ratio of two means over common starts, R = ā/b̄, with the interval of its linearisation, (a − R b)/b̄.

    Args:
        what: of what it is.
        ours: a, finite, one per start.
        theirs: b, the same starts, above 0.

    Source: Cochran (1977), "Sampling techniques", section 6.4.
    """
    ratio = ours.mean() / theirs.mean()
    around = mean_interval((ours - ratio * theirs) / theirs.mean())
    return Measured(what, float(ratio), ratio + around.low, ratio + around.high, around.n)
