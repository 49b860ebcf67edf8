"""Charts of a search's trials: good ones have strong colours, poor ones are grey, diverged ones are crosses."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import Metric, short_text
from trainwell.display.canvas import GRID, Figure, add_message, frame, logarithmic
from trainwell.display.palette import COLORS, GREY, meta, shade
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.scales import Scale

BEST = COLORS[0]
STATES = {
    "complete": "trained to the end",
    "pruned": "pruned",
    "cut": "cut off by the time limit",
    "diverged": "diverged",
}
SYMBOLS = {"complete": "circle", "pruned": "circle-open", "cut": "diamond-open", "diverged": "x-thin"}


@dataclass(frozen=True, eq=False)
class Trial:
    """A trial.

    Attributes:
        number: of the trial.
        state: one of `STATES`.
        value: of the metric; NaN if it has none.
        values: hyperparameter -> value, for the active ones.
        text: description of the trial in one line, escaped.
        strength: how good it is: 1 for the best, 0 for the median of the complete trials and for worse ones.
        is_best: whether it is the best of all.
    """

    number: int
    state: str
    value: float
    values: Mapping[str, Any]
    text: str
    strength: float
    is_best: bool

    @property
    def known(self) -> bool:
        """Whether it has a value."""
        return isfinite(self.value)


def errors_of(scores: Sequence[float] | Float[np.ndarray, " n"]) -> Float[np.ndarray, " n"]:
    """1 minus each score, for a logarithmic axis: none of 0, which is drawn at half the smallest other error.

    Example:
        >>> errors_of([0.75, 1.0]).tolist()
        [0.25, 0.125]
    """
    errors = 1 - np.asarray(scores, np.float64)
    some = errors[errors > 0]
    return np.maximum(errors, some.min() / 2 if len(some) else 1e-3)


def error_title(metric: Metric) -> str:
    """The title of an axis with errors."""
    return f"error: 1 − {metric.title}"


def strengths(values: Sequence[float]) -> list[float]:
    """The strength of each complete trial: 1 for the best, 0 for the median and worse. Larger values are better.

    Example:
        >>> strengths([1.0, 2.0, 3.0])
        [0.0, 0.0, 1.0]
    """
    if not values:
        return []
    low, high = float(np.median(values)), float(max(values))
    shares = np.clip((np.array(values) - low) / (high - low), 0, 1) if high > low else np.ones(len(values))
    return [float(share) for share in shares]


def of_state(trials: Sequence[Trial], state: str) -> list[Trial]:
    """The trials with this state."""
    return [trial for trial in trials if trial.state == state]


def markers(trials: Sequence[Trial], state: str) -> dict[str, Any]:
    """Marker settings for trials of one state. The best of all trials is a blue star."""
    shades = [BEST if trial.is_best else shade(trial.strength) for trial in trials]
    widths = [1.2 if trial.is_best else 1.4 if state == "diverged" else 0 for trial in trials]
    edges = ["#FFFFFF" if trial.is_best else color for trial, color in zip(trials, shades, strict=True)]
    return {
        "symbol": ["star" if trial.is_best else SYMBOLS[state] for trial in trials],
        "size": [14 if trial.is_best else 8 if state == "complete" else 7 for trial in trials],
        "color": shades,
        "opacity": 1,
        "line": {"width": widths, "color": edges},
    }


def progress_chart(
    trials: Sequence[Trial], scale: Scale, title: str, sign: float, rounds: Sequence[int] = ()
) -> Figure:
    """The metric of every trial against its number, with the best so far. Dotted lines separate rounds.

    Pruned trials are hollow, at the value of their last rung. Trials without a value are at the worse end of the axis.

    Args:
        trials: in the order of their numbers.
        scale: of the metric.
        title: of the vertical axis.
        sign: 1 if larger values are better, -1 if smaller ones are.
        rounds: number of the first trial of each round.
    """
    figure = frame("Trial, with the rounds at the top" if rounds else "Trial", title)
    low, high = scale.ends
    margin = 0.06 * (high - low)
    span = (low - margin, high + 2 * margin)  # with space for the names of rounds at the top
    edge = low - margin / 2 if sign > 0 else high + margin / 2
    is_log = scale.kind == "log"
    figure.update_yaxes(range=span, **(logarithmic(high - low) if is_log else {"type": "linear"}))
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
        figure.add_annotation(text=f"{row + 1}", x=first - 0.5, y=1, yref="paper", **corner)
        if row:
            figure.add_vline(x=first - 0.5, line={"dash": "dot", "color": GRID, "width": 2})
    return figure.update_xaxes(range=[-0.02 * last - 1, 1.02 * last + 1]).update_layout(showlegend=False)


def _add_state(figure: Figure, trials: Sequence[Trial], state: str, edge: float, sign: float) -> None:
    """Add the trials of one state. Those without a value, or beyond the axis, are drawn at its worse end."""
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


COLUMNS = ((0, 2), (620, 4), (980, 5))
KINDS = {"training": ("dash", COLORS[0], 1.6), "validation": ("solid", COLORS[1], 2.2)}


@dataclass(frozen=True, eq=False)
class LearningCurves:
    """A trial's learning curves: a title, epochs, and the metric on the training and validation split."""

    title: str
    trial: Trial
    epochs: Float[np.ndarray, " T"]
    training: Float[np.ndarray, " T"]
    validation: Float[np.ndarray, " T"]


