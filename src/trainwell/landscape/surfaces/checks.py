"""Checks of the numbers that descents and searches on a surface are given."""

from numbers import Real
from typing import Any

import numpy as np

from trainwell.landscape.errors import LandscapeError


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
