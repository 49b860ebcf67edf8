"""The empty chart with which all charts start (for light and dark pages), and elements that several charts use."""

from collections.abc import Mapping, Sequence
from html import escape
from math import ceil, log10
from textwrap import wrap
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Float

Figure: TypeAlias = Any
"""A Plotly figure. Typed as Any, because Plotly is imported only when something is drawn."""
INK, GRID = "#767676", "rgba(128,128,128,0.22)"
EDGE = 24
"""Pixels to the right of the last tick, for half of its label."""
ROOM = 0.04
"""Space beyond the data at both ends of a logarithmic axis, as a share of it."""
MOST_LETTERS = 32
"""In a line of a vertical axis' title, which is as long as the chart is high."""
MOST_DECADES = 9
"""Maximum number of labels on a vertical logarithmic axis."""


def frame(x_title: str, y_title: str = "") -> Figure:
    """An empty, transparent chart with axis titles, the vertical one in lines, and space for long tick labels."""
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
            "yaxis": {**axis, "title": {"text": "<br>".join(wrap(y_title, MOST_LETTERS, break_long_words=False))}},
        }
    )


def figure_of(layout: Mapping[str, Any]) -> Figure:
    """An empty Plotly figure with a layout."""
    import plotly.graph_objects as go

    return go.Figure(layout=layout)


def add_message(figure: Figure, text: str) -> None:
    """Write a sentence in the middle of a chart that has no data."""
    figure.add_annotation(text=text, xref="paper", yref="paper", x=0.5, y=0.5, showarrow=False)


def band(x: Float[np.ndarray, " T"], low: Float[np.ndarray, " T"], high: Float[np.ndarray, " T"]) -> dict[str, Any]:
    """The area between two curves, as a Plotly trace."""
    return {
        "type": "scatter",
        "x": np.concatenate([x, x[::-1]]),
        "y": np.concatenate([high, low[::-1]]),
        "fill": "toself",
        "mode": "none",
        "hoverinfo": "skip",
    }


def named_rows(figure: Figure, names: Sequence[str], below: float = 0.6, **settings: Any) -> None:
    """Give the vertical axis named rows, the first one at the top.

    Args:
        figure: the chart, changed in place.
        names: of the rows.
        below: space below the middle of the last row, in rows.
        settings: further settings of the axis.
    """
    ends = [len(names) - 1 + below, -0.6]
    figure.update_yaxes(tickvals=list(range(len(names))), ticktext=list(map(escape, names)), range=ends, **settings)


def logarithmic_axis(figure: Figure, low: float, high: float) -> Figure:
    """Make the vertical axis logarithmic, with a suitable distance of ticks.

    Args:
        figure: the chart, changed in place and returned.
        low: lowest value that must be visible, above 0.
        high: highest value that must be visible, above `low`.
    """
    first, last = log10(low), log10(high)
    span = last - first
    ends = [first - ROOM * span, last + ROOM * span]
    return figure.update_yaxes(range=ends, **logarithmic(span))


def logarithmic(span: float, most: int = MOST_DECADES) -> dict[str, Any]:
    """Settings of a logarithmic axis over `span` powers of ten, with about `most` ticks or fewer."""
    return {"type": "log", "tickformat": "~g", "dtick": "D2" if span < 1.5 else ceil(span / most)}
