"""Contenders over many data sets: their mean ranks, and the share of their runs above every score."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import INK, Figure, band, frame, named_rows
from trainwell.display.legend import group_key, meta
from trainwell.display.palette import Style, grey_first
from trainwell.display.rows import HEIGHT
from trainwell.display.ticks import nice_ticks

TOO_FEW = "so few data sets cannot tell ranks apart"
STEP = 0.035  # between two strokes, as a share of the axis
OPACITY = 0.15


def ranks_chart(
    ranks: Float[np.ndarray, " C"],
    groups: Sequence[Sequence[int]],
    difference: float | None,
    labels: Sequence[str],
    styles: Sequence[Style],
) -> Figure:
    """The mean rank of each contender, best on top; a stroke at the left joins those that are not told apart.

    The bar below is as long as the critical difference: a critical-difference diagram on its side.

    Args:
        ranks: of the contenders, 1 is best.
        groups: contenders that are not told apart.
        difference: the critical one; None where no ranks can differ by as much, which the chart says.
        labels: of the contenders, as the axis shows them.
        styles: of the contenders.

    Source: Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", figure 1.
    """
    rows = len(labels)
    order = sorted(range(rows), key=lambda k: (ranks[k], k))
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
            **meta(labels[k], "ranks", group_key(k, styles[k])),
        )
    joined = [[order.index(k) for k in group] for group in groups if len(group) > 1]
    step = STEP * (rows - 1 + 0.5)
    for i, places in enumerate(joined):
        figure.add_scatter(
            x=[1 - 1.5 * step - i * step] * 2,
            y=[min(places) - 0.18, max(places) + 0.18],
            mode="lines",
            line={"color": INK, "width": 4},
            hovertemplate=f"{len(places)} not told apart<extra></extra>",
            **meta("", "ranks"),
        )
    note = TOO_FEW
    if difference is not None:
        note = f"critical difference {difference:.2f}"
        figure.add_scatter(
            x=[1, 1 + difference],
            y=[rows, rows],
            mode="lines+markers",
            line={"color": INK, "width": 2},
            marker={"symbol": "line-ns-open", "size": 10, "line": {"width": 2, "color": INK}},
            hoverinfo="skip",
            **meta("", "ranks"),
        )
    figure.add_annotation(text=note, x=1, y=rows + 0.25, xanchor="left", yanchor="top", showarrow=False)
    named_rows(figure, [f"{place}. {labels[k]}" for place, k in enumerate(order, 1)], below=2.1, showgrid=False)
    ticks = [1 + tick for tick in nice_ticks(0, rows - 1, 11, whole=True)]
    figure.update_xaxes(range=[1 - 2 * step - len(joined) * step, rows + 0.5 + 2 * step], tickvals=ticks)
    return figure.update_layout(height=80 + HEIGHT * (rows + 2))


def profiles_chart(
    thresholds: Float[np.ndarray, " T"],
    profiles: Float[np.ndarray, "C T"],
    low: Float[np.ndarray, "C T"],
    high: Float[np.ndarray, "C T"],
    labels: Sequence[str],
    styles: Sequence[Style],
) -> Figure:
    """Each contender's share of runs above every normalised score, with its band.

    Args:
        thresholds: scores, ascending.
        profiles: shares of runs above them.
        low: lower ends of the bands, NaN where there are none.
        high: upper ends.
        labels: of the contenders.
        styles: of the contenders.

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.2.
    """
    figure = frame("Normalised score", "Share of runs above it")
    for k in grey_first(styles):
        style = styles[k]
        common = meta(labels[k], "profiles", group_key(k, style))
        if style.own and np.isfinite(low[k]).all():
            figure.add_trace({**band(thresholds, low[k], high[k]), "fillcolor": style.fill(OPACITY), **common})
        figure.add_scatter(
            x=thresholds,
            y=profiles[k],
            mode="lines+markers" if style.symbol else "lines",
            line={"color": style.color, "width": 2.2 if style.own else 1},
            marker={"symbol": style.symbol or "circle", "size": 7, "maxdisplayed": 8},
            opacity=1 if style.own else 0.45,
            hovertemplate="%{meta[0]}<br>%{y:.0%} above %{x:.2f}<extra></extra>",
            **common,
        )
    above = np.flatnonzero((profiles >= 0.999).all(0))  # all runs of all contenders, or nearly so
    start = thresholds[max(int(above[-1]) - 2, 0)] if len(above) else thresholds[0]
    figure.update_xaxes(range=[float(start), float(thresholds[-1])])
    return figure.update_yaxes(range=[-0.02, 1.03], tickformat=".0%")
