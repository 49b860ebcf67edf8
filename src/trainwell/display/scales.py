"""Scales of charts: positions of the values of a hyperparameter or a metric, and round numbers for ticks."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10, nan
from typing import Any, Literal

from trainwell.core import short_text

FEW = 12  # up to this many different whole numbers, each has its own space like a category


@dataclass(frozen=True)
class Scale:
    """The scale of one axis.

    Attributes:
        name: of the hyperparameter or metric.
        kind: `linear`, `log` (positions are log₁₀) or `choices` (positions are 0, 1, …).
        low: the smallest value; 0 for choices.
        high: the largest value; the number of choices minus 1 for choices.
        labels: texts of the choices; empty for numbers.
        integer: whether all values are whole numbers.
    """

    name: str
    kind: Literal["linear", "log", "choices"]
    low: float
    high: float
    labels: tuple[str, ...] = ()
    integer: bool = False

    def position(self, value: Any) -> float:
        """The position of a value on the scale; NaN if it has none, such as None for an unused parameter."""
        if self.kind == "choices":
            text = short_text(value)
            return float(self.labels.index(text)) if text in self.labels else nan
        if value is None or not isfinite(value) or (self.kind == "log" and value <= 0):
            return nan
        return log10(value) if self.kind == "log" else float(value)

    @property
    def around(self) -> float:
        """Space around each value: half a step for choices and few whole numbers, else 0."""
        few = self.kind == "choices" or (self.integer and self.kind == "linear" and self.high - self.low <= FEW)
        return 0.5 if few else 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """Positions of both ends of the scale, including the space around values."""
        low, high = (
            (self.low, self.high) if self.kind == "choices" else (self.position(self.low), self.position(self.high))
        )
        low, high = low - self.around, high + self.around
        return (low, high) if low < high else (low - 0.5, high + 0.5)

    def share(self, value: Any) -> float:
        """The position of a value relative to the two ends, from 0 to 1."""
        low, high = self.ends
        return (self.position(value) - low) / (high - low)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Positions and labels of the ticks."""
        if self.kind == "choices":
            return [float(i) for i in range(len(self.labels))], list(self.labels)
        if self.kind == "linear":
            values = nice_ticks(self.low, self.high, whole=self.integer)
        else:  # if there are few round numbers, the ends are labelled as well
            few = nice_ticks(self.low, self.high, log=((1, 2, 5),), fewest=0)
            values = nice_ticks(self.low, self.high, log=((1,), (1, 2, 5))) or sorted({self.low, *few, self.high})
        return [self.position(value) for value in values], [short_text(value) for value in values]

    def across(self, room: float) -> dict[str, Any]:
        """The settings of a panel's x axis. `room` is the space beyond each end, as a share of the axis."""
        (low, high), (positions, texts) = self.ends, self.ticks()
        margin = room * (high - low)
        return {
            "range": [low - margin, high + margin],
            "tickvals": positions,
            "ticktext": list(map(escape, texts)),
            "title": {"text": ""},
        }


def nice_ticks(
    low: float,
    high: float,
    most: int = 6,
    *,
    whole: bool = False,
    log: Sequence[Sequence[int]] = (),
    fewest: int = 2,
) -> list[float]:
    """Round numbers within a range for ticks: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: lower end, included.
        high: upper end, included.
        most: maximum number of ticks.
        whole: whether ticks must be whole numbers.
        log: for a logarithmic axis of positive numbers: sets of leading digits of the ticks, tried in this order.
        fewest: minimum number of ticks on a logarithmic axis.

    Returns:
        The ticks in ascending order; the two ends if there would be fewer than two. On a logarithmic axis none if no
        set of leading digits gives a suitable number.

    Example:
        >>> nice_ticks(0.0, 0.5), nice_ticks(1e-4, 1.0, log=[(1,)])
        ([0.0, 0.1, 0.2, 0.3, 0.4, 0.5], [0.0001, 0.001, 0.01, 0.1, 1.0])
    """
    if low >= high:
        return [low]
    for leading in log:
        decades = range(floor(log10(low)), ceil(log10(high)) + 1)
        found = [m * 10.0**d for d in decades for m in leading if low * 0.999 <= m * 10.0**d <= high * 1.001]
        if fewest <= len(found) <= most:
            return found
        if len(leading) == 1 and len(found) > most:
            return found[:: ceil(len(found) / most)]
    if log:
        return []
    power = 10.0 ** floor(log10(high - low))
    step = next(m * power for m in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0) if (high - low) / (m * power) <= most - 1)
    step = max(round(step), 1) if whole else step
    ticks = [float(f"{k * step:.12g}") for k in range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)]
    return ticks if len(ticks) >= 2 else [low, high]


def inner_ticks(low: float, high: float) -> list[float]:
    """Round numbers within a range, except near its ends, where labels would touch those of the next panel.

    Example:
        >>> inner_ticks(-10, 10), inner_ticks(-2.048, 2.048)
        ([-5.0, 0.0, 5.0], [-1.0, 0.0, 1.0])
    """
    room = 0.08 * (high - low)
    return [tick for tick in nice_ticks(low, high) if low + room <= tick <= high - room]
