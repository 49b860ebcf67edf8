"""What contenders reach with each value of a tuned number."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

from trainwell.core import short_text
from trainwell.display.canvas import Figure
from trainwell.display.heights import Heights
from trainwell.display.legend import group_key, meta
from trainwell.display.numbers import Estimate
from trainwell.display.palette import Style, grey_first
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.scales import Scale

COLUMNS = {1: ((0, 1),), 2: ((0, 1), (760, 2))}
MOST_COLUMNS = ((0, 1), (760, 2), (1180, 3))
Values = Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class Tried:
    """What tuning tried for a contender.

    Attributes:
        index: of the contender.
        label: its name.
        style: how it is drawn.
        trials: of each the values of the tuned numbers, what it reached (NaN where it diverged), and that in words.
        again: of each recipe that was trained again its values, what it reached, and that in words; the first is the
            chosen one.
    """

    index: int
    label: str
    style: Style
    trials: Sequence[tuple[Values, float, str]]
    again: Sequence[tuple[Values, Estimate, str]]

    @property
    def common(self) -> dict[str, Any]:
        """What all its traces share."""
        traced = meta(self.label, "tuning", group_key(self.index, self.style))
        return {"type": "scatter", **traced, "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>"}


def sensitivity_chart(
    contenders: Sequence[Tried | None], scales: Sequence[Scale], heights: Heights, lost: Sequence[int]
) -> Figure:
    """One panel per tuned number: small dots are trials, one seed each; larger ones means of the best with fresh seeds.

    The chosen value is a star. Crosses beyond the worse edge are trials that diverged, in a row per contender, with
    their number where several coincide; triangles are trials beyond the axis. Where one number was tuned a line joins
    the trials.

    Args:
        contenders: in their order; None for one of which nothing was tuned.
        scales: of the tuned numbers.
        heights: of what was reached.
        lost: contenders of which trials diverged, in the order of their rows.
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
            aside = 0.9 * scale.around * ((one.index + 0.5) / len(contenders) - 0.5)  # side by side at a choice
            edge = heights.row(lost.index(one.index)) if one.index in lost else 0.0
            for trace in _traces(one, scale, heights, aside, edge, joined=alone):
                figure.add_trace({**trace, **panel_axes(panel)})
    return figure.update_layout(margin_l=8)


def _traces(
    one: Tried, scale: Scale, heights: Heights, aside: float, edge: float, *, joined: bool
) -> list[dict[str, Any]]:
    """A contender's trials, those that diverged, and the best with fresh seeds."""
    placed = [(scale.place(values.get(scale.name)) + aside, values, value, said) for values, value, said in one.trials]
    placed = sorted((trial for trial in placed if isfinite(trial[0])), key=lambda trial: trial[0])
    return [
        *_alive(one, scale, heights, [trial for trial in placed if isfinite(trial[2])], joined=joined),
        *_crosses(one, scale, [(x, values) for x, values, value, _ in placed if not isfinite(value)], edge),
        *_again(one, scale, heights, aside),
    ]


def _alive(
    one: Tried, scale: Scale, heights: Heights, trials: Sequence[tuple[float, Values, float, str]], *, joined: bool
) -> list[dict[str, Any]]:
    """Trials that reached something, small; those beyond the axis as triangles at its end."""
    if not trials:
        return []
    beyond = "triangle-down-open" if heights.metric.larger_is_better else "triangle-up-open"
    far = [heights.beyond(value) for _, _, value, _ in trials]
    return [
        {
            **one.common,
            "x": [x for x, *_ in trials],
            "y": [heights.place(value) for _, _, value, _ in trials],
            "mode": "lines+markers" if joined and scale.kind != "choices" else "markers",
            "line": {"color": one.style.color, "width": 1.6 if one.style.own else 0.8},
            "marker": {
                "color": one.style.color,
                "size": [8 if is_far else 5 for is_far in far],
                "symbol": [beyond if is_far else one.style.symbol or "circle" for is_far in far],
            },
            "opacity": 0.8 if one.style.own else 0.4,
            "customdata": [f"{_setting(scale, values)}: {said}, one seed" for _, values, _, said in trials],
        }
    ]


def _crosses(one: Tried, scale: Scale, trials: Sequence[tuple[float, Values]], edge: float) -> list[dict[str, Any]]:
    """Trials that diverged, with their number where several have the same value."""
    groups: dict[float, list[Values]] = {}
    for x, values in trials:
        groups.setdefault(x, []).append(values)
    if not groups:
        return []
    counts = [len(own) if len(own) > 1 else 0 for own in groups.values()]
    return [
        {
            **one.common,
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
    ]


def _again(one: Tried, scale: Scale, heights: Heights, aside: float) -> list[dict[str, Any]]:
    """Those trained again with fresh seeds, the chosen one a star."""
    places = [scale.place(values.get(scale.name)) + aside for values, _, _ in one.again]
    shown = [
        (x, found, said, i == 0)
        for i, (x, (_, found, said)) in enumerate(zip(places, one.again, strict=True))
        if isfinite(x) and isfinite(found.mean)
    ]
    if not shown:
        return []
    chosen, color = [is_chosen for *_, is_chosen in shown], one.style.color
    return [
        {
            **one.common,
            "x": [x for x, *_ in shown],
            "y": [heights.place(found.mean) for _, found, _, _ in shown],
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
            "customdata": [f"{'chosen, ' * star}n = {found.n} fresh seeds: {said}" for _, found, said, star in shown],
        }
    ]


def _setting(scale: Scale, values: Values) -> str:
    return f"{escape(scale.name)} {escape(short_text(values[scale.name]))}"
