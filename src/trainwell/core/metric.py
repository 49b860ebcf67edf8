"""What networks are judged by: a metric's direction, range, margin and how it is written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, isnan, log10, nan
from typing import Literal

OF_TUNED, OF_GUESSED = 0.02, 0.001


MetricName = Literal["loss", "accuracy", "r2"]
"""What networks can be judged by."""


@dataclass(frozen=True)
class Metric:
    """One metric: what it is called, which way it is better, and how its values and differences of them are written.

    Attributes:
        name: as recipes, traces and files call it.
        title: as a person reads it.
        unit: of its values.
        sign: +1 where larger is better, -1 where smaller is.
        within: its range.
        hint: what to tell who asks for a value outside its range.
        least: differences below it do not matter; of a `relative` metric see `margin`.
        is_share: whether it is a share of rows: shown in percent, differences in points, and one row is its least step.
        relative: whether only the size of its values relative to each other matters: they are shown with three digits
            and drawn on a logarithmic scale.
        floor: values below it count as this where one of them would hide the rest.
        instead: what networks are judged by where it is undefined; None where it never is.
    """

    name: MetricName
    title: str
    unit: str
    sign: float
    within: tuple[float, float]
    hint: str
    least: float = 0.0
    is_share: bool = False
    relative: bool = False
    floor: float = -inf
    instead: MetricName | None = None

    @property
    def larger_is_better(self) -> bool:
        """Else smaller is."""
        return self.sign > 0

    @property
    def better(self) -> str:
        """Which way is better: `higher` or `lower`."""
        return "higher" if self.larger_is_better else "lower"

    @property
    def validation(self) -> str:
        """What is judged by, as a person reads it."""
        return f"validation {self.title}"

    @property
    def head(self) -> str:
        """The same as a column's head or the title of an axis of `amount`.

        Example:
            >>> METRICS["accuracy"].head, METRICS["r2"].head
            ('Validation accuracy, %', 'Validation R²')
        """
        return f"Validation {self.title}{', %' if self.is_share else ''}"

    @property
    def advantage(self) -> str:
        """By how much one is better than another, as a column's head or the title of an axis.

        Example:
            >>> METRICS["accuracy"].advantage, METRICS["loss"].advantage
            ('Advantage, points', 'Advantage: validation loss lower by')
        """
        return "Advantage, points" if self.is_share else f"Advantage: {self.validation} {self.better} by"

    @property
    def scale(self) -> float:
        """What values are multiplied by where they are shown as an `amount`."""
        return 100.0 if self.is_share else 1.0

    @property
    def points(self) -> str:
        """What follows the amount of a difference."""
        return " points" if self.is_share else ""

    def order(self, value: float, loss: float = nan) -> tuple[float, float]:
        """What anything is ordered by that has this metric: smaller is better, and nothing is NaN.

        Args:
            value: of the metric. Undefined (NaN) or infinite values come last.
            loss: what decides between equals, and where no value is defined.

        Example:
            >>> sorted([0.2, nan, 0.9], key=METRICS["accuracy"].order)
            [0.9, 0.2, nan]
        """
        return (-self.sign * value if isfinite(value) else inf, loss if isfinite(loss) else inf)

    def best(self, values: Iterable[float]) -> float:
        """The best of several values."""
        return max(values) if self.larger_is_better else min(values)

    def worst(self, values: Iterable[float]) -> float:
        """The worst of several values."""
        return min(values) if self.larger_is_better else max(values)

    def text(self, value: float) -> str:
        """A value with three decimals, or three digits; a dash where there is none.

        Example:
            >>> METRICS["r2"].text(0.98765), METRICS["loss"].text(0.04118)
            ('0.988', '0.0412')
        """
        return loss_text(value) if self.relative else score_text(value)

    def ends(self, low: float, high: float) -> str:
        """An interval's ends in brackets; empty where there are none."""
        return "" if isnan(low) else f"[{self.text(low)}, {self.text(high)}]"

    def amount(self, value: float, step: float) -> str:
        """A value or a difference, of a share in percent or points, with decimals for steps of the given size.

        Args:
            value: the value; of shares as a fraction.
            step: the smallest difference that should be seen.

        Example:
            >>> METRICS["accuracy"].amount(0.0131, 0.003), METRICS["loss"].amount(0.0312, 0.014)
            ('1.31', '0.031')
        """
        size = abs(step * self.scale)
        digits = min(max(1 - floor(log10(size)), 0), 6) if size and isfinite(size) else 2
        shown = f"{value * self.scale:.{digits}f}"
        return shown.lstrip("-") if float(shown) == 0 else shown.replace("-", "−")

    def margin(self, rows: int, tuned: Sequence[float], guess: float) -> float:
        """The difference below which nobody cares, where the user does not say.

        That is `least`, or of a share one row where that is more; of a `relative` metric 2% of the best tuned value, or
        where nothing is tuned 0.1% of that of guessing, since no better one is known before networks are compared.

        Args:
            rows: of the validation split.
            tuned: what tuning found, per tuned contender.
            guess: the value of always predicting the same.
        """
        if self.relative:
            return OF_TUNED * self.best(tuned) if tuned else OF_GUESSED * guess
        return max(self.least, 1 / max(rows, 1)) if self.is_share else self.least

    def margin_source(self, *, is_tuned: bool) -> str:
        """Where `margin` comes from, in words."""
        if self.relative:
            of = f"2% of the best {self.title} that tuning found"
            return of if is_tuned else f"0.1% of the {self.title} of guessing"
        return f"{self.margin_text(self.least)}{', or one validation row where that is more' if self.is_share else ''}"

    def margin_text(self, margin: float) -> str:
        """A margin as people write it.

        Example:
            >>> METRICS["accuracy"].margin_text(0.002), METRICS["loss"].margin_text(0.00213)
            ('0.2 points', '0.0021')
        """
        shown = float(f"{margin * self.scale:.2g}")
        return f"{shown:g}{self.points}"


