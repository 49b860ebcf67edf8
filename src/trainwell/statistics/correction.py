"""Many tests at once without more false alarms than one: Holm's correction."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float


def holm(p: Sequence[float] | Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """p-values adjusted so that calling those up to α significant makes any false call with probability at most α.

    The i-th smallest of P becomes max over j ≤ i of (P − j + 1)·p₍ⱼ₎, at most 1. It holds however the tests depend
    on each other and is never weaker than Bonferroni's P·p.

    Args:
        p: in any order, each in [0, 1]; NaN (a test that could not be made) is left out and stays NaN.

    Returns:
        The adjusted values in the order given.

    Raises:
        ValueError: a value is outside [0, 1].

    Example:
        >>> holm([0.04, 0.01, float("nan"), 0.03]).tolist()
        [0.06, 0.03, nan, 0.06]

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    p = np.asarray(p, np.float64)
    if np.any((p < 0) | (p > 1)):
        raise ValueError(f"p-values must be in [0, 1], got {p[(p < 0) | (p > 1)][0]}")
    tests = np.flatnonzero(~np.isnan(p))
    ascending = tests[np.argsort(p[tests], kind="stable")]
    stepped = p[ascending] * np.arange(len(ascending), 0, -1)
    adjusted = np.full_like(p, np.nan)
    adjusted[ascending] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return adjusted
