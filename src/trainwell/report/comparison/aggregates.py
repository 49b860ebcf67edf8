"""Normalised scores over all data sets: every run, and the interquartile mean of each contender."""

from collections.abc import Sequence
from math import isnan

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Across
from trainwell.core import score_text
from trainwell.report.comparison.numbers import Cell
from trainwell.report.comparison.rows import Row, row_chart
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.statistics import Interval

FAR = 8.0  # median gaps to the best


def aggregates_chart(across: Across, labels: Sequence[str], styles: Sequence[Style], data: Sequence[str]) -> go.Figure:
    """Every run's normalised score and the interquartile mean with its interval, best on top.

    Args:
        across: all data sets together.
        labels: of the contenders, as the axis shows them.
        styles: of the contenders.
        data: names of the data sets.
    """
    order = sorted(range(len(labels)), key=lambda k: -across.aggregates[k].mean)
    rows = [
        Row(
            labels[k],
            labels[k],
            group_key(k, styles[k]),
            styles[k],
            (values := np.concatenate(across.normalised[k])),
            np.zeros(len(values), bool),
            [
                f"{name}: {value:.3f}"
                for name, own in zip(data, across.normalised[k], strict=True)
                for value in own.tolist()
            ],
            across.aggregates[k],
            " ".join(filter(None, aggregate_cell(across.aggregates[k]))),
        )
        for k in order
    ]
    means = np.array([across.aggregates[k].mean for k in order])
    gaps = means[0] - means
    limit = FAR * float(np.median(gaps)) or float(gaps.max())
    near = np.concatenate([row.values for row, gap in zip(rows, gaps, strict=True) if gap <= limit])
    low, high = float(near.min()), float(near.max())
    room = 0.05 * (high - low) or 0.02
    return row_chart(rows, "Normalised score", (low - room, high + room))


def aggregate_cell(interval: Interval) -> Cell:
    """An interquartile mean of normalised scores with its interval."""
    ends = "" if isnan(interval.low) else f"[{score_text(interval.low)}, {score_text(interval.high)}]"
    return score_text(interval.mean), ends
