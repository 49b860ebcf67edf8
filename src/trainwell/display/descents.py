"""Descents update by update, how they ended, and what they come to with each learning rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from trainwell.display.canvas import Figure, frame, logarithmic_axis, named_rows
from trainwell.display.palette import COLORS, GREY, Drawn, Style, grey_first, group_key, meta
from trainwell.display.texts import short_label

LARGEST = 1e38
"""What is larger is left out: float32 ends soon above."""
ABOVE = 100.0
"""How far above the highest start a logarithmic axis goes."""
BAR = 40  # pixels
SHORT = 24  # characters of a label beside a bar
DARK = (COLORS[0], COLORS[1], GREY)
STEEP = 10.0
"""How many times the lowest score the highest must be for a logarithmic axis."""


def descents_chart(
    updates: Int[np.ndarray, " U"],
    heights: Float[np.ndarray, "C P U"],
    labels: Sequence[str],
    styles: Sequence[Style],
    title: str,
    name: str,
    floor: float | None = None,
) -> Figure:
    """A quantity against updates; of several starts every descent is drawn thin and their median thick.

    Args:
        updates: after which it was observed.
        heights: of each contender, from each start; NaN once a descent has left.
        labels: of the contenders.
        styles: of them.
        title: of the vertical axis.
        name: of the quantity.
        floor: least end of a logarithmic axis, which reaches to not far above the starts; None for an even one.
    """
    figure = frame("Updates", title)
    for k in grey_first(styles):
        style, own = styles[k], np.asarray(heights[k], np.float64)
        own = np.where(abs(own) < LARGEST, own, np.nan)
        common = {"opacity": 1 if style.own else 0.45, **meta(labels[k], "curve", group_key(k, style))}
        if len(own) > 1:
            gap = np.full((len(own), 1), np.nan)
            figure.add_scatter(
                x=np.tile(np.append(updates, -1), len(own)),
                y=np.concatenate([own, gap], 1).ravel().astype(np.float32),
                mode="lines",
                line={"color": style.fill(0.28), "width": 0.8},
                hoverinfo="skip",
                **common,
            )
        figure.add_scatter(
            x=updates,
            y=own[0] if len(own) == 1 else _medians(own),
            mode="lines+markers" if style.symbol else "lines",
            line={"color": style.color, "width": 2.2 if style.own else 1},
            marker={"symbol": style.symbol or "circle", "size": 6, "maxdisplayed": 8},
            hovertemplate=f"%{{meta[0]}}<br>update %{{x}}: {name} %{{y:.4g}}<extra></extra>",
            **common,
        )
    if floor is None:
        return figure
    finite = heights[np.isfinite(heights)]
    high = min(float(finite.max(initial=1.0)), ABOVE * max(float(np.nanmax(heights[:, :, 0])), floor))
    low = max(float(finite.min(initial=high)), floor)
    return logarithmic_axis(figure, low, max(high, 10 * low))


def _medians(heights: Float[np.ndarray, "P U"]) -> Float[np.ndarray, " U"]:
    """The median over paths at every update; one that has left counts as higher than all."""
    middle = np.median(np.where(np.isnan(heights), np.inf, heights), 0)
    return np.where(np.isfinite(middle), middle, np.nan)


@dataclass(frozen=True, eq=False)
class Rates(Drawn):
    """What a contender reached with each learning rate.

    Attributes:
        learning_rates: that were tried.
        scores: of them, lower is better; not finite where there is none.
        chosen: index of the chosen one.
        texts: what is said of each beside the score.
    """

    learning_rates: Sequence[float]
    scores: Sequence[float]
    chosen: int
    texts: Sequence[str]


def rates_chart(contenders: Sequence[Rates], title: str) -> Figure:
    """The score of each learning rate, lower is better; the chosen one is a star.

    What has no finite score is left out; on a logarithmic axis 0 stands at the lowest score above it.

    Args:
        contenders: in their order.
        title: of the vertical axis.
    """
    figure = frame("Learning rate", title)
    scores = np.array([score for one in contenders for score in one.scores if isfinite(score)])
    positive = scores[scores > 0]
    logarithmic = bool(len(positive) and scores.min() >= 0 and positive.max() > STEEP * positive.min())
    for i in grey_first([one.style for one in contenders]):
        figure.add_trace(_rates(contenders[i], positive.min() if logarithmic else -np.inf))
    figure.update_xaxes(type="log", tickformat="~g", dtick=1)
    return logarithmic_axis(figure, positive.min(), positive.max()) if logarithmic else figure


def _rates(one: Rates, floor: float) -> dict[str, Any]:
    style, picked = one.style, [r == one.chosen for r in range(len(one.scores))]
    return {
        **one.common("tuning"),
        "x": list(one.learning_rates),
        "y": [max(score, floor) if isfinite(score) else None for score in one.scores],
        "mode": "lines+markers",
        "line": {"color": style.color, "width": 1.8 if style.own else 1},
        "marker": {
            "color": style.color,
            "size": [15 if star else 5 for star in picked],
            "symbol": ["star" if star else style.symbol or "circle" for star in picked],
            "line": {"color": "#FFFFFF", "width": [1.2 if star else 0 for star in picked]},
        },
        "opacity": 1 if style.own else 0.45,
        "customdata": [f"{score:.4g}<br>{text}" for score, text in zip(one.scores, one.texts, strict=True)],
        "hovertemplate": "%{meta[0]}<br>learning rate %{x:.3g}: %{customdata}<extra></extra>",
    }


def ends_chart(labels: Sequence[str], ends: Sequence[Mapping[str, int]], colors: Mapping[str, str]) -> Figure:
    """One bar per contender, the first on top: the share of starts that ended in each way.

    Args:
        labels: of the contenders.
        ends: how many of each contender's starts ended in each way.
        colors: of the ways to end, in the order of the bars.
    """
    figure = frame("Share of the starts")
    total, rows = sum(ends[0].values()), list(range(len(labels)))
    short = [short_label(label, SHORT) for label in labels]
    for way, color in colors.items():
        counts = [one.get(way, 0) for one in ends]
        figure.add_bar(
            x=[count / total for count in counts],
            y=rows,
            orientation="h",
            marker={"color": color, "line": {"width": 0}},
            text=[f"{count / total:.0%}" if count >= 0.05 * total else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": "#FFFFFF" if color in DARK else "#1B1F24"},
            customdata=[[escape(label), count] for label, count in zip(labels, counts, strict=True)],
            hovertemplate=f"%{{customdata[0]}}<br>{way}: %{{customdata[1]:,}} of {total:,} starts<extra></extra>",
            **meta(way, "outcome"),
        )
    named_rows(figure, short if len(set(short)) == len(short) else labels, showgrid=False)
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure.update_layout(barmode="stack", bargap=0.3, height=80 + BAR * max(len(labels), 2))
