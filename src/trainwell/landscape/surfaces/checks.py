"""Checks of numbers that users give for surfaces, descents and searches."""

from numbers import Real
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.landscape.errors import LandscapeError

MOST_LISTED = 10_000
"""Largest number of critical points that a surface lists; with more it lists only the global minimum."""


def cube(dimension: int, low: float, high: float) -> Float[np.ndarray, "D 2"]:
    """A domain with the same ends on every axis."""
    return np.tile([low, high], (dimension, 1))


def whole_number(what: str, value: Any, least: int = 1) -> int:
    """Check that a value is a whole number of at least `least`.

    Raises:
        LandscapeError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise LandscapeError(f"{what} must be a whole number from {least}, got {value!r}")
    return int(value)


def positive(what: str, value: Any) -> float:
    """Check that a value is a finite number above 0.

    Raises:
        LandscapeError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise LandscapeError(f"{what} must be a number above 0, got {value!r}")
    return float(value)


def at_least(what: str, value: Any, least: float = 0.0) -> float:
    """Check that a value is a finite number of at least `least`.

    Raises:
        LandscapeError: it is not.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= float(value) < np.inf:
        raise LandscapeError(f"{what} must be a number from {least:g}, got {value!r}")
    return float(value)
