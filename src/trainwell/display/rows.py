"""Rows of results: one per contender, a dot per run, what they came to with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Bool, Float

from trainwell.display.canvas import GRID, Figure, frame, named_rows
from trainwell.display.legend import group_key, meta
from trainwell.display.numbers import Estimate
from trainwell.display.palette import Style

HEIGHT = 28  # pixels of a row


@dataclass(frozen=True, eq=False)
class Results:
    """What a contender came to.

    Attributes:
        index: of the contender.
        label: its name.
        short: the same as the axis shows it.
        style: how it is drawn.
        values: of its runs; infinite for those without a value, at whose side they are drawn.
        lost: which of them are crosses.
        texts: of its runs, for those who point at them.
        interval: what they came to.
        text: the same in words.
    """

    index: int
    label: str
    short: str
    style: Style
    values: Float[np.ndarray, " n"]
    lost: Bool[np.ndarray, " n"]
    texts: Sequence[str]
    interval: Estimate
    text: str

    @property
    def common(self) -> dict[str, Any]:
        """What all its traces share."""
        return {"type": "scatter", **meta(self.label, "final", group_key(self.index, self.style))}


def row_chart(rows: Sequence[Results], x_title: str, limits: tuple[float, float]) -> Figure:
    """The rows from top to bottom, on one axis.

    What lies beyond the axis is drawn at its end: runs as triangles, lost ones as the crosses that they are anywhere,
    what a contender came to as an arrow with the number.

    Args:
        rows: first on top.
        x_title: of the axis.
        limits: its ends.
    """
    figure = frame(x_title)
    low, high = limits
    ends = low + 0.012 * (high - low), high - 0.012 * (high - low)
    for place, row in enumerate(rows):
        figure.add_trace(_dots(place, row, ends))
        if row.interval.n > 1 and isfinite(row.interval.mean):  # of one run the dot says all
            figure.add_trace(_interval(place, row, limits, ends))
    named_rows(figure, [f"{place}. {row.short}" for place, row in enumerate(rows, 1)], gridcolor=GRID, gridwidth=0.5)
    return figure.update_xaxes(range=list(limits)).update_layout(height=80 + HEIGHT * max(len(rows), 2))


def _dots(place: int, row: Results, ends: tuple[float, float]) -> dict[str, Any]:
    values = np.asarray(row.values, np.float64)
    inside = (values >= ends[0]) & (values <= ends[1])
    beyond = np.where(values < ends[0], "triangle-left-open", "triangle-right-open")
    symbols = np.where(row.lost, "x-thin", np.where(inside, "circle", beyond))
    spread = np.linspace(-0.24, 0.24, len(values)) * (len(values) > 1)  # equal values stay apart
    return {
        **row.common,
        "x": np.clip(values, *ends),
        "y": place + spread,
        "mode": "markers",
        "marker": {
            "color": row.style.color,
            "symbol": symbols.tolist(),
            "size": 7,
            "opacity": 0.55,
            "line": {"color": row.style.color, "width": np.where(inside & ~row.lost, 0.0, 1.6).tolist()},
        },
        "customdata": list(map(escape, row.texts)),
        "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>",
    }


def _interval(place: int, row: Results, limits: tuple[float, float], ends: tuple[float, float]) -> dict[str, Any]:
    """The interval with a stroke at its middle; an arrow where all of it lies beyond the axis."""
    found, color = row.interval, row.style.color
    common = {**row.common, "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>"}
    if not limits[0] <= found.mean <= limits[1]:
        left = found.mean < limits[0]
        return {
            **common,
            "x": [ends[0] if left else ends[1]],
            "y": [place],
            "mode": "markers+text",
            "marker": {"symbol": f"arrow-{'left' if left else 'right'}", "size": 13, "color": color},
            "text": [f"  {row.text.partition(' [')[0]}  "],
            "textposition": "middle right" if left else "middle left",
            "customdata": [escape(row.text)],
        }
    known = isfinite(found.low) or isfinite(found.high)
    low, high = (np.clip(found.low, *limits), np.clip(found.high, *limits)) if known else (found.mean, found.mean)
    return {
        **common,
        "x": [low, found.mean, high],
        "y": [place] * 3,
        "mode": "lines+markers",
        "line": {"color": color, "width": 2.6},
        "marker": {
            "symbol": "line-ns-open",
            "size": [9, 20, 9] if known else [20, 20, 20],
            "line": {"width": 2.6, "color": color},
        },
        "customdata": [escape(row.text)] * 3,
    }


def seeds_chart(rows: Sequence[Results], x_title: str) -> Figure:
    """Every run of every row and the mean with its interval, without numbers beside the labels; all is shown.

    Args:
        rows: first on top; runs that are lost have no value.
        x_title: of the axis.
    """
    figure = frame(x_title)
    for place, row in enumerate(rows):
        figure.add_scatter(
            x=row.values,
            y=place + np.linspace(-0.2, 0.2, len(row.values)) * (len(row.values) > 1),  # equal scores stay apart
            mode="markers",
            marker={"color": row.style.color, "size": 8, "opacity": 0.5},
            customdata=list(row.texts),
            hovertemplate="%{meta[0]}<br>%{customdata}<extra></extra>",
            meta=row.common["meta"],
        )
        found = row.interval
        if found.n > 1:
            line = {"width": 2.5, "color": row.style.color}
            figure.add_scatter(
                x=[found.low, found.mean, found.high],
                y=[place] * 3,
                mode="lines+markers",
                line=line,
                marker={"symbol": "line-ns-open", "size": [9, 19, 9], "line": line},
                text=[row.text] * 3,
                hovertemplate="%{meta[0]}<br>%{text}<extra></extra>",
                meta=row.common["meta"],
            )
    named_rows(figure, [row.short for row in rows], showgrid=False)
    return figure.update_layout(height=80 + HEIGHT * len(rows), showlegend=False)
