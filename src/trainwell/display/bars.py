"""Shares as bars: how things ended, and what explains how much."""

from collections.abc import Mapping, Sequence
from html import escape

from trainwell.display.canvas import Figure, frame, named_rows, say
from trainwell.display.labels import short_label
from trainwell.display.legend import meta
from trainwell.display.palette import COLORS, GREY

ROW = 40  # pixels
SHORT = 24  # characters
DARK = (COLORS[0], COLORS[1], GREY)


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
    return figure.update_layout(barmode="stack", bargap=0.3, height=80 + ROW * max(len(labels), 2))


def importance_chart(
    shares: Mapping[str, tuple[float, float, float]], texts: Sequence[str], where: Sequence[str]
) -> Figure:
    """One bar per hyperparameter with its 95% interval, the first on top.

    Args:
        shares: by name the share of what is explained and the ends of its interval; may be empty, which the chart says.
        texts: the same in words.
        where: of hyperparameters that only some trials have, which ones; they are grey. Empty for others.
    """
    figure = frame("Share explained, 95% interval")
    rows = list(zip(shares.items(), texts, where, strict=True))[::-1]
    figure.add_bar(
        orientation="h",
        x=[share for (_, (share, _, _)), _, _ in rows],
        y=[escape(name) + (f"<br>{escape(some)}" if some else "") for (name, _), _, some in rows],
        marker={"color": [GREY if some else COLORS[0] for _, _, some in rows]},
        error_x={
            "array": [high - share for (_, (share, _, high)), _, _ in rows],
            "arrayminus": [share - low for (_, (share, low, _)), _, _ in rows],
            "thickness": 1.2,
        },
        customdata=[text for _, text, _ in rows],
        hovertemplate="%{y}: %{customdata}<extra></extra>",
        **meta("importance", "bar"),
    )
    most = max((high for _, _, high in shares.values()), default=1.0)
    figure.update_xaxes(range=[0, min(most * 1.05, 1.02) or 1], tickformat=".0%", nticks=6)
    figure.update_yaxes(showgrid=False, type="category")
    if not rows:
        say(figure, "too few trials to tell")
    height = 44 if any(where) else 30  # all bars alike: room for names of two lines
    return figure.update_layout(height=90 + height * max(len(rows), 2), showlegend=False, bargap=0.35)
