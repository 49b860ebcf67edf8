"""Scales of charts: round numbers for ticks, and where the values of a hyperparameter or a metric lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite, log10, nan
from typing import Any, Literal

from trainwell.core import short_text

FEW = 12  # whole numbers that are drawn apart


@dataclass(frozen=True)
class Scale:
    """One axis, drawn on its own scale.

    Attributes:
        name: of what varies along it.
        kind: `linear`, `log` (drawn as log₁₀) or `choices` (drawn as 0, 1, …).
        low: the smallest value; of choices 0.
        high: the largest value; of choices their number less 1.
        labels: the choices in words; empty for numbers.
        integer: whether only whole numbers occur.
    """

    name: str
    kind: Literal["linear", "log", "choices"]
    low: float
    high: float
    labels: tuple[str, ...] = ()
    integer: bool = False

    def place(self, value: Any) -> float:
        """Where a value lies on the scale; NaN for one that has no place, such as a parameter's that is not used."""
        if self.kind == "choices":
            text = short_text(value)
            return float(self.labels.index(text)) if text in self.labels else nan
        if value is None or not isfinite(value) or (self.kind == "log" and value <= 0):
            return nan
        return log10(value) if self.kind == "log" else float(value)

    @property
    def around(self) -> float:
        """Half a step, where values are so few that each has room around it, else 0."""
        few = self.kind == "choices" or (self.integer and self.kind == "linear" and self.high - self.low <= FEW)
        return 0.5 if few else 0.0

    @property
    def ends(self) -> tuple[float, float]:
        """The scale from end to end, with the room around values."""
        low, high = (self.low, self.high) if self.kind == "choices" else (self.place(self.low), self.place(self.high))
        low, high = low - self.around, high + self.around
        return (low, high) if low < high else (low - 0.5, high + 0.5)

    def share(self, value: Any) -> float:
        """Where a value lies between the two ends, from 0 to 1."""
        low, high = self.ends
        return (self.place(value) - low) / (high - low)

    def ticks(self) -> tuple[list[float], list[str]]:
        """Places worth a label, and the labels."""
        if self.kind == "choices":
            return [float(i) for i in range(len(self.labels))], list(self.labels)
        if self.kind == "linear":
            values = nice_ticks(self.low, self.high, whole=self.integer)
        else:  # where few round numbers lie within, the ends are labelled, too
            few = nice_ticks(self.low, self.high, log=((1, 2, 5),), fewest=0)
            values = nice_ticks(self.low, self.high, log=((1,), (1, 2, 5))) or sorted({self.low, *few, self.high})
        return [self.place(value) for value in values], [short_text(value) for value in values]

    def across(self, room: float) -> dict[str, Any]:
        """The settings of a panel's x axis, with room beyond the ends as a share of it."""
        (low, high), (places, texts) = self.ends, self.ticks()
        margin = room * (high - low)
        return {
            "range": [low - margin, high + margin],
            "tickvals": places,
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
    """The round numbers within a range, as many as fit: multiples of 1, 2 or 5 times a power of ten.

    Args:
        low: lower end, included.
        high: upper end, included.
        most: number of ticks.
        whole: whether only whole numbers are ticks.
        log: the axis is logarithmic, of positive numbers: leading digits of its ticks, to be tried in turn.
        fewest: ticks that a choice of leading digits must give.

    Returns:
        The ticks in ascending order, the ends themselves where there is at most one. On a logarithmic axis none where
        no choice of leading digits fits.

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
    """Round numbers within a range, none of them so near an end that it would touch the next panel's.

    Example:
        >>> inner_ticks(-10, 10), inner_ticks(-2.048, 2.048)
        ([-5.0, 0.0, 5.0], [-1.0, 0.0, 1.0])
    """
    room = 0.08 * (high - low)
    return [tick for tick in nice_ticks(low, high) if low + room <= tick <= high - room]
