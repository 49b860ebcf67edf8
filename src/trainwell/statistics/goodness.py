"""Results as goodness, for comparisons by order alone."""

import numpy as np
from jaxtyping import Float


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
