"""Charts of optimizers on a surface: values per update, how descents ended, and scores per learning rate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import isfinite
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from trainwell.display.canvas import Figure, frame, logarithmic_axis, named_rows
from trainwell.display.palette import COLORS, GREY, OTHER_STARTS, Drawn, Style, grey_first, group_key, meta
from trainwell.display.texts import short_label

LARGEST = 1e38
"""Larger values are not drawn, since they are near the end of float32's range."""
ABOVE = 100.0
"""A logarithmic axis ends at this multiple of the highest start value."""
BAR = 40  # pixels
SHORT = 24  # characters of a label at a bar
DARK = (COLORS[0], COLORS[1], GREY)
STEEP = 10.0
"""The axis is logarithmic if the highest score exceeds the lowest by this factor."""


def descents_chart(
    updates: Int[np.ndarray, " U"],
    heights: Float[np.ndarray, "C P U"],
    labels: Sequence[str],
    styles: Sequence[Style],
    title: str,
    name: str,
    floor: float | None = None,
    thin: int | None = None,
) -> Figure:
    """A quantity against updates. With several starts, each descent is a thin line and their median a thick one.

    Args:
        updates: numbers of updates at which it was observed.
        heights: the quantity of each contender (C) from each start (P); NaN after a descent has diverged.
        labels: of the contenders.
        styles: of the contenders.
        title: of the vertical axis.
        name: of the quantity, for hover texts.
        floor: smallest lower end of a logarithmic vertical axis; None for a linear axis.
        thin: how many starts get a thin line; None for all.
    """
    figure = frame("Updates", title)
    for k in grey_first(styles):
        style, own = styles[k], np.asarray(heights[k], np.float64)
        own = np.where(abs(own) < LARGEST, own, np.nan)
        opacity, key = {"opacity": 1 if style.own else 0.45}, group_key(k, style)
        if len(own) > 1:
            some = own[:thin]
            figure.add_scatter(
                x=np.tile(np.append(updates, -1), len(some)),
                y=np.concatenate([some, np.full((len(some), 1), np.nan)], 1).ravel().astype(np.float32),
                mode="lines",
                line={"color": style.fill(0.28), "width": 0.8},
                hoverinfo="skip",
                **opacity,
                **meta(labels[k], "curve", key, OTHER_STARTS),
            )
        figure.add_scatter(
            x=updates,
            y=(own[0] if len(own) == 1 else _medians(own)).astype(np.float32),
            mode="lines+markers" if style.symbol else "lines",
            line={"color": style.color, "width": 2.2 if style.own else 1},
            marker={"symbol": style.symbol or "circle", "size": 6, "maxdisplayed": 8},
            hovertemplate=f"%{{meta[0]}}<br>update %{{x}}: {name} %{{y:.4g}}<extra></extra>",
            **opacity,
            **meta(labels[k], "curve", key),
        )
    if floor is None:
        return figure
    finite = heights[np.isfinite(heights)]
    high = min(float(finite.max(initial=1.0)), ABOVE * max(float(np.nanmax(heights[:, :, 0])), floor))
    low = max(float(finite.min(initial=high)), floor)
    return logarithmic_axis(figure, low, max(high, 10 * low))


def _medians(heights: Float[np.ndarray, "P U"]) -> Float[np.ndarray, " U"]:
    """The median over paths at every update. A diverged path counts as Inf."""
    middle = np.median(np.where(np.isnan(heights), np.inf, heights), 0)
    return np.where(np.isfinite(middle), middle, np.nan)


@dataclass(frozen=True, eq=False)
class Rates(Drawn):
    """A contender's scores with each learning rate.

    Attributes:
        learning_rates: the learning rates tried.
        scores: their scores, lower is better; not finite if there is none.
        chosen: index of the chosen learning rate.
        texts: additional hover text of each.
    """

    learning_rates: Sequence[float]
    scores: Sequence[float]
    chosen: int
    texts: Sequence[str]


def rates_chart(contenders: Sequence[Rates], title: str) -> Figure:
    """The score of each learning rate, lower is better. The chosen one is a star.

    Scores that are not finite are not drawn. On a logarithmic axis, a score of 0 is drawn at the lowest positive score.

    Args:
        contenders: the contenders.
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
    """One stacked bar per contender, the first at the top: the share of starts with each outcome.

    Args:
        labels: of the contenders.
        ends: per contender, outcome -> number of starts.
        colors: outcome -> colour, in the order of the bars.
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
