"""How much each hyperparameter mattered: its share of the metric's variance over the trials."""

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from trainwell.report.frame import frame
from trainwell.report.palette import COLORS

if TYPE_CHECKING:
    from trainwell.search.result import SearchResult


def search_importance(result: "SearchResult") -> go.Figure:
    """One bar per hyperparameter, the most important on top.

    Args:
        result: the search; `importance` may be empty, which the chart says.
    """
    ranked = sorted(result.importance.items(), key=lambda item: item[1])
    figure = frame("Share of the variance explained")
    figure.add_bar(
        orientation="h",
        x=[share for _, share in ranked],
        y=[escape(name) for name, _ in ranked],
        marker={"color": COLORS[0]},
        text=[f"{share:.0%}" if share >= 0.005 else "&lt;1%" for _, share in ranked],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{x:.1%}<extra></extra>",
        meta=["importance", "bar", "all"],
    )
    most = max(result.importance.values(), default=1.0)
    figure.update_xaxes(range=[0, min(most * 1.15, 1.1) or 1], tickformat=".0%", nticks=6)
    figure.update_yaxes(showgrid=False, type="category")
    if not ranked:
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        figure.add_annotation(text="too few trials to tell", **middle)
    return figure.update_layout(height=90 + 30 * max(len(ranked), 2), showlegend=False, bargap=0.35)
