"""Rows of results: one per contender, a dot per run, what they came to with its interval."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Bool, Float

from trainwell.display import GRID, frame
from trainwell.report.palette import Style
from trainwell.statistics import Interval

HEIGHT = 28  # pixels of a row


@dataclass(frozen=True, eq=False)
class Row:
    """A contender's results.

    Attributes:
        label: its name.
        short: the same as the axis shows it.
        group: key of the button that switches it.
        style: how it is drawn.
        values: of its runs; infinite for those without a value, at whose side they are drawn.
        lost: which of them are crosses.
        texts: of its runs, for those who point at them.
        interval: what they came to.
        text: the same in words.
    """

    label: str
    short: str
    group: str
    style: Style
    values: Float[np.ndarray, " n"]
    lost: Bool[np.ndarray, " n"]
    texts: Sequence[str]
    interval: Interval
    text: str


def row_chart(rows: Sequence[Row], x_title: str, limits: tuple[float, float]) -> go.Figure:
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
    names = [f"{place}. {escape(row.short)}" for place, row in enumerate(rows, 1)]
    figure.update_yaxes(
        tickvals=list(range(len(rows))), ticktext=names, range=[len(rows) - 0.4, -0.6], gridcolor=GRID, gridwidth=0.5
    )
    return figure.update_xaxes(range=list(limits)).update_layout(height=80 + HEIGHT * max(len(rows), 2))


def _common(row: Row) -> dict[str, object]:
    return {"meta": [escape(row.label), "final", row.group]}


def _dots(place: int, row: Row, ends: tuple[float, float]) -> go.Scatter:
    values = np.asarray(row.values, np.float64)
    inside = (values >= ends[0]) & (values <= ends[1])
    beyond = np.where(values < ends[0], "triangle-left-open", "triangle-right-open")
    symbols = np.where(row.lost, "x-thin", np.where(inside, "circle", beyond))
    spread = np.linspace(-0.24, 0.24, len(values)) * (len(values) > 1)  # equal values stay apart
    return go.Scatter(
        x=np.clip(values, *ends),
        y=place + spread,
        mode="markers",
        marker={
            "color": row.style.color,
            "symbol": symbols.tolist(),
            "size": 7,
            "opacity": 0.55,
            "line": {"color": row.style.color, "width": np.where(inside & ~row.lost, 0.0, 1.6).tolist()},
        },
        customdata=list(map(escape, row.texts)),
        hovertemplate="%{meta[0]}<br>%{customdata}<extra></extra>",
        **_common(row),
    )


def _interval(place: int, row: Row, limits: tuple[float, float], ends: tuple[float, float]) -> go.Scatter:
    """The interval with a stroke at its middle; an arrow where all of it lies beyond the axis."""
    found, color = row.interval, row.style.color
    hover = {"hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>", **_common(row)}
    if not limits[0] <= found.mean <= limits[1]:
        left = found.mean < limits[0]
        return go.Scatter(
            x=[ends[0] if left else ends[1]],
            y=[place],
            mode="markers+text",
            marker={"symbol": f"arrow-{'left' if left else 'right'}", "size": 13, "color": color},
            text=[f"  {row.text.partition(' [')[0]}  "],
            textposition="middle right" if left else "middle left",
            customdata=[escape(row.text)],
            **hover,
        )
    known = isfinite(found.low) or isfinite(found.high)
    low, high = (np.clip(found.low, *limits), np.clip(found.high, *limits)) if known else (found.mean, found.mean)
    return go.Scatter(
        x=[low, found.mean, high],
        y=[place] * 3,
        mode="lines+markers",
        line={"color": color, "width": 2.6},
        marker={
            "symbol": "line-ns-open",
            "size": [9, 20, 9] if known else [20, 20, 20],
            "line": {"width": 2.6, "color": color},
        },
        customdata=[escape(row.text)] * 3,
        **hover,
    )
