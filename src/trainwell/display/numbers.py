"""Numbers as people read them."""

from collections.abc import Sequence
from math import isfinite, isinf, isnan
from typing import Protocol

from trainwell.core import loss_text
from trainwell.display.table import Cell

NONE = "–"
NEVER = "never"


class Estimate(Protocol):
    """A number with an interval, such as `statistics.Interval`: NaN ends where there is none, and how many values."""

    @property
    def mean(self) -> float: ...  # noqa: D102
    @property
    def low(self) -> float: ...  # noqa: D102
    @property
    def high(self) -> float: ...  # noqa: D102
    @property
    def n(self) -> int: ...  # noqa: D102


def range_text(values: Sequence[float]) -> str:
    """The smallest and largest value, or the one value that all are."""
    low, high = min(values), max(values)
    return f"{low:,.4g}" if low == high else f"{low:,.4g}–{high:,.4g}"


def signed_text(value: float) -> str:
    """A number with three significant digits and a real minus sign; infinite ones as ∞."""
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"−{loss_text(-value)}" if value < 0 else loss_text(value)


def share_cell(found: Estimate, digits: int = 0) -> Cell:
    """A share in percent with its interval, where it has one."""
    if isnan(found.mean):
        return Cell(NONE)
    ends = "" if isnan(found.low) else f"[{found.low:.{digits}%}, {found.high:.{digits}%}]"
    return Cell(f"{found.mean:.{digits}%}", ends)


def time_text(value: float) -> str:
    """A number of epochs or updates; infinite is never."""
    return NONE if isnan(value) else NEVER if isinf(value) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def time_cell(found: Estimate) -> Cell:
    """A time to a target with its interval."""
    known = not isnan(found.low) and not isinf(found.low)  # never, and no doubt about it, has no ends
    ends = f"[{time_text(found.low)}, {time_text(found.high)}]" if known else ""
    return Cell(time_text(found.mean), ends)


def seconds_text(value: float) -> str:
    """A duration with three digits at most; short ones in milliseconds."""
    if not isfinite(value):
        return NONE
    if value < 1:
        return f"{1000 * value:.3g} ms"
    return f"{value:,.3g} s" if value < 1000 else f"{value:,.0f} s"


def p_text(p: float) -> str:
    """A p-value.

    Example:
        >>> p_text(0.0004), p_text(0.0321), p_text(float("nan"))
        ('< 0.001', '0.032', '–')
    """
    return NONE if isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"
