"""Search ranges per round: the range from which each parameter was drawn, and the results of the trials.

Source: T-HP-4.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from textwrap import wrap
from typing import Any

from trainwell.core import short_text
from trainwell.display.canvas import Figure
from trainwell.display.palette import meta
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.scales import Scale
from trainwell.display.trials import STATES, Trial, markers, of_state

BAND = "rgba(86,180,233,0.28)"
ROW, LEAST = 34, 72  # height per round, and minimum height of a panel, in pixels
COLUMNS = ((0, 1), (620, 2), (980, 3))


@dataclass(frozen=True)
class Round:
    """A round of the search: its trials, and the ranges and choices from which they were drawn.

    Attributes:
        first: number of its first trial.
        last: number of its last trial.
        ends: parameter -> (low, high), for parameters with a range.
        choices: parameter -> remaining choices, for parameters with choices.
        reasons: parameter -> why its range or choices were narrowed.
    """

    first: int
    last: int
    ends: Mapping[str, tuple[float, float]]
    choices: Mapping[str, Sequence[Any]]
    reasons: Mapping[str, str]


def ranges_chart(trials: Sequence[Trial], scales: Sequence[Scale], rounds: Sequence[Round] = ()) -> Figure:
    """One panel per parameter, with its declared range as the horizontal axis and one row per round.

    Bands are the ranges or choices of a round; their hover text tells why they were narrowed. Dots are trials: better
    ones have stronger colours, the best is a star, pruned ones are hollow, diverged ones are crosses.

    Args:
        trials: all trials; later ones are drawn on top.
        scales: of the parameters, over their declared ranges.
        rounds: the rounds; if empty, all trials are in one row.
    """
    rows = max(len(rounds), 1)
    panels = Panels([scale.name for scale in scales], max(ROW * rows, LEAST), 58, COLUMNS, shared=False)
    positions = list(range(len(rounds)))
    names = [str(row + 1) for row in positions]
    down = {
        "range": [rows - 0.5, -0.5],
        "tickvals": positions,
        "ticktext": names,
        "showgrid": False,
        "title": {"text": ""},
    }
    figure = panels.figure([(scale.across(0.03), down) for scale in scales])
    figure.add_traces([{**_bands(scale, rounds), **panel_axes(panel)} for panel, scale in enumerate(scales)])
    for panel, scale in enumerate(scales):
        dots = [_dots(trials, scale, rounds, state) for state in STATES]
        figure.add_traces([{**trace, **panel_axes(panel)} for trace in dots if trace["x"]])
    return figure.update_layout(barmode="overlay", showlegend=False)


def _bands(scale: Scale, rounds: Sequence[Round]) -> dict[str, Any]:
    """The bands of one parameter: one per range, one per remaining choice."""
    low, high = scale.ends
    bars = [] if rounds else [(0, low, high, "as declared")]
    for row, one in enumerate(rounds):
        if scale.name in {*one.ends, *one.choices}:
            text, stretches = _drawn(scale, one)
            why = one.reasons.get(scale.name, "")
            hover = f"round {row + 1}: {text}" + (f"\n{why}" if why else "")
            bars += [(row, start, end, hover) for start, end in stretches]
    least = 0.004 * (high - low)  # minimum width, so that very narrow ranges are visible
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
        **meta(scale.name, "band", "trial"),
    }


def _drawn(scale: Scale, one: Round) -> tuple[str, list[tuple[float, float]]]:
    """The range or choices of a parameter in a round, as text and as intervals on its scale."""
    if scale.name in one.choices:
        choices = one.choices[scale.name]
        positions = [scale.position(choice) for choice in choices]
        stretches = [(position - 0.42, position + 0.42) for position in positions if isfinite(position)]
        return ", ".join(map(short_text, choices)), stretches
    low, high = one.ends[scale.name]
    room = 0.84 * scale.around
    return f"[{short_text(low)}, {short_text(high)}]", [(scale.position(low) - room, scale.position(high) + room)]


def _lines(text: str, width: int = 56) -> str:
    """Escaped text with line breaks, since hover boxes do not wrap."""
    return "<br>".join(escape(line) for part in text.splitlines() for line in wrap(part, width))


def _dots(trials: Sequence[Trial], scale: Scale, rounds: Sequence[Round], state: str) -> dict[str, Any]:
    """The trials of one state that use a parameter."""
    using = [one for one in of_state(trials, state) if isfinite(scale.position(one.values.get(scale.name)))]
    return {
        "type": "scatter",
        "x": [scale.position(trial.values[scale.name]) + _aside(scale, trial) for trial in using],
        "y": [_row(rounds, trial.number) for trial in using],
        "mode": "markers",
        "marker": markers(using, state),
        "customdata": [[trial.text, escape(short_text(trial.values[scale.name]))] for trial in using],
        "hovertemplate": "%{customdata[0]}<br>%{meta[0]} %{customdata[1]}<extra></extra>",
        **meta(scale.name, state, "trial"),
    }


def _row(rounds: Sequence[Round], number: int) -> float:
    """The vertical position of a trial: the row of its round, with jitter so that equal values do not overlap."""
    rows = [row for row, one in enumerate(rounds) if one.first <= number <= one.last]
    golden = (number * 0.6180339887) % 1
    return (rows[0] if rows else max(len(rounds) - 1, 0)) + 0.62 * (golden - 0.5)


def _aside(scale: Scale, trial: Trial) -> float:
    """Horizontal jitter for trials with the same choice or the same of a few whole numbers."""
    return scale.around * ((trial.number * 0.7548776662) % 1 - 0.5)
