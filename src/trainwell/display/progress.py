"""How a search went: what every trial reached, and the best so far."""

from collections.abc import Sequence

import numpy as np

from trainwell.display.canvas import GRID, Figure, frame
from trainwell.display.legend import meta
from trainwell.display.scales import Scale
from trainwell.display.trials import BEST, STATES, Trial, markers, of_state


def progress_chart(
    trials: Sequence[Trial], scale: Scale, title: str, sign: float, rounds: Sequence[int] = ()
) -> Figure:
    """The metric of every trial against its number, with the best complete one so far; rounds between dotted lines.

    Pruned trials are hollow, at the value of their last rung; those without a value are crosses at the worse edge.

    Args:
        trials: in the order of their numbers.
        scale: of the metric.
        title: of its axis.
        sign: 1 where larger is better, -1 where smaller is.
        rounds: number of the first trial of each.
    """
    figure = frame("Trial", title)
    low, high = scale.ends
    margin = 0.06 * (high - low)
    span = (low - margin, high + 2 * margin)  # above all: the names of rounds
    edge = low - margin / 2 if sign > 0 else high + margin / 2
    is_log = scale.kind == "log"
    figure.update_yaxes(range=span, type="log" if is_log else "linear", tickformat="~g" if is_log else "")
    last = max((trial.number for trial in trials), default=1)
    complete = [trial for trial in of_state(trials, "complete") if trial.known]
    if complete:
        best = sign * np.maximum.accumulate([sign * trial.value for trial in complete])
        figure.add_scatter(
            x=[*(trial.number for trial in complete), last],
            y=[*best, best[-1]],
            mode="lines",
            line={"shape": "hv", "color": BEST, "width": 2},
            hovertemplate="best so far %{y:.4~g}<extra></extra>",
            **meta("best so far", "best", "trial"),
        )
    for state in STATES:
        _add_state(figure, of_state(trials, state), state, 10**edge if is_log else edge, sign)
    corner = {"xanchor": "left", "yanchor": "top", "font": {"size": 11}, "showarrow": False}
    for row, first in enumerate(rounds):
        figure.add_annotation(text=f"round {row + 1}", x=first - 0.5, y=1, yref="paper", **corner)
        if row:
            figure.add_vline(x=first - 0.5, line={"dash": "dot", "color": GRID, "width": 2})
    return figure.update_xaxes(range=[-0.02 * last - 1, 1.02 * last + 1]).update_layout(showlegend=False)


def _add_state(figure: Figure, trials: Sequence[Trial], state: str, edge: float, sign: float) -> None:
    """The trials of one state; without a value, or with one far off, at the worse edge."""
    if not trials:
        return
    figure.add_scatter(
        x=[trial.number for trial in trials],
        y=[sign * max(sign * trial.value, sign * edge) if trial.known else edge for trial in trials],
        mode="markers",
        marker=markers(trials, state),
        customdata=[trial.text for trial in trials],
        hovertemplate="%{customdata}<extra></extra>",
        **meta("trials", state, "trial"),
    )