def best_curves_chart(curves: Sequence[LearningCurves], metric: Metric, *, errors: bool = False) -> Figure:
    """The metric against epochs, one panel per trial: validation solid, training dashed.

    Args:
        curves: best first.
        metric: the metric shown.
        errors: whether 1 minus the metric is shown, on a logarithmic axis.

    Source: F-6-24.
    """
    panels = Panels([one.title for one in curves], 118, 30, COLUMNS, shared=True)
    heights = [
        (errors_of(o.training), errors_of(o.validation)) if errors else (o.training, o.validation) for o in curves
    ]
    down = {"title": {"text": ""}, **_span(heights, metric, logarithmic=errors or metric.relative)}
    figure = panels.figure([({"title": {"text": ""}}, down)] * len(curves), "Epochs")
    for panel, (one, drawn) in enumerate(zip(curves, heights, strict=True)):
        for kind, values, y in zip(KINDS, (one.training, one.validation), drawn, strict=True):
            figure.add_trace({**_line(one, metric, kind, values), "y": y, **panel_axes(panel)})
    if not curves:
        add_message(figure, "no trial has a curve: all diverged")
    return figure.update_layout(showlegend=False)


def _span(heights: Sequence[Sequence[Float[np.ndarray, " T"]]], metric: Metric, *, logarithmic: bool) -> dict[str, Any]:
    """The vertical axis of all panels: 0 to 1 for a share, otherwise the range of the curves."""
    if metric.is_share and not logarithmic:
        return {"range": [0, 1.02], "tickvals": [0, 0.5, 1]}
    values = np.concatenate([np.empty(0), *(part for own in heights for part in own)])
    values = values[np.isfinite(values)]
    if not logarithmic:
        return {"range": [max(float(values.min(initial=0)), -0.5) - 0.02, 1.02], "nticks": 4}
    values = values[values > 0]
    if not len(values):
        return {}
    low, high = np.log10(values.min()), np.log10(np.quantile(values, 0.99))
    return {"type": "log", "range": [float(low) - 0.05, float(high) + 0.05], "nticks": 4, "tickformat": "~g"}


def _line(one: LearningCurves, metric: Metric, kind: str, values: Float[np.ndarray, " T"]) -> dict[str, Any]:
    dash, color, width = KINDS[kind]
    settings = "<br>".join(escape(f"{name} {short_text(value)}") for name, value in one.trial.values.items())
    return {
        "type": "scatter",
        "x": one.epochs,
        "y": values,
        "mode": "lines" if len(values) > 1 else "markers",
        "line": {"dash": dash, "color": color, "width": width},
        "marker": {"color": color},
        "text": [metric.text(float(value)) for value in values],
        "hovertemplate": "%{meta[0]}<br>%{meta[1]} %{meta[4]} %{text}, epoch %{x:.4~g}<br>%{meta[3]}<extra></extra>",
        "meta": [one.trial.text, kind, "trial", settings, metric.title],
    }


def importance_chart(
    shares: Mapping[str, tuple[float, float, float]], texts: Sequence[str], where: Sequence[str]
) -> Figure:
    """One bar per hyperparameter with the share of variance it explains and its 95% interval, the first at the top.

    Args:
        shares: hyperparameter -> (share, lower end, upper end); may be empty.
        texts: hover text of each bar.
        where: for hyperparameters that are active only in some trials, which ones (with grey bars); otherwise empty.
    """
    figure = frame("Share explained, 95% interval")
    rows = list(zip(shares.items(), texts, where, strict=True))[::-1]
    figure.add_bar(
        orientation="h",
        x=[share for (_, (share, _, _)), _, _ in rows],
        y=[escape(name) + (f"<br>{escape(some)}" if some else "") for (name, _), _, some in rows],
        marker={"color": [GREY if some else COLORS[0] for _, _, some in rows]},
        error_x={
            "array": [high - share for (_, (share, _, high)), _, _ in rows],
            "arrayminus": [share - low for (_, (share, low, _)), _, _ in rows],
            "thickness": 1.2,
        },
        customdata=[text for _, text, _ in rows],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        **meta("importance", "bar"),
    )
    most = max((high for _, _, high in shares.values()), default=1.0)
    figure.update_xaxes(range=[0, min(most * 1.05, 1.02) or 1], tickformat=".0%", nticks=6)
    figure.update_yaxes(showgrid=False, type="category")
    if not rows:
        add_message(figure, "too few trials to estimate importance")
    height = 44 if any(where) else 30  # space for names of two lines
    return figure.update_layout(height=90 + height * max(len(rows), 2), showlegend=False, bargap=0.35)
