"""Parallel coordinates of all trials, axes lying one below the other so that every label can be read.

Plotly's own `Parcoords` needs WebGL and a page that allows code from strings; these are plain lines.
"""

from collections.abc import Sequence
from html import escape
from math import isnan
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from trainwell.display import INK, frame
from trainwell.report.tuning.axes import Axis, axes_of, metric_axis, metric_text, trial_text, value_text
from trainwell.report.tuning.colors import BEST, STATES, best_number, shade, strengths

if TYPE_CHECKING:
    from trainwell.search import SearchResult, TrialRecord

ROW = 64  # pixels between two axes
GROUND = "rgba(255,255,255,0.8)"  # behind labels; a page sets its own
UNUSED = -0.1  # where a parameter lies that a trial does not use
SHADES = 6
DASHES = {"pruned": "dot", "cut": "dot", "diverged": "dash"}
Point = tuple[float | None, int | None, int | None, str]
_GAP: Point = (None, None, None, "")
_META = ["", "axis", "trial"]
_HIGHLIGHT = {  # what a page draws the line of the trial with that the pointer is on
    "type": "scatter",
    "x": [],
    "y": [],
    "mode": "lines+markers",
    "line": {"color": INK, "width": 3.5},
    "hoverinfo": "skip",
    "meta": ["", "highlight", "trial"],
}


def search_parallel(result: "SearchResult") -> go.Figure:
    """Every trial as a line through its values, the most important parameter on top, what it reached at the bottom.

    The better, the stronger and the more orange; the best blue; pruned ones dotted, diverged ones dashed, which end
    above the bottom axis. Lines are spread a little where they share a value. A line runs through the dash at
    the left of an axis where its trial does not use the parameter.

    Args:
        result: the search.
    """
    axes = (*axes_of(result), metric_axis(result))
    unused = [any(axis.name not in trial.values for trial in result.trials) for axis in axes[:-1]] + [False]
    best = [trial for trial in result.trials if trial.number == best_number(result)]
    traces = [_rules(axes)]
    for state in STATES:
        traces += _lines(result, axes, [trial for trial in result.trials if trial.state == state], state)
    traces.append(_line(result, axes, best, "complete", BEST, 3.0))
    traces.append(_HIGHLIGHT)
    figure = frame("").add_traces(traces)
    labels = [label for row, axis in enumerate(axes) for label in _labels(axis, row, unused=unused[row])]
    figure.update_layout(annotations=labels)
    left = UNUSED - 0.03 if any(unused) else -0.03
    figure.update_xaxes(range=[left, 1.03], visible=False, fixedrange=True)
    figure.update_yaxes(range=[len(axes) - 0.5, -0.55], visible=False, fixedrange=True)
    return figure.update_layout(
        height=ROW * len(axes) + 20, margin={"t": 8, "b": 8}, showlegend=False, meta={"boxed": True}
    )


def _rules(axes: Sequence[Axis]) -> dict[str, Any]:
    """A line from end to end per axis, with a stroke at every tick."""
    x: list[float | None] = []
    y: list[float | None] = []
    for row, axis in enumerate(axes):
        x += [0, 1, None]
        y += [row, row, None]
        for share in _tick_shares(axis):
            x += [share, share, None]
            y += [row - 0.06, row + 0.06, None]
    line = {"color": INK, "width": 1}
    return {"type": "scatter", "x": x, "y": y, "mode": "lines", "line": line, "hoverinfo": "skip", "meta": _META}


def _labels(axis: Axis, row: int, *, unused: bool) -> list[dict[str, Any]]:
    """The name above an axis and the ticks' labels below it, readable on top of lines."""
    shares, texts = _tick_shares(axis), axis.ticks()[1]
    below = {"y": row, "yanchor": "top", "yshift": -5, "showarrow": False, "font": {"size": 12}}
    pairs = [(UNUSED, "–")] * unused + list(zip(shares, texts, strict=True))
    boxed = {"bgcolor": GROUND, "borderpad": 1}
    name = {"y": row, "x": 0, "xanchor": "left", "yanchor": "bottom", "yshift": 4, "showarrow": False}
    labels = [{**below, **boxed, "x": share, "text": escape(text)} for share, text in pairs]
    return [{**name, **boxed, "text": f"<b>{escape(axis.name)}</b>"}, *labels]


def _tick_shares(axis: Axis) -> list[float]:
    low, high = axis.ends
    return [(place - low) / (high - low) for place in axis.ticks()[0]]


def _lines(
    result: "SearchResult", axes: Sequence[Axis], trials: Sequence["TrialRecord"], state: str
) -> list[dict[str, Any]]:
    """Trials of one state; complete ones in a few shades, strong ones on top."""
    if state != "complete":
        return [_line(result, axes, trials, state, "rgba(140,140,140,0.5)", 0.9)]
    strong = strengths(result)
    found = []
    for level in range(SHADES):
        of_level = [t for t in trials if round(strong.get(t.number, 0.0) * (SHADES - 1)) == level]
        share = level / (SHADES - 1)
        found.append(_line(result, axes, of_level, state, shade(share), 1 + share))
    return found


def _line(
    result: "SearchResult",
    axes: Sequence[Axis],
    trials: Sequence["TrialRecord"],
    kind: str,
    color: str,
    width: float,
) -> dict[str, Any]:
    """The lines of some trials as one trace with gaps; each point knows its trial."""
    points = [point for trial in trials for point in [*_points(result, axes, trial), _GAP]]
    return {
        "type": "scatter",
        "x": [x for x, _, _, _ in points],
        "y": [y for _, y, _, _ in points],
        "mode": "lines+markers",
        "line": {"color": color, "width": width, "dash": DASHES.get(kind, "solid")},
        "marker": {"size": 5, "color": color},
        "customdata": [number for _, _, number, _ in points],
        "text": [text for _, _, _, text in points],
        "hovertemplate": "%{text}<extra></extra>",
        "connectgaps": False,
        "meta": ["", kind, "trial"],
    }


def _points(result: "SearchResult", axes: Sequence[Axis], trial: "TrialRecord") -> list[Point]:
    """Where a trial's line crosses the axes, and what is said there."""
    found: list[Point] = []
    for row, axis in enumerate(axes):
        last = row == len(axes) - 1
        value = trial.value if last else trial.values.get(axis.name)
        share = _share(axis, value, trial.number, last=last)
        if share is not None:
            there = last or axis.name in trial.values
            said = metric_text(result, trial.value) if last else value_text(value) if there else "not used"
            text = f"{trial_text(result, trial)}<br>{escape(axis.name)} {escape(said)}"
            found.append((share, row, trial.number, text))
    return found


def _share(axis: Axis, value: object, number: int, *, last: bool) -> float | None:
    """Where a line crosses an axis, lines of one choice side by side; None where it has nowhere to go."""
    share = axis.share(value)
    aside = 0.015 * ((number * 0.6180339887) % 1 - 0.5) * 2
    if isnan(share):
        return None if last else UNUSED + aside
    if last:
        return min(max(share, 0.0), 1.0)
    return share + aside * (axis.around > 0)
