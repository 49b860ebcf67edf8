"""How many epochs each contender's runs take to the target."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Comparison
from trainwell.core import METRICS
from trainwell.report.comparison.labels import chart_labels
from trainwell.report.comparison.numbers import time_cell
from trainwell.report.comparison.rows import Row, row_chart
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.statistics import first_reached


def target_chart(part: Comparison, styles: Sequence[Style]) -> go.Figure:
    """Epochs until every run first observed the target, and the median with its interval, fastest on top.

    Runs that never did are crosses at the right end.

    Args:
        part: the comparison.
        styles: of the contenders.
    """
    first = epochs_to_target(part)
    longest = float(np.nanmax(part.runs.trace.epochs, initial=0.0)) or 1.0
    groups, names = part.runs.by_recipe(), chart_labels(part.contenders)
    rows = [
        Row(
            part.labels[k],
            names[k],
            group_key(k, styles[k]),
            styles[k],
            first[groups[k]],
            ~np.isfinite(first[groups[k]]),
            [f"seed {part.runs.members[m].seed}: {_text(first[m])}" for m in groups[k]],
            part.summaries[k].epochs_to_target,
            "median " + " ".join(filter(None, time_cell(part.summaries[k].epochs_to_target))),
        )
        for k in fastest_first(part)
    ]
    figure = row_chart(rows, "Epochs to the target", (0.0, 1.06 * longest))
    return figure.update_xaxes(nticks=8)


def fastest_first(part: Comparison) -> list[int]:
    """Contenders by their median number of epochs to the target, then by the share that reached it."""
    found = part.summaries
    return sorted(
        range(len(found)),
        key=lambda k: (np.nan_to_num(found[k].epochs_to_target.mean, nan=np.inf), -found[k].reached.mean, k),
    )


def epochs_to_target(part: Comparison) -> np.ndarray:
    """Epochs until each run first observed the target; infinite for those that never did."""
    observed, epochs = part.runs.trace[f"{part.metric}/validation"], part.runs.trace.epochs
    return first_reached(
        observed, np.nan_to_num(epochs, nan=np.inf), part.target, larger_is_better=METRICS[part.metric].larger_is_better
    )


def _text(epochs: float) -> str:
    return f"{epochs:.4g} epochs" if np.isfinite(epochs) else "never reached it"
