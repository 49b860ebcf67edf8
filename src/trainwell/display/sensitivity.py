"""Tuning results against each tuned hyperparameter, on an axis that shows differences between good values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite, log10
from typing import Any

from trainwell.core import Metric, short_text
from trainwell.display.canvas import Figure
from trainwell.display.palette import Drawn, grey_first
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.scales import Scale, nice_ticks
from trainwell.display.texts import Estimate

FEWEST_TICKS, MOST_TICKS = 3, 7
LEADING = ((1, 2, 5), (1, 3), (1,))  # possible leading digits of the ticks' errors
SPAN = 0.05  # space above and below, as a share of the axis
CROSSES, MOST_CROSSES = 0.035, 0.22  # height of a row of crosses, and maximum of all rows, as shares of the axis
LEAST = 1e-4  # error drawn for an error of 0, if the size of the validation split gives no better number


@dataclass(frozen=True)
class Heights:
    """A logarithmic axis of the error: 1 − value for accuracy and R², the value itself for a loss.

    Attributes:
        metric: accuracy and R² increase upwards to their best values, losses decrease downwards.
        low: position of the lower end: of the worst value drawn (for a loss, the best).
        high: position of the upper end: of the best value drawn (for a loss, the worst).
        least: the smallest error drawn; smaller ones, such as 0, are drawn at it.
        rows: number of rows of crosses (for diverged trials) beyond the worse end.
    """

    metric: Metric
    low: float
    high: float
    least: float
    rows: int

    def position(self, value: float) -> float:
        """The position of a value, clipped to the axis."""
        return min(max(height(value, self.metric, self.least), self.low), self.high)

    def beyond(self, value: float) -> bool:
        """Whether a value is worse than the worse end of the axis."""
        at = height(value, self.metric, self.least)
        return at > self.high if self.metric.relative else at < self.low

    def reach(self, mean: float, end: float) -> float:
        """Distance from an interval's mean to its end on the axis; 0 if the end is not finite."""
        return abs(self.position(end) - self.position(mean)) if isfinite(end) else 0.0

    def row(self, index: int) -> float:
        """The position of a row of crosses."""
        step = min(CROSSES, MOST_CROSSES / self.rows) * (self.high - self.low)
        away = SPAN * (self.high - self.low) + (index + 0.5) * step
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
        """Values of the ticks: errors of 1, 2 and 5 times a power of ten, or round values if these are too few."""
        relative = self.metric.relative
        low, high = sorted(10.0 ** (end if relative else -end) for end in (self.low, self.high))
        if errors := nice_ticks(low, high, MOST_TICKS, log=LEADING, fewest=FEWEST_TICKS):
            return [error if relative else 1 - error for error in errors]
        return nice_ticks(low, high, MOST_TICKS) if relative else nice_ticks(1 - high, 1 - low, MOST_TICKS)


def height(value: float, metric: Metric, least: float) -> float:
    """The position of a value: −log₁₀ of its error, or log₁₀ of a loss.

    Example:
        >>> from trainwell.core import METRICS
        >>> round(height(0.99, METRICS["accuracy"], 1e-4), 6), round(height(0.01, METRICS["loss"], 1e-4), 6)
        (2.0, -2.0)
    """
    return log10(max(value, least)) if metric.relative else -log10(max(1 - value, least))


def heights_of(values: Sequence[float], metric: Metric, guess: float, examples: int, rows: int) -> Heights:
    """The axis for tuning results. Values that are much worse than a constant prediction are beyond its end.

    Args:
        values: all results; those that are not finite are ignored.
        metric: the metric of the values.
        guess: the metric of a constant prediction.
        examples: number of validation examples.
        rows: number of contenders with diverged trials.
    """
    found = [value for value in values if isfinite(value)] or [guess]
    if metric.relative:
        least = min((value for value in found if value > 0), default=LEAST)
        found = [min(value, max(2 * guess, least)) for value in found]
    else:
        least = 0.5 / max(examples, 1) if metric.is_share else LEAST
        found = [max(value, min(2 * guess - 1, max(found))) for value in found]
    positions = [height(value, metric, least) for value in found]
    low, high = min(positions), max(positions)
    if high - low < 1e-3:
        low, high = low - 0.05, high + 0.05
    return Heights(metric, low, high, least, max(rows, 1))


COLUMNS = {1: ((0, 1),), 2: ((0, 1), (760, 2))}
MOST_COLUMNS = ((0, 1), (760, 2), (1180, 3))
Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class TuningTrials(Drawn):
    """The trials of one contender's tuning.

    Attributes:
        trials: per trial: the tuned values, the result (NaN if it diverged), and the result as text.
        again: per recipe that was trained again with new seeds: the same three. The first recipe is the chosen one.
    """

    trials: Sequence[tuple[Values, float, str]]
    again: Sequence[tuple[Values, Estimate, str]]


