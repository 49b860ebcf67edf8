"""How far the targets of a split spread, without which R² is undefined."""

from math import isfinite, nan

import numpy as np
from jaxtyping import Float

RESOLUTION = 2.0**-23
"""Of float32, in which targets are stored and networks compute: neighbouring numbers differ by this share."""


def target_variance(targets: Float[np.ndarray, "N *_"], weights: Float[np.ndarray, " N"] | None = None) -> float:
    """Variance of a split's targets, the loss of their best constant; NaN where it is of the size of rounding.

    R² = 1 − loss/variance is undefined there. Targets are standardised, so that networks' outputs are of size 1 or
    of the targets' size if that is larger, and both are float32: a spread below its resolution at that size cannot be
    told from none. One row has no spread, nor have equal targets, of which float64 sums make 1e-33.

    Args:
        targets: in standard deviations of the training targets.
        weights: of the rows; None counts each once. Rows of weight 0 count for nothing.

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
    """Why R² is undefined on a split, to follow its name; None where it is defined. Arguments as `target_variance`.

    Example:
        >>> undefined_r2(np.array([0.1, 0.1, 0.1]))
        'all its 3 targets are equal'
    """
    if isfinite(target_variance(targets, weights)):
        return None
    counted = targets if weights is None else targets[np.asarray(weights) > 0]
    if len(counted) < 2:
        return "it has one row" if len(counted) else "it has no rows that count"
    return f"all its {len(counted):,} targets are equal" + (", but for rounding" if np.ptp(counted) else "")
