"""Ranges per round: what each parameter was drawn from, coarse on top, and how the trials in it did (T-HP-4)."""

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go

from trainwell.display import Panels, axis_references
from trainwell.report.tuning.axes import Axis, axes_of, trial_text, value_text
from trainwell.report.tuning.colors import STATES, markers

if TYPE_CHECKING:
    from trainwell.search import Extent, SearchResult, TrialRecord

BAND = "rgba(86,180,233,0.28)"
ROW, LEAST = 34, 72  # pixels per round, and of a panel with one
COLUMNS = ((0, 1), (620, 2), (980, 3))


def search_ranges(result: "SearchResult") -> go.Figure:
    """One panel per parameter: its declared range across, rounds from top to bottom.

    Bands are what the trials of a round were drawn from, dots are trials, the better the stronger, the best of
    all a star; pruned ones are hollow, diverged ones crossed. Pointing at a band says why it was narrowed.

    Args:
        result: the search; without rounds all trials share one row.
    """
    axes = axes_of(result)
    rows = max(len(result.rounds), 1)
    panels = Panels([axis.name for axis in axes], max(ROW * rows, LEAST), 58, COLUMNS, shared=False)
    figure = panels.figure([(_across(axis), _down(result)) for axis in axes])
    traces = [_bands(result, axis) for axis in axes]
    places = [axis_references(panel) for panel in range(len(axes))]
    for panel, axis in enumerate(axes):
        dots = [_dots(result, axis, state) for state in STATES]
        traces += [trace for trace in dots if trace]
        places += [axis_references(panel)] * sum(map(bool, dots))
    drawn = [{**trace, **place} for trace, place in zip(traces, places, strict=True)]
    return figure.add_traces(drawn).update_layout(barmode="overlay", showlegend=False)


def _bands(result: "SearchResult", axis: Axis) -> dict[str, Any]:
    """The bars of one parameter: one per range, one per choice that is still alive."""
    low, high = axis.ends
    bars = [] if result.rounds else [(0, low, high, "as declared")]
    for row, one in enumerate(result.rounds):
        extent = one.extents.get(axis.name)
        if extent is not None:
            why = one.reasons.get(axis.name, "")
            text = f"round {row + 1}: {_extent_text(extent)}" + (f"\n{why}" if why else "")
            bars += [(row, start, end, text) for start, end in _stretches(axis, extent)]
    least = 0.004 * (high - low)  # a range too narrow to see
    return {
        "type": "bar",
        "orientation": "h",
        "base": [start for _, start, _, _ in bars],
        "x": [max(end - start, least) for _, start, end, _ in bars],
        "y": [row for row, _, _, _ in bars],
        "width": 0.86,
        "marker": {"color": BAND, "line": {"width": 0}},
        "customdata": [_lines(text) for _, _, _, text in bars],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": [escape(axis.name), "band", "trial"],
    }


def _stretches(axis: Axis, extent: "Extent") -> list[tuple[float, float]]:
    if extent.choices is not None:
        places = [axis.place(choice) for choice in extent.choices]
        return [(place - 0.42, place + 0.42) for place in places if np.isfinite(place)]
    return [(axis.place(extent.low) - 0.84 * axis.around, axis.place(extent.high) + 0.84 * axis.around)]


def _extent_text(extent: "Extent") -> str:
    if extent.choices is not None:
        return ", ".join(map(value_text, extent.choices))
    return f"[{value_text(extent.low)}, {value_text(extent.high)}]"


def _lines(text: str, width: int = 56) -> str:
    """Escaped text for a hover box, which does not break lines by itself."""
    from textwrap import wrap

    return "<br>".join(escape(line) for part in text.splitlines() for line in wrap(part, width))


def _dots(result: "SearchResult", axis: Axis, state: str) -> dict[str, Any] | None:
    """The trials of one state that use a parameter, good ones on top; None if there are none."""
    trials = [t for t in result.trials if t.state == state and np.isfinite(axis.place(t.values.get(axis.name)))]
    if not trials:
        return None
    trials.sort(key=lambda trial: result.sign * trial.value if np.isfinite(trial.value) else -np.inf)
    return {
        "type": "scatter",
        "x": [axis.place(trial.values[axis.name]) + _aside(axis, trial) for trial in trials],
        "y": [_row(result, trial) for trial in trials],
        "mode": "markers",
        "marker": markers(result, trials, state),
        "customdata": [[trial_text(result, t), escape(value_text(t.values[axis.name]))] for t in trials],
        "hovertemplate": "%{customdata[0]}<br>%{meta[0]} %{customdata[1]}<extra></extra>",
        "meta": [escape(axis.name), state, "trial"],
    }


def _row(result: "SearchResult", trial: "TrialRecord") -> float:
    """The row of a trial's round, and a little above or below its middle, so that equal values stay apart."""
    rows = [row for row, one in enumerate(result.rounds) if one.first_trial <= trial.number <= one.last_trial]
    golden = (trial.number * 0.6180339887) % 1
    return (rows[0] if rows else max(len(result.rounds) - 1, 0)) + 0.62 * (golden - 0.5)


def _aside(axis: Axis, trial: "TrialRecord") -> float:
    """Trials of one choice or one of a few whole numbers stand side by side."""
    return axis.around * ((trial.number * 0.7548776662) % 1 - 0.5)


def _across(axis: Axis) -> dict[str, Any]:
    """A panel's x axis: the declared range on its own scale."""
    low, high = axis.ends
    margin = 0.03 * (high - low)
    places, texts = axis.ticks()
    texts = [escape(text) for text in texts]
    return {"range": [low - margin, high + margin], "tickvals": places, "ticktext": texts, "title": {"text": ""}}


def _down(result: "SearchResult") -> dict[str, Any]:
    """A panel's y axis: the rounds from 1."""
    rows = list(range(len(result.rounds)))
    names = [str(row + 1) for row in rows]
    span = [max(len(rows), 1) - 0.5, -0.5]
    return {"range": span, "tickvals": rows, "ticktext": names, "showgrid": False, "title": {"text": ""}}
