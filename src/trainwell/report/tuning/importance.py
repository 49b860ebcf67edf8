"""How much each hyperparameter mattered: its share of what they explain of the metric, and how sure that is."""

from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from trainwell.display import frame
from trainwell.report.palette import COLORS, GREY

if TYPE_CHECKING:
    from trainwell.search import Importance, SearchResult


def search_importance(result: "SearchResult") -> go.Figure:
    """One bar per hyperparameter with its 95% interval, the most important on top.

    Those that only some trials have stand below, grey: their share is among those trials alone, as their name says.

    Args:
        result: the search; `importance` may be empty, which the chart says.
    """
    ranked = list(result.importance.items())[::-1]
    figure = frame("Share explained, 95% interval")
    figure.add_bar(
        orientation="h",
        x=[one.share for _, one in ranked],
        y=[_name(name, one) for name, one in ranked],
        marker={"color": [GREY if one.where else COLORS[0] for _, one in ranked]},
        error_x={
            "array": [one.high - one.share for _, one in ranked],
            "arrayminus": [one.share - one.low for _, one in ranked],
            "thickness": 1.2,
        },
        customdata=[importance_text(one) for _, one in ranked],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        meta=["importance", "bar", "all"],
    )
    most = max((one.high for one in result.importance.values()), default=1.0)
    figure.update_xaxes(range=[0, min(most * 1.05, 1.02) or 1], tickformat=".0%", nticks=6)
    figure.update_yaxes(showgrid=False, type="category")
    if not ranked:
        middle = {"xref": "paper", "yref": "paper", "x": 0.5, "y": 0.5, "showarrow": False}
        figure.add_annotation(text="too few trials to tell", **middle)
    height = 44 if any(one.where for _, one in ranked) else 30  # all bars alike: room for names of two lines
    return figure.update_layout(height=90 + height * max(len(ranked), 2), showlegend=False, bargap=0.35)


def importance_text(one: "Importance") -> str:
    """A share in words.

    Example:
        >>> from trainwell.search.tuning.result import Importance
        >>> importance_text(Importance(0.62, 0.41, 0.8, 100))
        '62% [41%, 80%], n = 100'
    """
    share = f"{one.share:.0%}" if one.share >= 0.005 or one.share == 0 else "under 1%"
    return f"{share} [{one.low:.0%}, {one.high:.0%}], n = {one.n}"


def _name(name: str, one: "Importance") -> str:
    return escape(name) + (f"<br>{escape(one.where)}, n = {one.n}" if one.where else "")
