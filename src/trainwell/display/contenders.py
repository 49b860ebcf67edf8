"""Charts that compare contenders: all runs in rows, differences of pairs, ranks and profiles over data sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Float

from trainwell.display.canvas import GRID, INK, Figure, band, frame, named_rows
from trainwell.display.palette import COLORS, GREY, Drawn, Style, grey_first, group_key, meta
from trainwell.display.scales import nice_ticks
from trainwell.display.texts import Estimate

ROW = 28  # pixels of a row


@dataclass(frozen=True, eq=False)
class Results(Drawn):
    """The results of a contender.

    Attributes:
        short: the label at the axis.
        values: of its runs; −Inf or Inf for runs without a value, which are drawn at that end of the axis.
        lost: mask of the runs drawn as crosses (diverged ones).
        texts: hover text of each run.
        interval: the mean of the runs with its interval.
        text: `interval` as text.
    """

    short: str
    values: Float[np.ndarray, " n"]
    lost: Bool[np.ndarray, " n"]
    texts: Sequence[str]
    interval: Estimate
    text: str


def row_chart(rows: Sequence[Results], x_title: str, limits: tuple[float, float]) -> Figure:
    """One row per contender with its runs and the mean with its interval.

    Runs beyond the axis are drawn as triangles at its end, diverged ones as crosses. A mean beyond the axis is drawn as
    an arrow with the number.

    Args:
        rows: the contenders, the first at the top.
        x_title: title of the axis.
        limits: ends of the axis.
    """
    figure = frame(x_title)
    low, high = limits
    ends = low + 0.012 * (high - low), high - 0.012 * (high - low)
    for index, row in enumerate(rows):
        figure.add_trace(_dots(index, row, ends))
        if row.interval.n > 1 and isfinite(row.interval.mean):  # a single run has only its dot
            figure.add_trace(_interval(index, row, limits, ends))
    named_rows(figure, [row.short for row in rows], gridcolor=GRID, gridwidth=0.5)
    return figure.update_xaxes(range=list(limits)).update_layout(height=80 + ROW * max(len(rows), 2))


def _dots(index: int, row: Results, ends: tuple[float, float]) -> dict[str, Any]:
    values = np.asarray(row.values, np.float64)
    inside = (values >= ends[0]) & (values <= ends[1])
    beyond = np.where(values < ends[0], "triangle-left-open", "triangle-right-open")
    symbols = np.where(row.lost, "x-thin", np.where(inside, "circle", beyond))
    spread = np.linspace(-0.24, 0.24, len(values)) * (len(values) > 1)  # so that equal values do not overlap
    return {
        **row.common("final"),
        "x": np.clip(values, *ends),
        "y": index + spread,
        "mode": "markers",
        "marker": {
            "color": row.style.color,
            "symbol": symbols.tolist(),
            "size": 7,
            "opacity": 0.55,
            "line": {"color": row.style.color, "width": np.where(inside & ~row.lost, 0.0, 1.6).tolist()},
        },
        "customdata": list(map(escape, row.texts)),
        "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>",
    }


def _interval(index: int, row: Results, limits: tuple[float, float], ends: tuple[float, float]) -> dict[str, Any]:
    """The interval with a stroke at the mean; an arrow if the mean is beyond the axis."""
    found, color = row.interval, row.style.color
    common = {**row.common("final"), "hovertemplate": "%{meta[0]}<br>%{customdata}<extra></extra>"}
    if not limits[0] <= found.mean <= limits[1]:
        left = found.mean < limits[0]
        return {
            **common,
            "x": [ends[0] if left else ends[1]],
            "y": [index],
            "mode": "markers+text",
            "marker": {"symbol": f"arrow-{'left' if left else 'right'}", "size": 13, "color": color},
            "text": [f"  {row.text.partition(' [')[0]}  "],
            "textposition": "middle right" if left else "middle left",
            "customdata": [escape(row.text)],
        }
    known = isfinite(found.low) or isfinite(found.high)
    low, high = (np.clip(found.low, *limits), np.clip(found.high, *limits)) if known else (found.mean, found.mean)
    return {
        **common,
        "x": [low, found.mean, high],
        "y": [index] * 3,
        "mode": "lines+markers",
        "line": {"color": color, "width": 2.6},
        "marker": {
            "symbol": "line-ns-open",
            "size": [9, 20, 9] if known else [20, 20, 20],
            "line": {"width": 2.6, "color": color},
        },
        "customdata": [escape(row.text)] * 3,
    }


def seeds_chart(rows: Sequence[Results], x_title: str) -> Figure:
    """One row per contender with its runs and the mean with its interval. The axis shows all values.

    Args:
        rows: the contenders, the first at the top; diverged runs are not drawn.
        x_title: title of the axis.
    """
    figure = frame(x_title)
    for index, row in enumerate(rows):
        figure.add_scatter(
            x=row.values,
            y=index + np.linspace(-0.2, 0.2, len(row.values)) * (len(row.values) > 1),  # equal scores do not overlap
            mode="markers",
            marker={"color": row.style.color, "size": 8, "opacity": 0.5},
            customdata=list(row.texts),
            hovertemplate="%{meta[0]}<br>%{customdata}<extra></extra>",
            meta=row.common("final")["meta"],
        )
        found = row.interval
        if found.n > 1:
            line = {"width": 2.5, "color": row.style.color}
            figure.add_scatter(
                x=[found.low, found.mean, found.high],
                y=[index] * 3,
                mode="lines+markers",
                line=line,
                marker={"symbol": "line-ns-open", "size": [9, 19, 9], "line": line},
                text=[row.text] * 3,
                hovertemplate="%{meta[0]}<br>%{text}<extra></extra>",
                meta=row.common("final")["meta"],
            )
    named_rows(figure, [row.short for row in rows], showgrid=False)
    return figure.update_layout(height=80 + ROW * len(rows), showlegend=False)


Kind = Literal["better", "small", "equal", "open"]
"""Result for a pair: a difference, a difference smaller than the margin, equivalent, or undecided."""
PAIR_STYLES: dict[Kind, tuple[str, str, str]] = {
    "better": ("▲", COLORS[0], "circle"),
    "small": ("△", COLORS[5], "circle-open"),
    "equal": ("≈", COLORS[2], "square"),
    "open": ("?", GREY, "diamond-open"),
}
"""Text symbol, colour and marker of each kind."""
PAIR = 30  # pixels of a pair's row


@dataclass(frozen=True)
class Difference:
    """The difference of a pair of contenders.

    Attributes:
        name: of the pair.
        advantage: by how much the better one is better, at least 0; the ends may be infinite or NaN.
        kind: the result of the test.
        words: hover text.
    """

    name: str
    advantage: Estimate
    kind: Kind
    words: str


def forest_chart(differences: Sequence[Difference], margin: float, x_title: str) -> Figure:
    """One row per difference with its interval, the first at the top. The margin is a band.

    Filled circles are significant differences, hollow ones significant but smaller than the margin; squares are
    equivalent pairs; hollow diamonds are undecided.

    Args:
        differences: the differences.
        margin: differences smaller than this do not matter.
        x_title: title of the axis.
    """
    figure = frame(x_title)
    for index, one in enumerate(differences):
        _, color, marker = PAIR_STYLES[one.kind]
        found = one.advantage
        known = isfinite(found.low) and isfinite(found.high)
        figure.add_scatter(
            x=[found.mean],
            y=[index],
            mode="markers",
            marker={"symbol": marker, "size": 10, "color": color, "line": {"width": 2, "color": color}},
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [found.high - found.mean] if known else [0],
                "arrayminus": [found.mean - found.low] if known else [0],
                "color": color,
                "thickness": 2,
                "width": 5,
            },
            customdata=[escape(one.words)],
            hovertemplate="%{customdata}<extra></extra>",
            **meta("pair", "pair"),
        )
    figure.add_vrect(x0=-margin, x1=margin, fillcolor="rgba(128,128,128,0.16)", line_width=0, layer="below")
    figure.add_vline(x=0, line={"color": INK, "width": 1})
    named_rows(figure, [f"{one.name}  {PAIR_STYLES[one.kind][0]}" for one in differences], showgrid=False)
    return figure.update_xaxes(range=_span(differences, margin)).update_layout(
        height=90 + PAIR * max(len(differences), 2)
    )


def _span(differences: Sequence[Difference], margin: float) -> list[float]:
    ends = np.array([[found.mean, found.low, found.high] for found in (one.advantage for one in differences)])
    ends = ends[np.isfinite(ends)]
    largest = float(np.abs(ends).max(initial=0.0)) or margin
    low = min(float(ends.min(initial=0.0)), -min(margin, largest / 2))
    high = max(float(ends.max(initial=0.0)), min(margin, largest / 2))
    room = 0.05 * (high - low)
    return [low - room, high + room]


TOO_FEW = "too few data sets for significant differences of ranks"
STEP = 0.035  # between two strokes, as a share of the axis
OPACITY = 0.15


def ranks_chart(
    ranks: Float[np.ndarray, " C"],
    groups: Sequence[Sequence[int]],
    difference: float | None,
    labels: Sequence[str],
    styles: Sequence[Style],
) -> Figure:
    """A critical-difference diagram with rows: the mean rank of each contender, the best at the top.

    A vertical bar at the left joins contenders without a significant difference. The length of the bar at the bottom is
    the critical difference.

    Args:
        ranks: mean ranks of the contenders, 1 is best.
        groups: groups of contenders without a significant difference, as indices.
        difference: the critical difference; None if there are too few data sets for significant differences.
        labels: of the contenders, as shown at the axis.
        styles: of the contenders.

    Source: Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", figure 1.
    """
    rows = len(labels)
    order = sorted(range(rows), key=lambda k: (ranks[k], k))
    figure = frame("Mean rank, 1 is best")
    for index, k in enumerate(order):
        figure.add_scatter(
            x=[ranks[k]],
            y=[index],
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
    for i, positions in enumerate(joined):
        figure.add_scatter(
            x=[1 - 1.5 * step - i * step] * 2,
            y=[min(positions) - 0.18, max(positions) + 0.18],
            mode="lines",
            line={"color": INK, "width": 4},
            hovertemplate=f"{len(positions)} without a significant difference<extra></extra>",
            **meta("", "ranks"),
        )
    _add_difference(figure, difference, rows)
    named_rows(figure, [f"{index}. {labels[k]}" for index, k in enumerate(order, 1)], below=2.1, showgrid=False)
    ticks = [1 + tick for tick in nice_ticks(0, rows - 1, 11, whole=True)]
    figure.update_xaxes(range=[1 - 2 * step - len(joined) * step, rows + 0.5 + 2 * step], tickvals=ticks)
    return figure.update_layout(height=80 + ROW * (rows + 2))


def _add_difference(figure: Figure, difference: float | None, row: int) -> None:
    """Add the critical difference as a bar in a row, or a note that there are too few data sets."""
    note = TOO_FEW
    if difference is not None:
        note = f"critical difference {difference:.2f}"
        figure.add_scatter(
            x=[1, 1 + difference],
            y=[row, row],
            mode="lines+markers",
            line={"color": INK, "width": 2},
            marker={"symbol": "line-ns-open", "size": 10, "line": {"width": 2, "color": INK}},
            hoverinfo="skip",
            **meta("", "ranks"),
        )
    figure.add_annotation(text=note, x=1, y=row + 0.25, xanchor="left", yanchor="top", showarrow=False)


def profiles_chart(
    thresholds: Float[np.ndarray, " T"],
    profiles: Float[np.ndarray, "C T"],
    low: Float[np.ndarray, "C T"],
    high: Float[np.ndarray, "C T"],
    labels: Sequence[str],
    styles: Sequence[Style],
) -> Figure:
    """Performance profiles: each contender's share of runs above every normalised score, with confidence bands.

    Args:
        thresholds: normalised scores, ascending.
        profiles: shares of runs above them.
        low: lower ends of the bands; NaN for none.
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
