"""Parallel coordinates of all trials, with horizontal axes below each other, so that all labels are readable.

They are drawn as plain lines, since Plotly's `Parcoords` needs WebGL and a page that allows code from strings.
"""

from collections.abc import Sequence
from html import escape
from math import isnan
from typing import Any

from trainwell.core import short_text
from trainwell.display.canvas import INK, Figure, frame
from trainwell.display.palette import meta, shade
from trainwell.display.scales import Scale
from trainwell.display.trials import BEST, STATES, Trial, of_state

ROW = 64  # pixels between two axes
GROUND = "rgba(255,255,255,0.8)"  # background of labels; a page replaces it by its own colour
UNUSED = -0.1  # position on an axis for trials that do not use the parameter
SHADES = 6
DASHES = {"pruned": "dot", "cut": "dot", "diverged": "dash"}
Point = tuple[float | None, int | None, int | None, str]
_GAP: Point = (None, None, None, "")
_HIGHLIGHT = {  # a page puts the line of the trial under the pointer into this trace
    "type": "scatter",
    "x": [],
    "y": [],
    "mode": "lines+markers",
    "line": {"color": INK, "width": 3.5},
    "hoverinfo": "skip",
    **meta("", "highlight", "trial"),
}


def parallel_chart(trials: Sequence[Trial], scales: Sequence[Scale], metric: Scale, texts: Sequence[str]) -> Figure:
    """Every trial as a line through its parameter values (first parameter at the top) to its metric at the bottom.

    Better trials are stronger and more orange; the best is blue. Pruned ones are dotted. Diverged ones are dashed and
    end above the bottom axis. Equal choices get some jitter. If a trial does not use a parameter, its line passes
    through the dash at the left of that axis.

    Args:
        trials: all trials.
        scales: of the parameters.
        metric: scale of the metric.
        texts: the metric's value of each trial, as text.
    """
    axes = (*scales, metric)
    unused = [any(axis.name not in trial.values for trial in trials) for axis in scales] + [False]
    points = {trial.number: _points(trial, scales, metric, text) for trial, text in zip(trials, texts, strict=True)}
    figure = frame("").add_trace(_rules(axes))
    for state in STATES:
        own = of_state(trials, state)
        if state != "complete":
            figure.add_trace(_line(points, own, state, "rgba(140,140,140,0.5)", 0.9))
            continue
        for level in range(SHADES):  # better ones are drawn on top
            of_level = [trial for trial in own if round(trial.strength * (SHADES - 1)) == level]
            share = level / (SHADES - 1)
            figure.add_trace(_line(points, of_level, state, shade(share), 1 + share))
    figure.add_trace(_line(points, [trial for trial in trials if trial.is_best], "complete", BEST, 3.0))
    figure.add_trace(_HIGHLIGHT)
    labels = [label for row, axis in enumerate(axes) for label in _labels(axis, row, unused=unused[row])]
    left = UNUSED - 0.03 if any(unused) else -0.03
    figure.update_xaxes(range=[left, 1.03], visible=False, fixedrange=True)
    figure.update_yaxes(range=[len(axes) - 0.5, -0.55], visible=False, fixedrange=True)
    look = {"margin": {"t": 8, "b": 8}, "showlegend": False, "meta": {"boxed": True}}
    return figure.update_layout(annotations=labels, height=ROW * len(axes) + 20, **look)


def _rules(axes: Sequence[Scale]) -> dict[str, Any]:
    """The axes: a horizontal line each, with a stroke at every tick."""
    strokes = [
        (left, right, top, bottom)
        for row, axis in enumerate(axes)
        for left, right, top, bottom in (
            (0.0, 1.0, row, row),
            *((share, share, row - 0.06, row + 0.06) for share in _tick_shares(axis)),
        )
    ]
    return {
        "type": "scatter",
        "x": [x for left, right, _, _ in strokes for x in (left, right, None)],
        "y": [y for _, _, top, bottom in strokes for y in (top, bottom, None)],
        "mode": "lines",
        "line": {"color": INK, "width": 1},
        "hoverinfo": "skip",
        **meta("", "axis", "trial"),
    }


def _labels(axis: Scale, row: int, *, unused: bool) -> list[dict[str, Any]]:
    """The name above an axis and the tick labels below it, with a background that covers lines."""
    below = {"y": row, "yanchor": "top", "yshift": -5, "showarrow": False, "font": {"size": 12}}
    pairs = [(UNUSED, "–")] * unused + list(zip(_tick_shares(axis), axis.ticks()[1], strict=True))
    boxed = {"bgcolor": GROUND, "borderpad": 1}
    name = {"y": row, "x": 0, "xanchor": "left", "yanchor": "bottom", "yshift": 4, "showarrow": False}
    labels = [{**below, **boxed, "x": share, "text": escape(text)} for share, text in pairs]
    return [{**name, **boxed, "text": f"<b>{escape(axis.name)}</b>"}, *labels]


def _tick_shares(axis: Scale) -> list[float]:
    low, high = axis.ends
    return [(position - low) / (high - low) for position in axis.ticks()[0]]


def _line(
    points: dict[int, list[Point]], trials: Sequence[Trial], kind: str, color: str, width: float
) -> dict[str, Any]:
    """The lines of some trials as one trace with gaps. `customdata` has the trial number of each point."""
    drawn = [point for trial in trials for point in (*points[trial.number], _GAP)]
    return {
        "type": "scatter",
        "x": [x for x, _, _, _ in drawn],
        "y": [y for _, y, _, _ in drawn],
        "mode": "lines+markers",
        "line": {"color": color, "width": width, "dash": DASHES.get(kind, "solid")},
        "marker": {"size": 5, "color": color},
        "customdata": [number for _, _, number, _ in drawn],
        "text": [text for _, _, _, text in drawn],
        "hovertemplate": "%{text}<extra></extra>",
        "connectgaps": False,
        **meta("", kind, "trial"),
    }


def _points(trial: Trial, scales: Sequence[Scale], metric: Scale, text: str) -> list[Point]:
    """The points at which a trial's line crosses the axes, with jitter for choices, and their hover texts."""
    aside = 0.015 * ((trial.number * 0.6180339887) % 1 - 0.5) * 2
    found: list[Point] = []
    for row, scale in enumerate(scales):
        share = scale.share(trial.values.get(scale.name))
        share = UNUSED + aside if isnan(share) else share + aside * (scale.around > 0)
        hover = short_text(trial.values[scale.name]) if scale.name in trial.values else "not used"
        found.append((share, row, trial.number, f"{trial.text}<br>{escape(scale.name)} {escape(hover)}"))
    end = metric.share(trial.value)
    if not isnan(end):
        hover = f"{trial.text}<br>{escape(metric.name)} {escape(text)}"
        found.append((min(max(end, 0.0), 1.0), len(scales), trial.number, hover))
    return found
