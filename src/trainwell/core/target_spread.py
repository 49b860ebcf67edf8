"""The variance of a split's targets. R² is undefined where it is zero."""

from math import isfinite, nan

import numpy as np
from jaxtyping import Float

RESOLUTION = 2.0**-23
"""Relative spacing of float32 numbers (its machine epsilon). Targets and networks' outputs are float32."""


def target_variance(targets: Float[np.ndarray, "N *_"], weights: Float[np.ndarray, " N"] | None = None) -> float:
    """Variance of a split's targets: the mean squared error of predicting their mean. NaN if it is zero up to rounding.

    R² = 1 − loss/variance is undefined where this is NaN. Targets are standardised, so outputs have size 1 or the size
    of the targets, whichever is larger. Both are float32: a standard deviation below float32's resolution at that size
    cannot be distinguished from zero. (Computed in float64, the variance of equal targets can be 1e-33, not exactly 0.)

    Args:
        targets: in standard deviations of the training targets.
        weights: one per row, at least 0; None weighs all rows equally.

    Returns:
        The variance, in squared standard deviations of the training targets, or NaN.

    Example:
        >>> target_variance(np.array([0.0, 2.0])), target_variance(np.array([0.1, 0.1, 0.1]))
        (1.0, nan)
    """
    t = np.asarray(targets, np.float64).reshape(len(targets), -1).mean(1)
    w = np.ones(len(t)) if weights is None else np.asarray(weights, np.float64)
    if not w.sum() > 0:
        return nan
    size, w = max(1.0, float(np.abs(t[w > 0]).max())), w / w.sum()
    variance = float(w @ (t - w @ t) ** 2)
    return variance if variance > (RESOLUTION * size) ** 2 else nan


def undefined_r2(targets: Float[np.ndarray, "N *_"], weights: Float[np.ndarray, " N"] | None = None) -> str | None:
    """Why R² is undefined on a split, as the end of a sentence about it; None where R² is defined.

    The arguments are those of `target_variance`.

    Example:
        >>> undefined_r2(np.array([0.1, 0.1, 0.1]))
        'all its 3 targets are equal'
    """
    if isfinite(target_variance(targets, weights)):
        return None
    counted = targets if weights is None else targets[np.asarray(weights) > 0]
    if len(counted) < 2:
        return "it has one row" if len(counted) else "it has no rows with a weight above 0"
    return f"all its {len(counted):,} targets are equal" + (" up to rounding" if np.ptp(counted) else "")
