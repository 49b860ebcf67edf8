"""Numbers as people read them."""

from math import floor, isfinite, isnan, log10

from trainwell.statistics import Interval

NONE = "–"


def score_text(value: float) -> str:
    """A share (accuracy, R²) with three decimals."""
    return f"{value:.3f}" if isfinite(value) else NONE


def loss_text(value: float) -> str:
    """A loss with three significant digits.

    Example:
        >>> loss_text(0.1), loss_text(0.04118), loss_text(1234.5)
        ('0.100', '0.0412', '1234')
    """
    if not isfinite(value):
        return NONE
    if value == 0 or not 1e-4 <= abs(value) < 1e5:
        return f"{value:.2e}" if value else "0"
    return f"{value:.{max(0, 2 - floor(log10(abs(value))))}f}"


def ends_text(interval: Interval, *, is_loss: bool = False) -> str:
    """The two ends of an interval in brackets; empty where there is none."""
    if isnan(interval.low):
        return ""
    one = loss_text if is_loss else score_text
    return f"[{one(interval.low)}, {one(interval.high)}]"


def range_text(values: list[float]) -> str:
    """The smallest and largest value, or the one value that all are."""
    low, high = min(values), max(values)
    return f"{low:,.4g}" if low == high else f"{low:,.4g}–{high:,.4g}"
