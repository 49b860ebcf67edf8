"""A comparison's numbers as people read them: accuracies in percent, differences of them in points."""

from collections.abc import Iterable
from math import isfinite, isinf, isnan
from statistics import median

from trainwell.core import METRICS, MetricName
from trainwell.report.numbers import NONE
from trainwell.statistics import Interval

NEVER = "never"
Cell = tuple[str, str]
"""A value, and what is said in small print beside it."""


def value_text(value: float, metric: MetricName, step: float = float("nan")) -> str:
    """A value of the metric with decimals for steps of a size; by default with four digits, a loss with three.

    Example:
        >>> value_text(0.97123, "accuracy", 0.004), value_text(0.0312, "loss"), value_text(float("nan"), "loss")
        ('97.12', '0.0312', '–')
    """
    if not isfinite(value):
        return NONE
    usual = abs(value) / 10 if METRICS[metric].relative else 0.002
    return METRICS[metric].amount(value, step if isfinite(step) and step > 0 else usual)


def signed(value: float, metric: MetricName, step: float = float("nan")) -> str:
    """A difference with its sign."""
    text = value_text(value, metric, step)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


def half(interval: Interval) -> float:
    """Half of an interval's width, or the larger part of one that was cut off; NaN where there is none."""
    found = max(interval.mean - interval.low, interval.high - interval.mean)
    return found if isfinite(found) else float("nan")


def common_step(intervals: Iterable[Interval]) -> float:
    """Half the width of the middle one of several intervals, for the same decimals in a column; NaN without any."""
    known = [size for one in intervals if (size := half(one)) > 0]
    return median(known) if known else float("nan")


def value_step(intervals: Iterable[Interval], metric: MetricName) -> float:
    """As `common_step`, but not so wide that a value itself is rounded away: a loss of 1.1006 is never "1"."""
    found = list(intervals)
    return _narrowed(common_step(found), min((abs(one.mean) for one in found if one.mean), default=0.0), metric)


def _narrowed(step: float, value: float, metric: MetricName) -> float:
    """The step, at most a tenth of a loss, or 0.01 of an accuracy or an R²; NaN where it is."""
    widest = value / 10 if METRICS[metric].relative else 0.01
    return min(step, widest) if isfinite(step) and isfinite(widest) and widest > 0 else step


def mean_cell(interval: Interval, metric: MetricName, step: float | None = None) -> Cell:
    """A mean with its interval, with decimals for steps of a size; by default of half the interval's width."""
    if step is None or isnan(step):
        step = _narrowed(half(interval), abs(interval.mean), metric)
    if isnan(interval.low):
        return value_text(interval.mean, metric, step), ""
    low, high = (value_text(end, metric, step) for end in (interval.low, interval.high))
    return value_text(interval.mean, metric, step), f"[{low}, {high}]"


def share_cell(interval: Interval) -> Cell:
    """A share in percent with its interval."""
    if isnan(interval.mean):
        return NONE, ""
    ends = "" if isnan(interval.low) else f"[{interval.low:.0%}, {interval.high:.0%}]"
    return f"{interval.mean:.0%}", ends


def time_text(value: float) -> str:
    """A number of epochs or updates; infinite is never."""
    return NONE if isnan(value) else NEVER if isinf(value) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def time_cell(interval: Interval) -> Cell:
    """A time to a target with its interval."""
    known = not isnan(interval.low) and not isinf(interval.low)  # never, and no doubt about it, has no ends
    ends = f"[{time_text(interval.low)}, {time_text(interval.high)}]" if known else ""
    return time_text(interval.mean), ends


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