METRICS: Mapping[str, Metric] = {
    "accuracy": Metric(
        "accuracy",
        "accuracy",
        "share of examples classified correctly",
        1.0,
        (0.0, 1.0),
        "an accuracy is from 0 to 1, and 0.95 means 95%",
        least=0.002,
        is_share=True,
    ),
    "loss": Metric(
        "loss",
        "loss",
        "nats per example (classification), squared standard deviations of the target (regression)",
        -1.0,
        (0.0, inf),
        "a loss is at least 0; try 0.5",
        relative=True,
        floor=1e-12,
    ),
    "r2": Metric(
        "r2",
        "R²",
        "share of the target's variance explained; NaN where that is none",
        1.0,
        (-inf, 1.0),
        "1 is a perfect fit; try 0.4",
        least=0.005,
        floor=-1.0,
        instead="loss",
    ),
}
METRICS_OF: Mapping[str, tuple[MetricName, MetricName]] = {
    "classification": ("accuracy", "loss"),
    "regression": ("r2", "loss"),
}
"""What the networks of a task can be judged by; by the first, where nothing is asked for."""
TITLES: Mapping[str, str] = {
    **{name: metric.title for name, metric in METRICS.items()},
    "rmse": "RMSE",
    "mae": "mean absolute error",
}
"""Of all numbers that a model is scored by; the last two are in the target's unit."""


def score_text(value: float) -> str:
    """A share, or an R², with three decimals."""
    return f"{value:.3f}" if isfinite(value) else "–"


def loss_text(value: float) -> str:
    """A loss with three significant digits.

    Example:
        >>> loss_text(0.1), loss_text(0.04118), loss_text(1234.5)
        ('0.100', '0.0412', '1234')
    """
    if not isfinite(value):
        return "–"
    if value == 0 or not 1e-4 <= abs(value) < 1e5:
        return f"{value:.2e}" if value else "0"
    return f"{value:.{max(0, 2 - floor(log10(abs(value))))}f}"
