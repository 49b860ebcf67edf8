"""What each contender reaches with each value of a tuned number."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison, Tuning
from trainwell.core import METRICS
from trainwell.display import Panels, axis_references
from trainwell.report.comparison.heights import Heights, tuned_heights
from trainwell.report.comparison.numbers import mean_cell, value_text
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.report.tuning.axes import Axis, declared_axis, value_text as parameter_text
from trainwell.search import Candidate, TrialRecord

COLUMNS = {1: ((0, 1),), 2: ((0, 1), (760, 2))}
MOST_COLUMNS = ((0, 1), (760, 2), (1180, 3))


def sensitivity_chart(part: Comparison, styles: Sequence[Style]) -> go.Figure:
    """One panel per tuned number: small dots are trials, one seed each; larger ones means of the best with fresh seeds.

    The chosen value is a star. Crosses beyond the worse edge are trials that diverged, in a row per contender, with
    their number where several coincide; triangles are trials beyond the axis. Where one number was tuned a line joins
    the trials.

    Args:
        part: a comparison in which something was tuned.
        styles: of the contenders.
    """
    axes = tuned_axes(part)
    alone = len(axes) == 1
    panels = Panels(
        ["" if alone else axis.name for axis in axes],
        360 if alone else 260,
        64,
        COLUMNS.get(len(axes), MOST_COLUMNS),
        shared=False,
    )
    lost = [k for k in part.ranking() if (own := part.tunings[k]) and any(_lost(trial) for trial in own.trials)]
    heights = tuned_heights(part, _reached(part), len(lost))
    down = heights.axis(titled=alone)
    figure = panels.figure([(_across(axis), down) for axis in axes], axes[0].name if alone else "")
    figure.update_layout(margin_l=8)
    ordered = sorted(range(len(part.tunings)), key=lambda k: styles[k].own)  # grey lies below the others
    for panel, axis in enumerate(axes):
        for k in ordered:
            tuning = part.tunings[k]
            if tuning is not None and axis.name in tuning.search.space.axes:
                edge = heights.row(lost.index(k)) if k in lost else 0.0
                for trace in _traces(part, k, tuning, axis, styles[k], heights, edge, joined=alone):
                    figure.add_trace({**trace, **axis_references(panel)})
    return figure


def tuned_axes(part: Comparison) -> tuple[Axis, ...]:
    """The axes that were tuned for any contender, in the order of the terms."""
    used = {name for tuning in part.tunings if tuning for name in tuning.search.space.axes}
    return tuple(declared_axis(name, axis) for name, axis in part.terms.tune.items() if name in used)


def _reached(part: Comparison) -> list[float]:
    """All values that tuning found."""
    found = [tuning for tuning in part.tunings if tuning]
    trials = [trial.value for tuning in found for trial in tuning.trials]
    return [*trials, *(one.score.mean for tuning in found for one in tuning.candidates)]


def _lost(trial: TrialRecord) -> bool:
    return not isfinite(trial.value)


def _traces(
    part: Comparison, k: int, tuning: Tuning, axis: Axis, style: Style, heights: Heights, edge: float, *, joined: bool
) -> list[dict[str, Any]]:
    """A contender's trials, those that diverged, and the best with fresh seeds."""
    common = {
        "type": "scatter",
        "meta": [escape(part.labels[k]), "tuning", group_key(k, style)],
        "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>",
    }
    aside = 0.9 * axis.around * ((k + 0.5) / len(part.tunings) - 0.5)  # contenders stand side by side at a choice
    values = {t.number: axis.place(t.values.get(axis.name)) + aside for t in tuning.trials}
    placed = sorted((t for t in tuning.trials if isfinite(values[t.number])), key=lambda t: values[t.number])
    alive = [t for t in placed if not _lost(t)]
    beyond = "triangle-down-open" if METRICS[part.metric].larger_is_better else "triangle-up-open"
    found = {
        **common,
        "x": [values[t.number] for t in alive],
        "y": [heights.place(t.value) for t in alive],
        "mode": "lines+markers" if joined and axis.kind != "choices" else "markers",
        "line": {"color": style.color, "width": 1.6 if style.own else 0.8},
        "marker": {
            "color": style.color,
            "size": [8 if heights.beyond(t.value) else 5 for t in alive],
            "symbol": [beyond if heights.beyond(t.value) else style.symbol or "circle" for t in alive],
        },
        "opacity": 0.8 if style.own else 0.4,
        "customdata": [_trial_text(part, axis, t.values, t.value) for t in alive],
    }
    crosses = _crosses(axis, style, values, [t for t in placed if _lost(t)], edge, common)
    return [*([found] if alive else []), *crosses, *_again(part, tuning, axis, style, values, heights, common)]


