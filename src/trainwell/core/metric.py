"""Metrics: each one's direction, range, unit, smallest relevant difference and number format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import floor, inf, isfinite, isnan, log10, nan
from typing import Literal

OF_TUNED, OF_GUESSED = 0.02, 0.001  # default margins of a relative metric, see `Metric.margin`


MetricName = Literal["loss", "accuracy", "r2"]
"""The metrics that networks can be compared by."""


@dataclass(frozen=True)
class Metric:
    """One metric: its names, which direction is better, and how its values and their differences are written.

    Attributes:
        name: its name in recipes, traces and files.
        title: its name on pages and in tables.
        unit: of its values.
        sign: +1 if larger is better, -1 if smaller is better.
        within: its range (low, high).
        hint: help for a user who asks for a value outside the range.
        smallest_difference: the smallest one that matters; of a `relative` metric see `margin`.
        is_share: whether it is a share of rows. Shares are shown in percent and their differences in percentage points.
        relative: whether only ratios of its values matter. Such values are shown with three significant digits and on a
            logarithmic axis.
        floor: lower values are set to it where outliers would hide the rest, as in a surrogate model or a chart.
        fallback: the metric to use where this one is undefined; None if it is always defined.
    """

    name: MetricName
    title: str
    unit: str
    sign: float
    within: tuple[float, float]
    hint: str
    smallest_difference: float = 0.0
    is_share: bool = False
    relative: bool = False
    floor: float = -inf
    fallback: MetricName | None = None

    @property
    def larger_is_better(self) -> bool:
        """Whether larger values are better (else smaller ones are)."""
        return self.sign > 0

    @property
    def better(self) -> str:
        """The better direction: `higher` or `lower`."""
        return "higher" if self.larger_is_better else "lower"

    @property
    def validation(self) -> str:
        """The metric's title on the validation split, such as `validation accuracy`."""
        return f"validation {self.title}"

    @property
    def head(self) -> str:
        """The title of a column or axis with validation values as `amount` writes them.

        Example:
            >>> METRICS["accuracy"].head, METRICS["r2"].head
            ('Validation accuracy, %', 'Validation R²')
        """
        return f"Validation {self.title}{', %' if self.is_share else ''}"

    @property
    def advantage(self) -> str:
        """The title of a column or axis that shows by how much one contender is better than another.

        Example:
            >>> METRICS["accuracy"].advantage, METRICS["loss"].advantage
            ('Advantage, points', 'Advantage: validation loss lower by')
        """
        return "Advantage, points" if self.is_share else f"Advantage: {self.validation} {self.better} by"

    @property
    def scale(self) -> float:
        """The factor by which `amount` multiplies values: 100 for shares, else 1."""
        return 100.0 if self.is_share else 1.0

    @property
    def percent(self) -> str:
        """The unit after a value as `amount` writes it: `"%"` for shares, otherwise empty."""
        return "%" if self.is_share else ""

    def difference(self, value: float, step: float) -> str:
        """A difference as `amount` writes it, of a share with its unit.

        Example:
            >>> METRICS["accuracy"].difference(0.0131, 0.003), METRICS["accuracy"].difference(0.01, 0.1)
            ('1.31 points', '1 point')
        """
        return self._in_points(self.amount(value, step))

    def _in_points(self, text: str) -> str:
        return f"{text} point{'s' * (text not in ('1', '−1'))}" if self.is_share else text

    def order(self, value: float, loss: float = nan) -> tuple[float, float]:
        """A sort key without NaN: the best value comes first.

        Args:
            value: of the metric. Undefined (NaN) or infinite values come last.
            loss: decides between equal values and between undefined ones.

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
        """A value with three decimals, or of a `relative` metric three significant digits; a dash if not finite.

        Example:
            >>> METRICS["r2"].text(0.98765), METRICS["loss"].text(0.04118)
            ('0.988', '0.0412')
        """
        return loss_text(value) if self.relative else score_text(value)

    def interval_text(self, low: float, high: float) -> str:
        """An interval as `[low, high]`; empty if it is NaN."""
        return "" if isnan(low) else f"[{self.text(low)}, {self.text(high)}]"

    def amount(self, value: float, step: float = nan) -> str:
        """A value or a difference without its unit, with enough decimals to show a given step; a dash if not finite.

        Args:
            value: the value. A share is given as a fraction and written in percent.
            step: the smallest difference that should be visible, in the units of `value`. If it is zero or not finite:
                0.002, or a tenth of a `relative` value.

        Example:
            >>> METRICS["accuracy"].amount(0.0131, 0.003), METRICS["loss"].amount(0.0312, 0.014)
            ('1.31', '0.031')
            >>> METRICS["accuracy"].amount(0.0131), METRICS["loss"].amount(0.0312), METRICS["r2"].amount(nan)
            ('1.31', '0.0312', '–')
        """
        if not isfinite(value):
            return "–"
        size = self.scale * (step if isfinite(step) and step > 0 else abs(value) / 10 if self.relative else 0.002)
        digits = min(max(1 - floor(log10(size)), 0), 6) if size else 2
        shown = f"{value * self.scale:.{digits}f}"
        return shown.lstrip("-") if float(shown) == 0 else shown.replace("-", "−")

    def fine(self, step: float, value: float) -> float:
        """The step for `amount`, but so small that a value keeps enough digits: a loss of 1.1006 is never "1".

        Args:
            step: the step; NaN stays.
            value: the value. The step is at most a tenth of a `relative` value, and at most 0.01 of others.
        """
        widest = abs(value) / 10 if self.relative else 0.01
        return min(step, widest) if isfinite(step) and isfinite(widest) and widest > 0 else step

    def margin(self, rows: int, tuned: Sequence[float], guess: float) -> float:
        """The default margin: the largest difference that counts as equal.

        * Usually `smallest_difference`; for a share at least one validation row.
        * For a `relative` metric 2% of the best tuned value; if nothing was tuned, 0.1% of the value of guessing.

        Args:
            rows: number of validation rows.
            tuned: the validation value that tuning found, per tuned contender.
            guess: the value of a constant prediction.
        """
        if self.relative:
            return OF_TUNED * self.best(tuned) if tuned else OF_GUESSED * guess
        return max(self.smallest_difference, 1 / max(rows, 1)) if self.is_share else self.smallest_difference

    def margin_source(self, *, is_tuned: bool) -> str:
        """How `margin` was chosen, in words."""
        if self.relative:
            of = f"2% of the best {self.title} that tuning found"
            return of if is_tuned else f"0.1% of the {self.title} of guessing"
        row = ", or one validation row where that is more" if self.is_share else ""
        return f"{self.margin_text(self.smallest_difference)}{row}"

    def margin_text(self, margin: float) -> str:
        """A margin with two significant digits and its unit.

        Example:
            >>> METRICS["accuracy"].margin_text(0.002), METRICS["loss"].margin_text(0.00213)
            ('0.2 points', '0.0021')
        """
        return self._in_points(f"{float(f'{margin * self.scale:.2g}'):g}")


METRICS: Mapping[str, Metric] = {
    "accuracy": Metric(
        "accuracy",
        "accuracy",
        "share of examples classified correctly",
        1.0,
        (0.0, 1.0),
        "an accuracy is from 0 to 1, and 0.95 means 95%",
        smallest_difference=0.002,
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
        "share of the target's variance explained; NaN where the variance is zero",
        1.0,
        (-inf, 1.0),
        "1 is a perfect fit; try 0.4",
        smallest_difference=0.005,
        floor=-1.0,
        fallback="loss",
    ),
}
METRICS_OF: Mapping[str, tuple[MetricName, MetricName]] = {
    "classification": ("accuracy", "loss"),
    "regression": ("r2", "loss"),
}
"""Task -> the metrics that its networks can be compared by. The first is the default."""
TITLES: Mapping[str, str] = {
    **{name: metric.title for name, metric in METRICS.items()},
    "rmse": "root mean squared error",
    "mae": "mean absolute error",
}
"""Name -> title of all scores of a model. Errors are in the target's unit."""


def score_text(value: float) -> str:
    """A share or an R² with three decimals; a dash if not finite."""
    return f"{value:.3f}" if isfinite(value) else "–"


def loss_text(value: float) -> str:
    """A loss with three significant digits; a dash if not finite.

    Example:
        >>> loss_text(0.1), loss_text(0.04118), loss_text(1234.5)
        ('0.100', '0.0412', '1234')
    """
    if not isfinite(value):
        return "–"
    if value == 0 or not 1e-4 <= abs(value) < 1e5:
        return f"{value:.2e}" if value else "0"
    return f"{value:.{max(0, 2 - floor(log10(abs(value))))}f}"
