"""Ranges per round: what each parameter was drawn from, coarse on top, and how the trials in it did.

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
ROW, LEAST = 34, 72  # pixels per round, and of a panel with one
COLUMNS = ((0, 1), (620, 2), (980, 3))


@dataclass(frozen=True)
class Round:
    """The trials of a round, and what they were drawn from.

    Attributes:
        first: number of its first trial.
        last: of its last.
        ends: of the ranges, per parameter.
        choices: those still alive, per parameter that has choices.
        reasons: why, per parameter.
    """

    first: int
    last: int
    ends: Mapping[str, tuple[float, float]]
    choices: Mapping[str, Sequence[Any]]
    reasons: Mapping[str, str]


def ranges_chart(trials: Sequence[Trial], scales: Sequence[Scale], rounds: Sequence[Round] = ()) -> Figure:
    """One panel per parameter: its declared range across, rounds from top to bottom.

    Bands are what the trials of a round were drawn from, dots are trials, the better the stronger, the best of
    all a star; pruned ones are hollow, diverged ones crossed. Pointing at a band says why it was narrowed.

    Args:
        trials: all of them; later ones lie on top.
        scales: of the parameters, over what was declared.
        rounds: without any, all trials share one row.
    """
    rows = max(len(rounds), 1)
    panels = Panels([scale.name for scale in scales], max(ROW * rows, LEAST), 58, COLUMNS, shared=False)
    places = list(range(len(rounds)))
    names = [str(row + 1) for row in places]
    down = {
        "range": [rows - 0.5, -0.5],
        "tickvals": places,
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
    """The bars of one parameter: one per range, one per choice that is still alive."""
    low, high = scale.ends
    bars = [] if rounds else [(0, low, high, "as declared")]
    for row, one in enumerate(rounds):
        if scale.name in {*one.ends, *one.choices}:
            text, stretches = _drawn(scale, one)
            why = one.reasons.get(scale.name, "")
            said = f"round {row + 1}: {text}" + (f"\n{why}" if why else "")
            bars += [(row, start, end, said) for start, end in stretches]
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
        **meta(scale.name, "band", "trial"),
    }


def _drawn(scale: Scale, one: Round) -> tuple[str, list[tuple[float, float]]]:
    """What a parameter was drawn from in a round, in words and as stretches of its scale."""
    if scale.name in one.choices:
        choices = one.choices[scale.name]
        places = [scale.place(choice) for choice in choices]
        stretches = [(place - 0.42, place + 0.42) for place in places if isfinite(place)]
        return ", ".join(map(short_text, choices)), stretches
    low, high = one.ends[scale.name]
    room = 0.84 * scale.around
    return f"[{short_text(low)}, {short_text(high)}]", [(scale.place(low) - room, scale.place(high) + room)]


def _lines(text: str, width: int = 56) -> str:
    """Escaped text for a hover box, which does not break lines by itself."""
    return "<br>".join(escape(line) for part in text.splitlines() for line in wrap(part, width))


def _dots(trials: Sequence[Trial], scale: Scale, rounds: Sequence[Round], state: str) -> dict[str, Any]:
    """The trials of one state that use a parameter."""
    there = [one for one in of_state(trials, state) if isfinite(scale.place(one.values.get(scale.name)))]
    return {
        "type": "scatter",
        "x": [scale.place(trial.values[scale.name]) + _aside(scale, trial) for trial in there],
        "y": [_row(rounds, trial.number) for trial in there],
        "mode": "markers",
        "marker": markers(there, state),
        "customdata": [[trial.text, escape(short_text(trial.values[scale.name]))] for trial in there],
        "hovertemplate": "%{customdata[0]}<br>%{meta[0]} %{customdata[1]}<extra></extra>",
        **meta(scale.name, state, "trial"),
    }


def _row(rounds: Sequence[Round], number: int) -> float:
    """The row of a trial's round, and a little above or below its middle, so that equal values stay apart."""
    rows = [row for row, one in enumerate(rounds) if one.first <= number <= one.last]
    golden = (number * 0.6180339887) % 1
    return (rows[0] if rows else max(len(rounds) - 1, 0)) + 0.62 * (golden - 0.5)


def _aside(scale: Scale, trial: Trial) -> float:
    """Trials of one choice or one of a few whole numbers stand side by side."""
    return scale.around * ((trial.number * 0.7548776662) % 1 - 0.5)
