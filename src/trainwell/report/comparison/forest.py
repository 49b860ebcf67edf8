"""The difference of every pair with its interval, beside the margin."""

from collections.abc import Sequence
from html import escape
from math import isfinite

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison
from trainwell.core import METRICS
from trainwell.display import INK, frame
from trainwell.report.comparison.labels import chart_labels
from trainwell.report.comparison.leading import Leading, leading
from trainwell.report.comparison.matrix import COLORS, kind_of, symbol

MOST_PAIRS = 30
ROW = 30  # pixels
LONGEST = 18  # characters of each of two names
MARKERS = {"better": "circle", "small": "circle-open", "equal": "square", "open": "diamond-open"}


def forest_chart(part: Comparison) -> go.Figure:
    """One row per pair: how much better the one with the better mean is, with its interval; the margin as a band.

    To the right of 0 the first named is better. Filled circles are differences, hollow ones differences below the
    margin, squares are pairs shown to be within it, hollow diamonds are undecided.

    Args:
        part: the comparison.
    """
    metric = METRICS[part.metric]
    times = metric.scale
    figure = frame(metric.advantage)
    turned = sorted((leading(part, pair) for pair in part.pairs), key=lambda one: -one.advantage.mean)
    for place, one in enumerate(turned):
        value, low, high = one.advantage.mean, one.advantage.low, one.advantage.high
        kind = kind_of(one.pair)
        known = isfinite(low) and isfinite(high)
        figure.add_scatter(
            x=[times * value],
            y=[place],
            mode="markers",
            marker={
                "symbol": MARKERS[kind],
                "size": 10,
                "color": COLORS[kind],
                "line": {"width": 2, "color": COLORS[kind]},
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [times * (high - value)] if known else [0],
                "arrayminus": [times * (value - low)] if known else [0],
                "color": COLORS[kind],
                "thickness": 2,
                "width": 5,
            },
            customdata=[escape(one.pair.words)],
            hovertemplate="%{customdata}<extra></extra>",
            meta=["pair", "pair", "all"],
        )
    margin = times * part.margin
    figure.add_vrect(x0=-margin, x1=margin, fillcolor="rgba(128,128,128,0.16)", line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    labels = chart_labels(part.contenders, LONGEST)
    names = [f"{escape(labels[one.ahead])} over {escape(labels[one.behind])}  {symbol(one.pair)}" for one in turned]
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.4, -0.6], showgrid=False
    )
    return figure.update_xaxes(range=_span(turned, part.margin, times)).update_layout(
        height=90 + ROW * max(len(names), 2)
    )


def _span(turned: Sequence[Leading], margin: float, times: float) -> list[float]:
    ends = np.array([[one.advantage.mean, one.advantage.low, one.advantage.high] for one in turned])
    ends = times * ends[np.isfinite(ends)]
    largest = float(np.abs(ends).max(initial=0.0)) or times * margin
    low = min(float(ends.min(initial=0.0)), -min(times * margin, largest / 2))
    high = max(float(ends.max(initial=0.0)), min(times * margin, largest / 2))
    room = 0.05 * (high - low)
    return [low - room, high + room]
