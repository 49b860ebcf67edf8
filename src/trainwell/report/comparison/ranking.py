"""Every contender's runs and their mean, best first."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison
from trainwell.core import METRICS
from trainwell.report.comparison.labels import chart_labels
from trainwell.report.comparison.numbers import mean_cell, value_text
from trainwell.report.comparison.rows import Row, row_chart
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.statistics import Interval

FAR = 8.0  # median gaps to the best mean


def ranking_chart(part: Comparison, styles: Sequence[Style]) -> go.Figure:
    """The metric of every final run, and each contender's mean with its interval, best on top.

    Diverged runs are crosses at what they count as. The axis leaves out what is far behind most others.

    Args:
        part: the comparison.
        styles: of the contenders.
    """
    times = METRICS[part.metric].scale
    rows, names = [], chart_labels(part.contenders)
    for k in part.ranking():
        summary = part.summaries[k]
        group = part.runs.by_recipe()[k]
        lost = np.array([part.runs.statuses[m] == "diverged" for m in group])
        seeds = [part.runs.members[m].seed for m in group]
        mean = summary.mean
        text = " ".join(filter(None, mean_cell(mean, part.metric)))
        rows.append(
            Row(
                part.labels[k],
                names[k],
                group_key(k, styles[k]),
                styles[k],
                times * summary.values,
                lost,
                [
                    f"seed {seed}: {'diverged, counts as ' if bad else ''}{value_text(value, part.metric)}"
                    for seed, value, bad in zip(seeds, summary.values.tolist(), lost, strict=True)
                ],
                Interval(times * mean.mean, times * mean.low, times * mean.high, mean.n),
                text,
            )
        )
    return row_chart(rows, METRICS[part.metric].head, _limits(part, [row.values[~row.lost] for row in rows]))


def _limits(part: Comparison, values: Sequence[np.ndarray]) -> tuple[float, float]:
    """The ends of the axis: from the best run to the contenders whose mean is not far behind, with their runs.

    Intervals are in it, too, but for those that runs which diverged make wide; these runs are not.
    """
    times, order = METRICS[part.metric].scale, part.ranking()
    means = np.array([times * part.summaries[k].mean.mean for k in order])
    gaps = np.abs(means - means[0])
    limit = FAR * float(np.median(gaps)) or float(gaps.max())
    shown = [means[gaps <= limit]]
    for k, own, gap in zip(order, values, gaps, strict=True):
        if gap <= limit:
            found = part.summaries[k]
            ends = [] if found.diverged else [times * found.mean.low, times * found.mean.high]
            shown.append(np.array([*own, *ends]))
    heights = np.concatenate(shown)
    heights = heights[np.isfinite(heights)]
    low, high = float(heights.min()), float(heights.max())
    margin = 0.06 * (high - low) or 0.01 * max(abs(high), 1.0)
    return low - margin, high + margin
