"""Loss and score against epochs: per recipe the mean over seeds with its interval."""

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from trainwell.core import METRICS
from trainwell.display import frame
from trainwell.report.legend import group_key
from trainwell.report.palette import Style, styles
from trainwell.report.training.points import Curve, height_range, mean_curve
from trainwell.report.training.summary import RecipeSummary, summarise
from trainwell.training import Runs

DASHES = {"validation": "solid", "training": "dash", "batches": "dot"}
OPACITIES = {"validation": 0.18, "training": 0.09, "batches": 0.06}


class _Line(NamedTuple):
    """A curve, whose it is, and how it is drawn."""

    recipe: int
    label: str
    name: str
    style: Style
    curve: Curve

    @property
    def kind(self) -> str:
        return self.name.partition("/")[2]


def loss_curves(runs: Runs, labels: Sequence[str] | None = None, order: Sequence[int] | None = None) -> go.Figure:
    """The loss against epochs, on a logarithmic axis: validation solid, training dashed, batches dotted.

    Lines are means over seeds, bands 95% Student t intervals where at least two seeds are still training.
    Diverged members are in neither: they are drawn by themselves, thin, with a cross at their last finite loss.
    Of more than ten recipes the best ten have colours, the rest are grey.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.
        order: the recipes, best first, of which the first ten have colours; by default by their mean score.

    Raises:
        ValueError: there is not one label per recipe.
    """
    names = ("loss/batches", "loss/training", "loss/validation")
    return _curves(runs, summarise(runs, labels), names, "Loss", order)


def score_curves(runs: Runs, labels: Sequence[str] | None = None, order: Sequence[int] | None = None) -> go.Figure:
    """Accuracy, or R² for regression, against epochs: validation solid, training dashed; else as `loss_curves`.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.
        order: the recipes, best first, of which the first ten have colours; by default by their mean score.

    Raises:
        ValueError: there is not one label per recipe.
    """
    names = (runs.score_name.replace("validation", "training"), runs.score_name)
    title = runs.metric.title.capitalize()
    return _curves(runs, summarise(runs, labels), names, title, order)


def _curves(
    runs: Runs,
    summaries: Sequence[RecipeSummary],
    names: Sequence[str],
    title: str,
    order: Sequence[int] | None,
) -> go.Figure:
    is_loss = title == "Loss"
    drawn = [
        _Line(i, summary.label, name, style, _curve(runs, summary, name))
        for i, (summary, style) in enumerate(zip(summaries, styles(summaries, order), strict=True))
        for name in names
        if name in runs.trace.values and (style.own or not name.endswith("/batches"))
    ]
    drawn.sort(key=lambda line: line.style.own)  # grey lines lie below the others
    figure = frame("Epochs", title)
    span = height_range([line.curve for line in drawn], logarithmic=is_loss)
    for line in drawn:
        if line.style.own:
            figure.add_trace(_band(line, span[0] if is_loss and span else -np.inf))
        figure.add_trace(_mean_line(line))
    for line in drawn:
        if line.kind == "validation":
            _add_diverged(figure, runs, line, summaries[line.recipe])
    if not is_loss and span is None:
        span = (0.0, 1.0)
    if not any(np.isfinite(trace.y).any() for trace in figure.data):
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        figure.add_annotation(text=f"no finite {title.lower()} was observed", **middle)
    if span is not None:
        figure.update_yaxes(range=[float(np.log10(end)) for end in span] if is_loss else list(span))
    if is_loss:
        narrow = span is not None and span[1] / span[0] < 30
        figure.update_yaxes(type="log", dtick="D2" if narrow else 1, tickformat="~g")
    return figure


def _curve(runs: Runs, summary: RecipeSummary, name: str) -> Curve:
    return mean_curve(runs, summary.members, name, METRICS[name.split("/")[0]].within)


def _common(line: _Line) -> dict[str, object]:
    """What all traces of a line share; the page's own legend reads `meta`."""
    group = group_key(line.recipe, line.style)
    return {"legendgroup": group, "meta": [escape(line.label), line.kind, group], "showlegend": False}


def _band(line: _Line, floor: float) -> go.Scatter:
    """The interval as a closed outline; where the axis cannot show 0 or less, the band ends at its floor."""
    curve, values = line.curve, line.curve.values
    there = np.isfinite(values.low)
    x, low, high = curve.epochs[there], np.maximum(values.low[there], floor), values.high[there]
    return go.Scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=line.style.fill(OPACITIES[line.kind]),
        mode="none",
        hoverinfo="skip",
        **_common(line),
    )


def _mean_line(line: _Line) -> go.Scatter:
    curve, style = line.curve, line.style
    main = line.kind == "validation"
    marked = bool(style.symbol) or len(curve.epochs) == 1
    return go.Scatter(
        x=curve.epochs,
        y=curve.values.mean,
        mode="lines+markers" if marked else "lines",
        line={"color": style.color, "width": (2.4 if main else 1.6) if style.own else 1, "dash": DASHES[line.kind]},
        marker={"symbol": style.symbol or "circle", "size": 7, "maxdisplayed": 8},
        opacity=1 if style.own else 0.45,
        text=_hover_texts(line),
        hovertemplate=f"%{{meta[0]}}<br>{line.kind}, epoch %{{x:.4~g}}<br>%{{text}}<extra></extra>",
        name=escape(line.label),
        **{**_common(line), "showlegend": style.own and main},
    )


def _hover_texts(line: _Line) -> list[str]:
    one = METRICS[line.name.split("/")[0]].text
    values = line.curve.values
    return [
        f"{one(mean)} [{one(low)}, {one(high)}], n = {n}" if n > 1 else f"{one(mean)}, n = {n}"
        for mean, low, high, n in zip(values.mean, values.low, values.high, values.n, strict=True)
    ]


def _add_diverged(figure: go.Figure, runs: Runs, line: _Line, summary: RecipeSummary) -> None:
    """Each diverged member up to its last finite value, which a cross marks."""
    for m in (m for m in summary.members if runs.statuses[m] == "diverged"):
        values = runs.trace[line.name][m]
        there = np.isfinite(values) & (runs.trace.steps[m] >= 0)
        if not there.any():
            continue
        figure.add_scatter(
            x=runs.trace.epochs[m][there],
            y=values[there],
            mode="lines+markers",
            line={"color": line.style.color, "width": 1},
            marker={"symbol": "x", "size": [0] * (int(there.sum()) - 1) + [9]},
            opacity=0.8 if line.style.own else 0.45,
            hovertemplate=f"%{{meta[0]}}, seed {runs.members[m].seed}<br>diverged after this<extra></extra>",
            **_common(line),
        )
