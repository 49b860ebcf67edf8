"""A comparison's numbers as people read them: accuracies in percent, differences of them in points."""

from collections.abc import Iterable
from math import isfinite, isnan, nan
from statistics import median

from trainwell.core import METRICS, MetricName, score_text
from trainwell.display import NONE, Cell
from trainwell.statistics import Interval


def value_text(value: float, metric: MetricName, step: float = nan) -> str:
    """A value of the metric with decimals for steps of a size; by default with four digits, a loss with three.

    Example:
        >>> value_text(0.97123, "accuracy", 0.004), value_text(0.0312, "loss"), value_text(float("nan"), "loss")
        ('97.12', '0.0312', '–')
    """
    if not isfinite(value):
        return NONE
    usual = abs(value) / 10 if METRICS[metric].relative else 0.002
    return METRICS[metric].amount(value, step if isfinite(step) and step > 0 else usual)


def signed(value: float, metric: MetricName, step: float = nan) -> str:
    """A difference with its sign."""
    text = value_text(value, metric, step)
    return f"+{text}" if value > 0 and any(digit in "123456789" for digit in text) else text


def half(interval: Interval) -> float:
    """Half of an interval's width, or the larger part of one that was cut off; NaN where there is none."""
    found = max(interval.mean - interval.low, interval.high - interval.mean)
    return found if isfinite(found) else nan


def common_step(intervals: Iterable[Interval]) -> float:
    """Half the width of the middle one of several intervals, for the same decimals in a column; NaN without any."""
    known = [size for one in intervals if (size := half(one)) > 0]
    return median(known) if known else nan


def value_step(intervals: Iterable[Interval], metric: MetricName) -> float:
    """As `common_step`, but not so wide that a value itself is rounded away: a loss of 1.1006 is never "1"."""
    found = list(intervals)
    return _narrowed(common_step(found), min((abs(one.mean) for one in found if one.mean), default=0.0), metric)


def _narrowed(step: float, value: float, metric: MetricName) -> float:
    """The step, at most a tenth of a loss, or 0.01 of an accuracy or an R²; NaN where it is."""
    widest = value / 10 if METRICS[metric].relative else 0.01
    return min(step, widest) if isfinite(step) and isfinite(widest) and widest > 0 else step


def mean_cell(interval: Interval, metric: MetricName, step: float = nan) -> Cell:
    """A mean with its interval, with decimals for steps of a size; by default of half the interval's width."""
    if isnan(step):
        step = _narrowed(half(interval), abs(interval.mean), metric)
    mean, low, high = (value_text(value, metric, step) for value in (interval.mean, interval.low, interval.high))
    return Cell(mean, "" if isnan(interval.low) else f"[{low}, {high}]")


def aggregate_cell(interval: Interval) -> Cell:
    """An interquartile mean of normalised scores with its interval."""
    ends = "" if isnan(interval.low) else f"[{score_text(interval.low)}, {score_text(interval.high)}]"
    return Cell(score_text(interval.mean), ends)
