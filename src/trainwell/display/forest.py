"""Differences with their intervals, one below the other, beside the margin."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Literal

import numpy as np

from trainwell.display.canvas import INK, Figure, frame, named_rows
from trainwell.display.legend import meta
from trainwell.display.numbers import Estimate
from trainwell.display.palette import COLORS, GREY

Kind = Literal["better", "small", "equal", "open"]
"""A difference, one below the margin, equal within it, or undecided."""
LOOKS: dict[Kind, tuple[str, str, str]] = {
    "better": ("▲", COLORS[0], "circle"),
    "small": ("△", COLORS[5], "circle-open"),
    "equal": ("≈", COLORS[2], "square"),
    "open": ("?", GREY, "diamond-open"),
}
"""Symbol in words, colour and marker of each kind."""
ROW = 30  # pixels


@dataclass(frozen=True)
class Difference:
    """By how much one is better than another, at least 0; the ends may be infinite or NaN."""

    name: str
    advantage: Estimate
    kind: Kind
    words: str


def forest_chart(differences: Sequence[Difference], margin: float, x_title: str) -> Figure:
    """One row per difference with its interval, the first on top; the margin as a band.

    Filled circles are differences, hollow ones differences below the margin, squares are shown to be within it, hollow
    diamonds are undecided.

    Args:
        differences: all of them.
        margin: what is smaller does not matter.
        x_title: of the axis.
    """
    figure = frame(x_title)
    for place, one in enumerate(differences):
        _, color, marker = LOOKS[one.kind]
        found = one.advantage
        known = isfinite(found.low) and isfinite(found.high)
        figure.add_scatter(
            x=[found.mean],
            y=[place],
            mode="markers",
            marker={"symbol": marker, "size": 10, "color": color, "line": {"width": 2, "color": color}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [found.high - found.mean] if known else [0],
                "arrayminus": [found.mean - found.low] if known else [0],
                "color": color,
                "thickness": 2,
                "width": 5,
            },
            customdata=[escape(one.words)],
            hovertemplate="%{customdata}<extra></extra>",
            **meta("pair", "pair"),
        )
    figure.add_vrect(x0=-margin, x1=margin, fillcolor="rgba(128,128,128,0.16)", line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    named_rows(figure, [f"{one.name}  {LOOKS[one.kind][0]}" for one in differences], showgrid=False)
    return figure.update_xaxes(range=_span(differences, margin)).update_layout(
        height=90 + ROW * max(len(differences), 2)
    )


def _span(differences: Sequence[Difference], margin: float) -> list[float]:
    ends = np.array([[found.mean, found.low, found.high] for found in (one.advantage for one in differences)])
    ends = ends[np.isfinite(ends)]
    largest = float(np.abs(ends).max(initial=0.0)) or margin
    low = min(float(ends.min(initial=0.0)), -min(margin, largest / 2))
    high = max(float(ends.max(initial=0.0)), min(margin, largest / 2))
    room = 0.05 * (high - low)
    return [low - room, high + room]
