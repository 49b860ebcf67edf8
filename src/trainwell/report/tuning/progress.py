"""How the search went: what every trial reached, and the best so far."""

from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from trainwell.core import METRICS
from trainwell.display import GRID, frame
from trainwell.report.tuning.axes import metric_axis, metric_title, trial_text
from trainwell.report.tuning.colors import BEST, STATES, markers

if TYPE_CHECKING:
    from trainwell.search import SearchResult


def search_progress(result: "SearchResult") -> go.Figure:
    """The metric of every trial against its number, with the best complete one so far; rounds between dotted lines.

    Pruned trials are hollow, at the value of their last rung; diverged ones are crosses at the worse edge.

    Args:
        result: the search.
    """
    figure = frame("Trial", metric_title(result))
    axis = metric_axis(result)
    low, high = axis.ends
    margin = 0.06 * (high - low)
    span = (low - margin, high + 2 * margin)  # above all: the names of rounds
    edge = low - margin / 2 if METRICS[result.metric].larger_is_better else high + margin / 2
    is_log = axis.kind == "log"
    figure.update_yaxes(range=span, type="log" if is_log else "linear", tickformat="~g" if is_log else "")
    _add_best_so_far(figure, result)
    for state in STATES:
        _add_state(figure, result, state, 10**edge if is_log else edge)
    corner = {"xanchor": "left", "yanchor": "top", "font": {"size": 11}}
    for row, one in enumerate(result.rounds):
        figure.add_annotation(
            text=f"round {row + 1}", x=one.first_trial - 0.5, y=1, yref="paper", showarrow=False, **corner
        )
        if row:
            figure.add_vline(x=one.first_trial - 0.5, line={"dash": "dot", "color": GRID, "width": 2})
    last = max((trial.number for trial in result.trials), default=1)
    return figure.update_xaxes(range=[-0.02 * last - 1, 1.02 * last + 1]).update_layout(showlegend=False)


def _add_best_so_far(figure: go.Figure, result: "SearchResult") -> None:
    complete = [trial for trial in result.trials if trial.state == "complete" and np.isfinite(trial.value)]
    if not complete:
        return
    best = result.sign * np.maximum.accumulate([result.sign * trial.value for trial in complete])
    last = max(trial.number for trial in result.trials)
    figure.add_scatter(
        x=[*(trial.number for trial in complete), last],
        y=[*best, best[-1]],
        mode="lines",
        line={"shape": "hv", "color": BEST, "width": 2},
        hovertemplate="best so far %{y:.4~g}<extra></extra>",
        meta=["best so far", "best", "trial"],
    )


def _add_state(figure: go.Figure, result: "SearchResult", state: str, edge: float) -> None:
    """The trials of one state; without a value, or with one far off, at the worse edge."""
    trials = [trial for trial in result.trials if trial.state == state]
    if not trials:
        return
    sign = result.sign
    figure.add_scatter(
        x=[trial.number for trial in trials],
        y=[sign * max(sign * t.value, sign * edge) if np.isfinite(t.value) else edge for t in trials],
        mode="markers",
        marker=markers(result, trials, state),
        customdata=[trial_text(result, trial) for trial in trials],
        hovertemplate="%{customdata}<extra></extra>",
        meta=["trials", state, "trial"],
    )