def sensitivity_chart(
    contenders: Sequence[TuningTrials | None], scales: Sequence[Scale], heights: Heights, lost: Sequence[int]
) -> Figure:
    """One panel per tuned hyperparameter, with the results of all trials.

    Small dots are trials with one seed; larger circles are means of the best recipes over new seeds; the chosen recipe
    is a star. Triangles are trials beyond the axis. Crosses are diverged trials, one row per contender, with their
    number if several coincide. If a single hyperparameter was tuned, lines join the trials.

    Args:
        contenders: the contenders; None for one that was not tuned.
        scales: of the tuned hyperparameters.
        heights: the vertical axis.
        lost: indices of contenders with diverged trials, in the order of their rows.
    """
    alone = len(scales) == 1
    titles, height = ["" if alone else scale.name for scale in scales], 360 if alone else 260
    panels = Panels(titles, height, 64, COLUMNS.get(len(scales), MOST_COLUMNS), shared=False)
    down = heights.axis(titled=alone)
    figure = panels.figure([(scale.across(0.02), down) for scale in scales], scales[0].name if alone else "")
    tuned = [one for one in contenders if one]
    for panel, scale in enumerate(scales):
        for i in grey_first([one.style for one in tuned]):
            one = tuned[i]
            aside = 0.9 * scale.around * ((one.index + 0.5) / len(contenders) - 0.5)  # contenders are side by side
            edge = heights.row(lost.index(one.index)) if one.index in lost else 0.0
            for trace in _traces(one, scale, heights, aside, edge, joined=alone):
                figure.add_trace({**trace, **panel_axes(panel)})
    return figure.update_layout(margin_l=8)


def _traces(
    one: TuningTrials, scale: Scale, heights: Heights, aside: float, edge: float, *, joined: bool
) -> list[dict[str, Any]]:
    """A contender's finite trials, its diverged trials, and its best recipes with new seeds."""
    placed = [
        (scale.position(values.get(scale.name)) + aside, values, value, text) for values, value, text in one.trials
    ]
    placed = sorted((trial for trial in placed if isfinite(trial[0])), key=lambda trial: trial[0])
    found = (
        _alive(one, scale, heights, [trial for trial in placed if isfinite(trial[2])], joined=joined),
        _crosses(one, scale, [(x, values) for x, values, value, _ in placed if not isfinite(value)], edge),
        _again(one, scale, heights, aside),
    )
    hover = {"hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>"}
    return [{**trace, **hover} for trace in found if trace["x"]]


def _alive(
    one: TuningTrials,
    scale: Scale,
    heights: Heights,
    trials: Sequence[tuple[float, Values, float, str]],
    *,
    joined: bool,
) -> dict[str, Any]:
    """Trials with a finite result, as small dots; those beyond the axis as triangles at its end."""
    beyond = "triangle-down-open" if heights.metric.larger_is_better else "triangle-up-open"
    far = [heights.beyond(value) for _, _, value, _ in trials]
    return {
        **one.common("tuning"),
        "x": [x for x, *_ in trials],
        "y": [heights.position(value) for _, _, value, _ in trials],
        "mode": "lines+markers" if joined and scale.kind != "choices" else "markers",
        "line": {"color": one.style.color, "width": 1.6 if one.style.own else 0.8},
        "marker": {
            "color": one.style.color,
            "size": [8 if is_far else 5 for is_far in far],
            "symbol": [beyond if is_far else one.style.symbol or "circle" for is_far in far],
        },
        "opacity": 0.8 if one.style.own else 0.4,
        "customdata": [f"{_setting(scale, values)}: {text}, one seed" for _, values, _, text in trials],
    }


def _crosses(one: TuningTrials, scale: Scale, trials: Sequence[tuple[float, Values]], edge: float) -> dict[str, Any]:
    """Diverged trials, with their number if several have the same value."""
    groups: dict[float, list[Values]] = {}
    for x, values in trials:
        groups.setdefault(x, []).append(values)
    counts = [len(own) if len(own) > 1 else 0 for own in groups.values()]
    return {
        **one.common("tuning"),
        "x": list(groups),
        "y": [edge] * len(groups),
        "mode": "markers+text",
        "marker": {"symbol": "x-thin", "size": 8, "line": {"width": 1.8, "color": one.style.color}},
        "text": [f" {count}" if count else "" for count in counts],
        "textposition": "middle right",
        "opacity": 0.8 if one.style.own else 0.4,
        "customdata": [
            f"{_setting(scale, own[0])}: {f'{count} trials ' if count else ''}diverged"
            for own, count in zip(groups.values(), counts, strict=True)
        ],
    }


def _again(one: TuningTrials, scale: Scale, heights: Heights, aside: float) -> dict[str, Any]:
    """The recipes that were trained again with new seeds; the chosen one is a star."""
    positions = [scale.position(values.get(scale.name)) + aside for values, _, _ in one.again]
    shown = [
        (x, found, text, i == 0)
        for i, (x, (_, found, text)) in enumerate(zip(positions, one.again, strict=True))
        if isfinite(x) and isfinite(found.mean)
    ]
    chosen, color = [is_chosen for *_, is_chosen in shown], one.style.color
    return {
        **one.common("tuning"),
        "x": [x for x, *_ in shown],
        "y": [heights.position(found.mean) for _, found, _, _ in shown],
        "mode": "markers",
        "marker": {
            "color": color,
            "symbol": ["star" if star else "circle-open" for star in chosen],
            "size": [15 if star else 9 for star in chosen],
            "line": {
                "width": [1.0 if star else 2.0 for star in chosen],
                "color": ["#FFFFFF" if star else color for star in chosen],
            },
        },
        "error_y": {
            "type": "data",
            "symmetric": False,
            "array": [heights.reach(found.mean, found.high) for _, found, _, _ in shown],
            "arrayminus": [heights.reach(found.mean, found.low) for _, found, _, _ in shown],
            "color": color,
            "thickness": 1.4,
            "width": 3,
        },
        "opacity": 1 if one.style.own else 0.5,
        "customdata": [f"{'chosen, ' * star}n = {found.n} fresh seeds: {text}" for _, found, text, star in shown],
    }


def _setting(scale: Scale, values: Values) -> str:
    return f"{escape(scale.name)} {escape(short_text(values[scale.name]))}"
