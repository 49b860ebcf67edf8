"""Final scores: one row per recipe, a dot per seed, the mean with its interval."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from trainwell.display import frame
from trainwell.report.legend import group_key
from trainwell.report.palette import Style, styles
from trainwell.report.training.summary import RecipeSummary, best_first, summarise
from trainwell.training import Runs

LONGEST = 30  # characters of a label beside the axis


def final_scores(runs: Runs, labels: Sequence[str] | None = None) -> go.Figure:
    """Validation accuracy (R² for regression) of every member and each recipe's mean and interval, best on top.

    Recipes of which every member diverged have no row.

    Args:
        runs: the population.
        labels: one per recipe; by default made of the fields in which they differ.

    Raises:
        ValueError: there is not one label per recipe.
    """
    summaries = summarise(runs, labels)
    chosen = styles(summaries)
    order = [i for i in best_first(summaries) if summaries[i].score.n]
    figure = frame(f"Validation {runs.metric.title}")
    scores = runs.kept(runs.score_name)
    for row, i in enumerate(order):
        seeds = [runs.members[m].seed for m in summaries[i].members]
        _add_row(figure, row, i, summaries[i], chosen[i], scores[list(summaries[i].members)], seeds)
    figure.update_yaxes(
        tickvals=list(range(len(order))),
        ticktext=[escape(short_label(summaries[i].label)) for i in order],
        range=[len(order) - 0.4, -0.6],
        showgrid=False,
    )
    return figure.update_layout(height=80 + 28 * len(order), showlegend=False)


def _add_row(
    figure: go.Figure,
    row: int,
    recipe: int,
    summary: RecipeSummary,
    style: Style,
    scores: np.ndarray,
    seeds: Sequence[int],
) -> None:
    common = {"meta": [escape(summary.label), "final", group_key(recipe, style)]}
    interval, metric = summary.score, summary.metric
    figure.add_scatter(
        x=scores,
        y=row + np.linspace(-0.2, 0.2, len(scores)) * (len(scores) > 1),  # equal scores stay apart
        mode="markers",
        marker={"color": style.color, "size": 8, "opacity": 0.5},
        customdata=seeds,
        hovertemplate="%{meta[0]}<br>seed %{customdata}: %{x:.4f}<extra></extra>",
        **common,
    )
    if interval.n > 1:
        ends = metric.ends(interval.low, interval.high)
        figure.add_scatter(
            x=[interval.low, interval.mean, interval.high],
            y=[row] * 3,
            mode="lines+markers",
            line={"color": style.color, "width": 2.5},
            marker={"symbol": "line-ns-open", "size": [9, 19, 9], "line": {"width": 2.5, "color": style.color}},
            text=[f"mean {metric.text(interval.mean)} {ends}, n = {interval.n}"] * 3,
            hovertemplate="%{meta[0]}<br>%{text}<extra></extra>",
            **common,
        )


def short_label(label: str, most: int = LONGEST) -> str:
    """The label, or its start and its end: recipes of one family often differ in the end."""
    start = 2 * most // 5
    return label if len(label) <= most else f"{label[:start]}…{label[start + 1 - most :]}"
