"""Mean ranks over data sets, and who is not told apart: a critical-difference diagram on its side."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from trainwell.comparison import Across, ranks_can_differ
from trainwell.display import INK, frame
from trainwell.report.comparison.rows import HEIGHT
from trainwell.report.legend import group_key
from trainwell.report.palette import Style

TOO_FEW = "so few data sets cannot tell ranks apart"
STEP = 0.035  # between two strokes, as a share of the axis


def ranks_chart(across: Across, labels: Sequence[str], styles: Sequence[Style]) -> go.Figure:
    """The mean rank of each contender, best on top; a stroke at the left joins those that are not told apart.

    The bar below is as long as the critical difference. Where no ranks can differ by as much, a sentence stands there.

    Args:
        across: all data sets together.
        labels: of the contenders, as the axis shows them.
        styles: of the contenders.

    Source: Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", figure 1.
    """
    ranks = across.ranks.ranks
    order = rank_order(across)
    figure = frame("Mean rank, 1 is best")
    for place, k in enumerate(order):
        figure.add_scatter(
            x=[ranks[k]],
            y=[place],
            mode="markers+text",
            marker={"color": styles[k].color, "size": 12, "symbol": styles[k].symbol or "circle"},
            text=[f"  {ranks[k]:.2f}"],
            textposition="middle right",
            cliponaxis=False,
            hovertemplate="%{meta[0]}: %{x:.2f}<extra></extra>",
            meta=[escape(labels[k]), "ranks", group_key(k, styles[k])],
        )
    most = float(len(labels))
    groups = [group for group in across.ranks.groups if len(group) > 1]
    step = STEP * (most - 1 + 0.5)
    for i, group in enumerate(groups):
        places = [order.index(k) for k in group]
        figure.add_scatter(
            x=[1 - 1.5 * step - i * step] * 2,
            y=[min(places) - 0.18, max(places) + 0.18],
            mode="lines",
            line={"color": INK, "width": 4},
            hovertemplate=f"{len(group)} not told apart<extra></extra>",
            meta=["", "ranks", "all"],
        )
    difference = across.ranks.critical_difference
    rows = len(order)
    note = TOO_FEW
    if ranks_can_differ(across):
        note = f"critical difference {difference:.2f}"
        figure.add_scatter(
            x=[1, 1 + difference],
            y=[rows, rows],
            mode="lines+markers",
            line={"color": INK, "width": 2},
            marker={"symbol": "line-ns-open", "size": 10, "line": {"width": 2, "color": INK}},
            hoverinfo="skip",
            meta=["", "ranks", "all"],
        )
    figure.add_annotation(text=note, x=1, y=rows + 0.25, xanchor="left", yanchor="top", showarrow=False)
    names = [f"{place}. {escape(labels[k])}" for place, k in enumerate(order, 1)]
    figure.update_yaxes(tickvals=list(range(rows)), ticktext=names, range=[rows + 1.1, -0.6], showgrid=False)
    left = 1 - 2 * step - len(groups) * step
    figure.update_xaxes(range=[left, most + 0.5 + 2 * step], tickvals=_ticks(len(labels)))
    return figure.update_layout(height=80 + HEIGHT * (rows + 2))


def rank_order(across: Across) -> list[int]:
    """Contenders by their mean rank, best first."""
    ranks = across.ranks.ranks
    return sorted(range(len(ranks)), key=lambda k: (ranks[k], k))


def _ticks(count: int) -> list[int]:
    step = max(1, round(count / 8))
    return [1, *range(1 + step, count + 1, step)]
