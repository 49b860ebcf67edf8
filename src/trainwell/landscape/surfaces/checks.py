"""Checks of the numbers that surfaces are made with, and that descents and searches on them are given."""

from numbers import Real
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.landscape.errors import LandscapeError

MOST_LISTED = 10_000
"""Critical points that a surface lists; where there are more, it names the best alone."""


def check_dimension(name: str, dimension: Any, least: int = 1) -> int:
    """A surface's dimension, a whole number."""
    if isinstance(dimension, bool) or not isinstance(dimension, int) or dimension < least:
        raise LandscapeError(f"the dimension of '{name}' must be a whole number from {least}, got {dimension!r}")
    return dimension


def check_at_least(name: str, what: str, value: Any, least: float) -> float:
    """A number of a surface, finite and not below the least."""
    if isinstance(value, bool) or not isinstance(value, Real) or not least <= float(value) < np.inf:
        raise LandscapeError(f"{what} of '{name}' must be a number from {least:g}, got {value!r}")
    return float(value)


def cube(dimension: int, low: float, high: float) -> Float[np.ndarray, "D 2"]:
    """The domain with the same ends on every axis."""
    return np.tile([low, high], (dimension, 1))


def whole_number(what: str, value: Any, least: int) -> int:
    """A whole number that is not below the least.

    Raises:
        LandscapeError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
        raise LandscapeError(f"{what} must be a whole number from {least}, got {value!r}")
    return int(value)


def positive(what: str, value: Any) -> float:
    """A finite number above 0.

    Raises:
        LandscapeError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 < float(value) < np.inf:
        raise LandscapeError(f"{what} must be a number above 0, got {value!r}")
    return float(value)


def not_negative(what: str, value: Any) -> float:
    """A finite number that is not below 0.

    Raises:
        LandscapeError: it is none.
    """
    if isinstance(value, bool) or not isinstance(value, Real) or not 0 <= float(value) < np.inf:
        raise LandscapeError(f"{what} must be a number from 0, got {value!r}")
    return float(value)
