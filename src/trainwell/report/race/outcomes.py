"""How the descents of every contender ended, as shares of a bar."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from trainwell.display import frame
from trainwell.report.palette import COLORS, GREY
from trainwell.report.race.ranking import at_global
from trainwell.report.training.scores import short_label

if TYPE_CHECKING:
    from trainwell.landscape import Descents

ROW = 40  # pixels
LONGEST = 24  # characters
ENDS = {
    "converged": COLORS[0],
    "at a global minimum": COLORS[0],
    "at another minimum": COLORS[5],
    "stuck": COLORS[4],
    "running": GREY,
    "escaped": COLORS[3],
    "diverged": COLORS[1],
}
"""Colour of each way to end; where a global minimum is known, descents that converged are told apart by theirs."""
DARK = (COLORS[0], COLORS[1], GREY)


def ends_of(descents: "Descents") -> list[dict[str, int]]:
    """How many of each contender's descents ended in each way."""
    best = at_global(descents).sum(1)
    known = any(one.is_global for one in descents.surface.minima)
    found = []
    for k, label in enumerate(descents.labels):
        counts = descents.count(label)
        if known:
            converged = counts.pop("converged", 0)
            counts |= {"at a global minimum": int(best[k]), "at another minimum": converged - int(best[k])}
        found.append({way: count for way, count in counts.items() if count})
    return found


def ways_of(ends: Sequence[dict[str, int]]) -> dict[str, str]:
    """The ways to end that occur, each with its colour."""
    return {way: color for way, color in ENDS.items() if any(way in one for one in ends)}


def outcomes_chart(descents: "Descents", ends: Sequence[dict[str, int]], order: Sequence[int]) -> go.Figure:
    """One bar per contender, best on top.

    Args:
        descents: from several starts.
        ends: how many of each contender's descents ended in each way: see `ends_of`.
        order: the contenders, best first.
    """
    figure = frame("Share of the starts")
    total = len(descents.starts)
    short = [short_label(label, LONGEST) for label in descents.labels]
    names = list(map(escape, short if len(set(short)) == len(short) else descents.labels))
    for way, color in ways_of(ends).items():
        counts = [ends[k].get(way, 0) for k in order]
        figure.add_bar(
            x=[count / total for count in counts],
            y=list(range(len(order))),
            orientation="h",
            marker={"color": color, "line": {"width": 0}},
            text=[f"{count / total:.0%}" if count >= 0.05 * total else "" for count in counts],
            textposition="inside",
            insidetextanchor="middle",
            textfont={"color": "#FFFFFF" if color in DARK else "#1B1F24"},
            customdata=[[escape(descents.labels[k]), count] for k, count in zip(order, counts, strict=True)],
            hovertemplate=f"%{{customdata[0]}}<br>{way}: %{{customdata[1]:,}} of {total:,} starts<extra></extra>",
            meta=[way, "outcome", "all"],
        )
    rows = {"tickvals": list(range(len(order))), "ticktext": [names[k] for k in order], "showgrid": False}
    figure.update_yaxes(range=[len(order) - 0.4, -0.6], **rows)
    figure.update_xaxes(range=[0, 1], tickformat=".0%")
    return figure.update_layout(barmode="stack", bargap=0.3, height=80 + ROW * max(len(order), 2))
