"""The empty chart that all charts start from, readable on light and on dark ground, and what several draw in it."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, log10
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

Figure: TypeAlias = Any
"""Plotly's figure. Plotly is loaded when something is drawn, not before."""
INK, GRID = "#767676", "rgba(128,128,128,0.22)"
EDGE = 24
"""Pixels beside the last tick, for the half of its label."""
ROOM = 0.04
"""Beyond the ends of a logarithmic axis, as a share of it."""
MOST_DECADES = 9
"""Labels of powers of ten on such an axis."""


def frame(x_title: str, y_title: str = "") -> Figure:
    """A chart without traces, transparent, with titled axes and room for long tick labels."""
    axis = {"gridcolor": GRID, "linecolor": GRID, "zeroline": False, "automargin": True, "ticks": ""}
    return figure_of(
        {
            "template": "none",
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "font": {"color": INK, "size": 13, "family": "system-ui, sans-serif"},
            "margin": {"l": 8, "r": EDGE, "t": 30, "b": 8},
            "modebar": {"bgcolor": "rgba(0,0,0,0)", "color": INK, "activecolor": INK},
            "hovermode": "closest",
            "hoverlabel": {"align": "left"},
            "xaxis": {**axis, "title": {"text": x_title}},
            "yaxis": {**axis, "title": {"text": y_title}},
        }
    )


def figure_of(layout: Mapping[str, Any]) -> Figure:
    """A figure without traces."""
    import plotly.graph_objects as go

    return go.Figure(layout=layout)


def say(figure: Figure, text: str) -> None:
    """A sentence in the middle of a chart that has nothing to draw."""
    figure.add_annotation(text=text, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False)


def band(x: Float[np.ndarray, " T"], low: Float[np.ndarray, " T"], high: Float[np.ndarray, " T"]) -> dict[str, Any]:
    """The area between two curves, as a closed outline."""
    return {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "mode": "none",
        "hoverinfo": "skip",
    }


def named_rows(figure: Figure, names: Sequence[str], below: float = 0.6, **settings: Any) -> None:
    """Make the vertical axis one of named rows, the first on top.

    Args:
        figure: the chart.
        names: of the rows.
        below: room below the middle of the last row.
        settings: of the axis.
    """
    ends = [len(names) - 1 + below, -0.6]
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=list(map(escape, names)), range=ends, **settings)


def logarithmic_axis(figure: Figure, low: float, high: float) -> Figure:
    """Make the vertical axis logarithmic, with ticks that have room over few and over many powers of ten.

    Args:
        figure: the chart.
        low: lowest height that must be seen, above 0.
        high: highest, above `low`.
    """
    first, last = log10(low), log10(high)
    span = last - first
    ends = [first - ROOM * span, last + ROOM * span]
    return figure.update_yaxes(range=ends, **logarithmic(span))


def logarithmic(span: float, most: int = MOST_DECADES) -> dict[str, Any]:
    """Settings of a logarithmic axis of so many powers of ten, of which so many or fewer have a tick."""
    return {"type": "log", "tickformat": "~g", "dtick": "D2" if span < 1.5 else ceil(span / most)}