def _crosses(
    axis: Axis,
    style: Style,
    values: Mapping[int, float],
    lost: Sequence[TrialRecord],
    edge: float,
    common: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Trials that diverged, with their number where several have the same value."""
    groups: dict[float, list[TrialRecord]] = {}
    for trial in lost:
        groups.setdefault(values[trial.number], []).append(trial)
    if not groups:
        return []
    return [
        {
            **common,
            "x": list(groups),
            "y": [edge] * len(groups),
            "mode": "markers+text",
            "marker": {"symbol": "x-thin", "size": 8, "line": {"width": 1.8, "color": style.color}},
            "text": [f" {len(own)}" if len(own) > 1 else "" for own in groups.values()],
            "textposition": "middle right",
            "opacity": 0.8 if style.own else 0.4,
            "customdata": [
                f"{escape(axis.name)} {escape(parameter_text(own[0].values[axis.name]))}: "
                f"{f'{len(own)} trials ' if len(own) > 1 else ''}diverged"
                for own in groups.values()
            ],
        }
    ]


def _again(
    part: Comparison,
    tuning: Tuning,
    axis: Axis,
    style: Style,
    values: Mapping[int, float],
    heights: Heights,
    common: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Those trained again with fresh seeds, the chosen one a star."""
    shown = [
        (i, one)
        for i, one in enumerate(tuning.candidates)
        if isfinite(one.score.mean) and isfinite(values.get(one.trial.number, np.nan))
    ]
    if not shown:
        return []
    return [
        {
            **common,
            "x": [values[one.trial.number] for _, one in shown],
            "y": [heights.place(one.score.mean) for _, one in shown],
            "mode": "markers",
            "marker": {
                "color": style.color,
                "symbol": ["star" if i == 0 else "circle-open" for i, _ in shown],
                "size": [15 if i == 0 else 9 for i, _ in shown],
                "line": {
                    "width": [1.0 if i == 0 else 2.0 for i, _ in shown],
                    "color": ["#FFFFFF" if i == 0 else style.color for i, _ in shown],
                },
            },
            "error_y": {
                "type": "data",
                "symmetric": False,
                "array": [_reach(heights, one.score.mean, one.score.high) for _, one in shown],
                "arrayminus": [_reach(heights, one.score.mean, one.score.low) for _, one in shown],
                "color": style.color,
                "thickness": 1.4,
                "width": 3,
            },
            "opacity": 1 if style.own else 0.5,
            "customdata": [_again_text(part, one, chosen=i == 0) for i, one in shown],
        }
    ]


def _again_text(part: Comparison, one: Candidate, *, chosen: bool) -> str:
    mean = " ".join(filter(None, mean_cell(one.score, part.metric)))
    return f"{'chosen, ' if chosen else ''}n = {one.score.n} fresh seeds: {mean}"


def _reach(heights: Heights, mean: float, end: float) -> float:
    """How far an interval's end is from its mean on the axis; 0 where there is none."""
    return abs(heights.place(end) - heights.place(mean)) if isfinite(end) else 0.0


def _trial_text(part: Comparison, axis: Axis, values: Mapping[str, Any], value: float) -> str:
    return (
        f"{escape(axis.name)} {escape(parameter_text(values[axis.name]))}: {value_text(value, part.metric)}, one seed"
    )


def _across(axis: Axis) -> dict[str, Any]:
    low, high = axis.ends
    room = 0.02 * (high - low)
    places, texts = axis.ticks()
    shown = {"range": [low - room, high + room], "tickvals": places, "ticktext": list(map(escape, texts))}
    return {**shown, "title": {"text": ""}}
