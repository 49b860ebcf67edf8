"""Learning curves of the best trials, each in a panel of its own (F-6-24)."""

from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from trainwell.core import METRICS
from trainwell.display import Panels, axis_references
from trainwell.report.palette import COLORS
from trainwell.report.tuning.axes import metric_text, trial_text, value_text

if TYPE_CHECKING:
    from trainwell.search import SearchResult, TrialRecord

COLUMNS = ((0, 2), (620, 4), (980, 5))
KINDS = {"validation": ("solid", COLORS[1], 2.2), "training": ("dash", COLORS[0], 1.6)}


def search_best_curves(result: "SearchResult", count: int = 20) -> go.Figure:
    """The metric against epochs for the best trials, best first: validation solid, training dashed.

    Args:
        result: the search.
        count: as many trials, if there are; diverged ones are left out.

    Source: F-6-24.
    """
    best = [trial for trial in result.ranked() if trial.state != "diverged" and len(trial.curve.epochs)][:count]
    panels = Panels([_title(result, i, trial) for i, trial in enumerate(best)], 118, 30, COLUMNS, shared=True)
    span = {"title": {"text": ""}, **_span(result, best)}
    figure = panels.figure([({"title": {"text": ""}}, span)] * len(best), "Epochs")
    traces = []
    for panel, trial in enumerate(best):
        for kind, values in (("training", trial.curve.training), ("validation", trial.curve.validation)):
            traces.append({**_line(result, trial, kind, values), **axis_references(panel)})
    figure.add_traces(traces)
    if not best:
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        figure.add_annotation(text="no trial has a curve: all diverged", **middle)
    return figure.update_layout(showlegend=False)


def _title(result: "SearchResult", place: int, trial: "TrialRecord") -> str:
    end = f", {trial.state}" if trial.state in ("pruned", "cut") else ""
    return f"Best-{place + 1}: {metric_text(result, trial.value)}{end}"


def _span(result: "SearchResult", trials: "list[TrialRecord]") -> dict[str, Any]:
    """One range for all panels: accuracy from 0 to 1 as in the book, the rest as far as validation reaches."""
    metric = METRICS[result.metric]
    if metric.is_share:
        return {"range": [0, 1.02], "tickvals": [0, 0.5, 1]}
    parts = [part for trial in trials for part in (trial.curve.validation, trial.curve.training)]
    values = np.concatenate(parts) if parts else np.empty(0)
    values = values[np.isfinite(values)]
    if not metric.relative:
        return {"range": [max(float(values.min(initial=0)), -0.5) - 0.02, 1.02], "nticks": 4}
    values = values[values > 0]
    if not len(values):
        return {}
    low, high = np.log10(values.min()), np.log10(np.quantile(values, 0.99))
    return {"type": "log", "range": [float(low) - 0.05, float(high) + 0.05], "nticks": 4, "tickformat": "~g"}


def _line(result: "SearchResult", trial: "TrialRecord", kind: str, values: Float[np.ndarray, " T"]) -> dict[str, Any]:
    dash, color, width = KINDS[kind]
    metric = METRICS[result.metric]
    settings = "<br>".join(escape(f"{name} {value_text(value)}") for name, value in trial.values.items())
    return {
        "type": "scatter",
        "x": trial.curve.epochs,
        "y": values,
        "mode": "lines" if len(values) > 1 else "markers",
        "line": {"dash": dash, "color": color, "width": width},
        "marker": {"color": color},
        "text": [metric.text(float(value)) for value in values],
        "hovertemplate": "%{meta[0]}<br>%{meta[1]} %{meta[4]} %{text}, epoch %{x:.4~g}<br>%{meta[3]}<extra></extra>",
        "meta": [trial_text(result, trial), kind, "trial", settings, metric.title],
    }
