"""The heights of tuned results: the differences among good values are seen, whatever the bad ones come to."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite, log10
from typing import Any

from trainwell.core import Metric
from trainwell.display.ticks import nice_ticks

FEWEST_TICKS, MOST_TICKS = 3, 7  # ticks
LEADING = ((1, 2, 5), (1, 3), (1,))  # digits of the errors that have ticks
SPAN = 0.05  # room above and below, as a share of the axis
ROW, MOST_ROWS = 0.035, 0.22  # of the crosses, one per contender, and of all together, as a share of the axis
LEAST = 1e-4  # error of a value that has none, where no split of the data says better


@dataclass(frozen=True)
class Heights:
    """A logarithmic axis of the error, best values first: of an accuracy and R² what is missing to 1, of a loss itself.

    Attributes:
        metric: accuracies and R² rise to the top, losses fall to the bottom.
        low: height of the worst value that is drawn (of a loss, the best).
        high: height of the best one (of a loss, the worst).
        least: the smallest error that is told from none.
        rows: how many rows of crosses there are beyond the worse end.
    """

    metric: Metric
    low: float
    high: float
    least: float
    rows: int

    def place(self, value: float) -> float:
        """The height of a value, that of the axis' end for one beyond it."""
        return min(max(height(value, self.metric, self.least), self.low), self.high)

    def beyond(self, value: float) -> bool:
        """Whether a value is worse than the axis shows."""
        at = height(value, self.metric, self.least)
        return at > self.high if self.metric.relative else at < self.low

    def reach(self, mean: float, end: float) -> float:
        """How far an interval's end is from its mean on the axis; 0 where there is none."""
        return abs(self.place(end) - self.place(mean)) if isfinite(end) else 0.0

    def row(self, place: int) -> float:
        """The height of a contender's crosses, from its place among the rows."""
        step = min(ROW, MOST_ROWS / self.rows) * (self.high - self.low)
        away = SPAN * (self.high - self.low) + (place + 0.5) * step
        return self.high + away if self.metric.relative else self.low - away

    def axis(self, *, titled: bool) -> dict[str, Any]:
        """The settings of a y axis."""
        first, last = self.row(-1), self.row(self.rows)
        room = SPAN * (self.high - self.low)
        values = self.ticks()
        return {
            "title": {"text": self.metric.head if titled else ""},
            "range": [self.low - room, last] if self.metric.relative else [last, self.high + room],
            "tickvals": [*(height(value, self.metric, self.least) for value in values), (first + last) / 2],
            "ticktext": [*(f"{round(self.metric.scale * value, 10):g}" for value in values), "diverged"],
        }

    def ticks(self) -> list[float]:
        """Values worth a label: errors of 1, 2 and 5 times a power of ten, or round values where these are too few."""
        relative = self.metric.relative
        low, high = sorted(10.0 ** (end if relative else -end) for end in (self.low, self.high))
        if errors := nice_ticks(low, high, MOST_TICKS, log=LEADING, fewest=FEWEST_TICKS):
            return [error if relative else 1 - error for error in errors]
        return nice_ticks(low, high, MOST_TICKS) if relative else nice_ticks(1 - high, 1 - low, MOST_TICKS)


def height(value: float, metric: Metric, least: float) -> float:
    """The height of a value: minus the logarithm of its error, of a loss the logarithm itself.

    Example:
        >>> from trainwell.core import METRICS
        >>> round(height(0.99, METRICS["accuracy"], 1e-4), 6), round(height(0.01, METRICS["loss"], 1e-4), 6)
        (2.0, -2.0)
    """
    return log10(max(value, least)) if metric.relative else -log10(max(1 - value, least))


def heights_of(values: Sequence[float], metric: Metric, guess: float, examples: int, rows: int) -> Heights:
    """The axis that shows tuned results.

    Values that are much worse than guessing lie beyond its end.

    Args:
        values: all that were reached; those that are not finite are left out.
        metric: what they are of.
        guess: its value for always predicting the same.
        examples: on which it is measured.
        rows: contenders of which crosses may have to be drawn.
    """
    found = [value for value in values if isfinite(value)] or [guess]
    if metric.relative:
        least = min((value for value in found if value > 0), default=LEAST)
        found = [min(value, max(2 * guess, least)) for value in found]
    else:
        least = 0.5 / max(examples, 1) if metric.is_share else LEAST
        found = [max(value, min(2 * guess - 1, max(found))) for value in found]
    places = [height(value, metric, least) for value in found]
    low, high = min(places), max(places)
    if high - low < 1e-3:
        low, high = low - 0.05, high + 0.05
    return Heights(metric, low, high, least, max(rows, 1))
