"""The difference of every pair with its interval, beside the margin."""

from collections.abc import Sequence
from html import escape
from math import isfinite

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison, Pair
from trainwell.comparison.words import NAMES
from trainwell.report.compare_matrix import COLORS, kind_of, symbol
from trainwell.report.compare_numbers import scale
from trainwell.report.frame import INK, frame
from trainwell.report.scores import short_label

MOST_PAIRS = 30
ROW = 30  # pixels
MARKERS = {"better": "circle", "small": "circle-open", "equal": "square", "open": "diamond-open"}


def forest_chart(part: Comparison) -> go.Figure:
    """One row per pair: how much better the one with the better mean is, with its interval; the margin as a band.

    To the right of 0 the first named is better. Filled circles are differences, hollow ones differences below the
    margin, squares are pairs shown to be within it, hollow diamonds are undecided.

    Args:
        part: the comparison.
    """
    times = scale(part.metric)
    figure = frame(_title(part))
    turned = sorted((_turned(part, pair) for pair in part.pairs), key=lambda one: -one[2])
    for place, (pair, _, value, low, high) in enumerate(turned):
        kind = kind_of(pair)
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
            customdata=[escape(pair.words)],
            hovertemplate="%{customdata}<extra></extra>",
            meta=["pair", "pair", "all"],
        )
    margin = times * part.margin
    figure.add_vrect(x0=-margin, x1=margin, fillcolor="rgba(128,128,128,0.16)", line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    names = [
        f"{escape(short_label(part.labels[a], 18))} − {escape(short_label(part.labels[b], 18))}  {symbol(pair)}"
        for pair, (a, b), *_ in turned
    ]
    figure.update_yaxes(
        tickvals=list(range(len(names))), ticktext=names, range=[len(names) - 0.4, -0.6], showgrid=False
    )
    return figure.update_xaxes(range=_span(turned, part.margin, times)).update_layout(
        height=90 + ROW * max(len(names), 2)
    )


Turned = tuple[Pair, tuple[int, int], float, float, float]
"""A pair, its contenders with the one ahead first, and by how much that one is better, with the interval."""


def _turned(part: Comparison, pair: Pair) -> Turned:
    decision = pair.decision
    gain, ends = part.sign * decision.difference, sorted((part.sign * decision.low, part.sign * decision.high))
    if gain >= 0:
        return pair, (pair.first, pair.second), gain, ends[0], ends[1]
    return pair, (pair.second, pair.first), -gain, -ends[1], -ends[0]


def _span(turned: Sequence[Turned], margin: float, times: float) -> list[float]:
    ends = np.array([[value, low, high] for *_, value, low, high in turned])
    ends = times * ends[np.isfinite(ends)]
    largest = float(np.abs(ends).max(initial=0.0)) or times * margin
    low = min(float(ends.min(initial=0.0)), -min(times * margin, largest / 2))
    high = max(float(ends.max(initial=0.0)), min(times * margin, largest / 2))
    room = 0.05 * (high - low)
    return [low - room, high + room]


def _title(part: Comparison) -> str:
    return f"Advantage of the first, {'points' if part.metric == 'accuracy' else NAMES[part.metric]}"
