"""Logarithmic axes whose ticks have room, over few and over many powers of ten."""

from math import ceil, log10

import plotly.graph_objects as go

ROOM = 0.04
MOST_TICKS = 9


def logarithmic_axis(figure: go.Figure, low: float, high: float) -> go.Figure:
    """Make the vertical axis of a chart logarithmic.

    Args:
        figure: the chart.
        low: lowest height that must be seen, above 0.
        high: highest, above `low`.
    """
    first, last = log10(low), log10(high)
    span = last - first
    dtick = "D2" if span < 1.5 else ceil(span / MOST_TICKS)
    ends = [first - ROOM * span, last + ROOM * span]
    return figure.update_yaxes(type="log", range=ends, tickformat="~g", dtick=dtick)
