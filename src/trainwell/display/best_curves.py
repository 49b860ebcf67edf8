"""Learning curves of the best trials, each in a panel of its own (F-6-24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import Metric, short_text
from trainwell.display.canvas import Figure, say
from trainwell.display.palette import COLORS
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.trials import Trial

COLUMNS = ((0, 2), (620, 4), (980, 5))
KINDS = {"training": ("dash", COLORS[0], 1.6), "validation": ("solid", COLORS[1], 2.2)}


@dataclass(frozen=True, eq=False)
class Learning:
    """A trial's learning curves: what stands above them, epochs, and the metric on the two splits."""

    title: str
    trial: Trial
    epochs: Float[np.ndarray, " T"]
    training: Float[np.ndarray, " T"]
    validation: Float[np.ndarray, " T"]


def best_curves_chart(curves: Sequence[Learning], metric: Metric) -> Figure:
    """The metric against epochs, a panel per trial: validation solid, training dashed.

    Args:
        curves: best first.
        metric: what they are of.

    Source: F-6-24.
    """
    panels = Panels([one.title for one in curves], 118, 30, COLUMNS, shared=True)
    down = {"title": {"text": ""}, **_span(curves, metric)}
    figure = panels.figure([({"title": {"text": ""}}, down)] * len(curves), "Epochs")
    for panel, one in enumerate(curves):
        for kind, values in (("training", one.training), ("validation", one.validation)):
            figure.add_trace({**_line(one, metric, kind, values), **panel_axes(panel)})
    if not curves:
        say(figure, "no trial has a curve: all diverged")
    return figure.update_layout(showlegend=False)


def _span(curves: Sequence[Learning], metric: Metric) -> dict[str, Any]:
    """One range for all panels: a share from 0 to 1 as in the book, the rest as far as validation reaches."""
    if metric.is_share:
        return {"range": [0, 1.02], "tickvals": [0, 0.5, 1]}
    values = np.concatenate([np.empty(0), *(part for one in curves for part in (one.validation, one.training))])
    values = values[np.isfinite(values)]
    if not metric.relative:
        return {"range": [max(float(values.min(initial=0)), -0.5) - 0.02, 1.02], "nticks": 4}
    values = values[values > 0]
    if not len(values):
        return {}
    low, high = np.log10(values.min()), np.log10(np.quantile(values, 0.99))
    return {"type": "log", "range": [float(low) - 0.05, float(high) + 0.05], "nticks": 4, "tickformat": "~g"}


def _line(one: Learning, metric: Metric, kind: str, values: Float[np.ndarray, " T"]) -> dict[str, Any]:
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
