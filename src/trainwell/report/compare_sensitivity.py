"""What each contender reaches with each value of a tuned number."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite
from typing import Any

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison, Tuning
from trainwell.report.compare_numbers import mean_cell, metric_head, scale, value_text
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.report.panels import Panels, axis_references
from trainwell.report.search_axes import Axis, declared_axis
from trainwell.report.search_axes import value_text as parameter_text
from trainwell.search import Candidate

COLUMNS = {1: ((0, 1),), 2: ((0, 1), (760, 2))}
MOST_COLUMNS = ((0, 1), (760, 2), (1180, 3))
LOG_FROM = 30.0  # ratio of two losses


def sensitivity_chart(part: Comparison, styles: Sequence[Style]) -> go.Figure:
    """One panel per tuned number: small dots are trials, one seed each; larger ones means of the best with fresh seeds.

    The chosen value is a star. Crosses at the worse edge are trials that diverged. Where one number was tuned a line
    joins the trials.

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
    down, edge = _down(part, alone=alone)
    figure = panels.figure([(_across(axis), down) for axis in axes], axes[0].name if alone else "")
    figure.update_layout(margin_l=8)
    ordered = sorted(range(len(part.tunings)), key=lambda k: styles[k].own)  # grey lies below the others
    for panel, axis in enumerate(axes):
        for k in ordered:
            tuning = part.tunings[k]
            if tuning is not None and axis.name in tuning.search.space.axes:
                for trace in _traces(part, k, tuning, axis, styles[k], edge, joined=alone):
                    figure.add_trace({**trace, **axis_references(panel)})
    return figure


def tuned_axes(part: Comparison) -> tuple[Axis, ...]:
    """The axes that were tuned for any contender, in the order of the terms."""
    used = {name for tuning in part.tunings if tuning for name in tuning.search.space.axes}
    return tuple(declared_axis(name, axis) for name, axis in part.terms.tune.items() if name in used)


def _traces(
    part: Comparison, k: int, tuning: Tuning, axis: Axis, style: Style, edge: float, *, joined: bool
) -> list[dict[str, Any]]:
    """A contender's trials, those that diverged, and the best with fresh seeds."""
    common = {
        "type": "scatter",
        "meta": [escape(part.labels[k]), "tuning", group_key(k, style)],
        "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>",
    }
    aside = 0.9 * axis.around * ((k + 0.5) / len(part.tunings) - 0.5)  # contenders stand side by side at a choice
    values = {t.number: axis.place(t.values.get(axis.name)) + aside for t in tuning.search.trials}
    alive = sorted(
        (t for t in tuning.search.trials if isfinite(t.value) and isfinite(values[t.number])),
        key=lambda t: values[t.number],
    )
    lost = [t for t in tuning.search.trials if not isfinite(t.value) and isfinite(values[t.number])]
    found = [
        {
            **common,
            "x": [values[t.number] for t in alive],
            "y": [scale(part.metric) * t.value for t in alive],
            "mode": "lines+markers" if joined and axis.kind != "choices" else "markers",
            "line": {"color": style.color, "width": 1.6 if style.own else 0.8},
            "marker": {"color": style.color, "size": 5, "symbol": style.symbol or "circle"},
            "opacity": 0.8 if style.own else 0.4,
            "customdata": [_trial_text(part, axis, t.values, t.value) for t in alive],
        },
        {
            **common,
            "x": [values[t.number] for t in lost],
            "y": [edge] * len(lost),
            "mode": "markers",
            "marker": {"symbol": "x-thin", "size": 8, "line": {"width": 1.8, "color": style.color}},
            "opacity": 0.8 if style.own else 0.4,
            "customdata": [f"{escape(axis.name)} {parameter_text(t.values[axis.name])}: diverged" for t in lost],
        },
    ]
    return [*(one for one in found if one["x"]), *_again(part, tuning, axis, style, values, common)]


def _again(
    part: Comparison,
    tuning: Tuning,
    axis: Axis,
    style: Style,
    values: Mapping[int, float],
    common: Mapping[str, Any],
) -> list[dict[str, Any]]:
    """Those trained again with fresh seeds, the chosen one a star."""
    times = scale(part.metric)
    shown = [
        (i, one)
        for i, one in enumerate(tuning.candidates)
        if isfinite(one.score.mean) and isfinite(values.get(one.trial, np.nan))
    ]
    if not shown:
        return []
    return [
        {
            **common,
            "x": [values[one.trial] for _, one in shown],
            "y": [times * one.score.mean for _, one in shown],
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
                "array": [_reach(times * (one.score.high - one.score.mean)) for _, one in shown],
                "arrayminus": [_reach(times * (one.score.mean - one.score.low)) for _, one in shown],
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


def _reach(length: float) -> float:
    return length if isfinite(length) else 0.0


def _trial_text(part: Comparison, axis: Axis, values: Mapping[str, Any], value: float) -> str:
    return (
        f"{escape(axis.name)} {escape(parameter_text(values[axis.name]))}: {value_text(value, part.metric)}, one seed"
    )


def _down(part: Comparison, *, alone: bool) -> tuple[dict[str, Any], float]:
    """The panels' y axis, and the height on it of what diverged.

    Losses have a logarithmic axis where they are far apart; it ends at twice what guessing comes to.
    """
    times = scale(part.metric)
    values = [times * t.value for tuning in part.tunings if tuning for t in tuning.search.trials if isfinite(t.value)]
    values += [
        times * one.score.mean
        for tuning in part.tunings
        if tuning
        for one in tuning.candidates
        if isfinite(one.score.mean)
    ]
    guess = times * part.guess
    low, high = min(values, default=guess), max(values, default=guess)
    if part.metric == "loss":
        high = min(high, max(2 * guess, low))
    elif part.metric == "r2":
        low = max(low, min(guess, high) - 0.5)
    title = {"title": {"text": metric_head(part.metric) if alone else ""}}
    if part.metric == "loss" and low > 0 and high / low > LOG_FROM:
        first, last = float(np.log10(low)), float(np.log10(high))
        room = 0.07 * (last - first)
        ends = [first - room, last + 2 * room]
        return {**title, "type": "log", "range": ends, "tickformat": "~g", "dtick": 1}, 10 ** (last + room)
    room = 0.07 * (high - low) or 0.01 * max(abs(high), 1.0)
    if part.metric == "loss":
        return {**title, "range": [low - room, high + 2 * room]}, high + room
    return {**title, "range": [low - 2 * room, high + room]}, low - room


def _across(axis: Axis) -> dict[str, Any]:
    low, high = axis.ends
    room = 0.02 * (high - low)
    places, texts = axis.ticks()
    shown = {"range": [low - room, high + room], "tickvals": places, "ticktext": list(map(escape, texts))}
    return {**shown, "title": {"text": ""}}
