"""The axes of a search space as charts draw them: where a value lies, and what stands beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, isfinite, log10, nan
from typing import TYPE_CHECKING, Any, Literal

from trainwell.core import METRICS
from trainwell.training import Choices, Range

if TYPE_CHECKING:
    from trainwell.search import SearchResult, TrialRecord

MOST_TICKS = 6
FEW = 12  # whole numbers that are drawn apart


@dataclass(frozen=True)
class Axis:
    """One axis, drawn on its own scale.

    Attributes:
        name: of the parameter.
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
            text = value_text(value)
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
        values = _log_ticks(self.low, self.high) if self.kind == "log" else _linear_ticks(self)
        return [self.place(value) for value in values], [value_text(value) for value in values]


def axes_of(result: "SearchResult") -> tuple[Axis, ...]:
    """All axes of a search, the most important first; as declared where importance is not known."""
    axes = result.space.axes
    names = [*(name for name in result.importance if name in axes), *(n for n in axes if n not in result.importance)]
    return tuple(declared_axis(name, axes[name]) for name in names)


def declared_axis(name: str, declared: Range | Choices) -> Axis:
    """The axis of a parameter that varies over what was declared."""
    if isinstance(declared, Range):
        return Axis(name, "log" if declared.log else "linear", declared.low, declared.high, integer=declared.integer)
    numbers = [one for one in declared.labels if isinstance(one, (int, float)) and not isinstance(one, bool)]
    ordered = sorted(numbers) if len(numbers) == len(declared.labels) else declared.labels
    labels = tuple(map(value_text, ordered))
    return Axis(name, "choices", 0, len(labels) - 1, labels)


def metric_axis(result: "SearchResult") -> Axis:
    """The axis of what trials are judged by, over those that have a finite value."""
    values = [trial.value for trial in result.trials if isfinite(trial.value)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    metric = METRICS[result.metric]
    if metric.relative and low > 0:
        return Axis(metric.validation, "log", low, high)
    return Axis(metric.validation, "linear", max(low, metric.floor) if high > metric.floor else low, high)


def metric_title(result: "SearchResult") -> str:
    """The metric's name with a capital."""
    return f"Validation {METRICS[result.metric].title}"


def metric_text(result: "SearchResult", value: float) -> str:
    """A value of the metric in words."""
    return METRICS[result.metric].text(value)


def value_text(value: Any) -> str:
    """A hyperparameter's value as people write it.

    Example:
        >>> [value_text(v) for v in (1e-6, 0.25, 128, True, None, (100, 50), "adam")]
        ['1e-6', '0.25', '128', 'true', 'none', '100x50', 'adam']
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return "x".join(map(str, value)) or "none"
    if not isinstance(value, float):
        return str(value)
    if 1e4 <= abs(value) < 1e6:
        return f"{value:.0f}"
    return f"{value:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def values_text(values: Mapping[str, Any]) -> str:
    """The values of a trial in one line."""
    return ", ".join(f"{name}={value_text(value)}" for name, value in values.items())


def trial_text(result: "SearchResult", trial: "TrialRecord") -> str:
    """A trial in one line, for those who point at it."""
    if trial.state == "diverged":
        return f"trial {trial.number}: diverged"
    reached = f" after {max(trial.rungs):g} epochs" if trial.state in ("pruned", "cut") and trial.rungs else ""
    end = f", {trial.state}{reached}" if trial.state in ("pruned", "cut") else ""
    return f"trial {trial.number}: {METRICS[result.metric].validation} {metric_text(result, trial.value)}{end}"


def _log_ticks(low: float, high: float) -> list[float]:
    """Powers of ten, thinned out; with fewer than two of them, 1, 2 and 5 of each."""
    first, last = floor(log10(low)), ceil(log10(high))
    decades = range(first, last + 1)
    within = [10.0**d for d in decades if low * 0.999 <= 10.0**d <= high * 1.001]
    if len(within) > 1:
        return within[:: ceil(len(within) / MOST_TICKS)]
    fine = [m * 10.0**d for d in decades for m in (1, 2, 5) if low <= m * 10.0**d <= high]
    return fine if len(fine) > 1 else sorted({low, *fine, high})


def _linear_ticks(axis: Axis) -> list[float]:
    """Multiples of 1, 2 or 5 of a power of ten."""
    span = axis.high - axis.low
    if span <= 0:
        return [axis.low]
    power = 10.0 ** floor(log10(span))
    steps = [m * power / 10 for m in (1, 2, 5, 10, 20, 50)]
    step = next(s for s in steps if span / s <= MOST_TICKS - 1)
    step = max(round(step), 1) if axis.integer else step
    first = ceil(axis.low / step - 1e-9)
    ticks = [k * step for k in range(first, floor(axis.high / step + 1e-9) + 1)]
    if len(ticks) < 2:
        return [axis.low, axis.high]
    digits = max(0, 2 - floor(log10(step)))
    rounded = [round(tick, digits) for tick in ticks]
    return rounded if all(a < b for a, b in pairwise(rounded)) else ticks
