"""The axis of a hyperparameter or a metric as charts draw it: where a value lies, and what stands beside it."""

from dataclasses import dataclass
from html import escape
from math import isfinite, log10, nan
from typing import Any, Literal

from trainwell.core import short_text
from trainwell.display.ticks import nice_ticks

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
        values = nice_ticks(self.low, self.high, log=((1,), (1, 2, 5))) if self.kind == "log" else []
        values = values or nice_ticks(self.low, self.high, whole=self.integer)
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
