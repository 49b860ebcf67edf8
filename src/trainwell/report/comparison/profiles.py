"""Score profiles: the share of runs above every score, over all data sets."""

from collections.abc import Sequence
from html import escape

import numpy as np
import plotly.graph_objects as go

from trainwell.comparison import Across
from trainwell.display import frame
from trainwell.report.legend import group_key
from trainwell.report.palette import Style

OPACITY = 0.15


def profiles_chart(across: Across, labels: Sequence[str], styles: Sequence[Style]) -> go.Figure:
    """Each contender's share of runs above every normalised score, with its bootstrap band.

    Args:
        across: all data sets together.
        labels: of the contenders.
        styles: of the contenders.

    Source: Agarwal et al. (2021), "Deep reinforcement learning at the edge of the statistical precipice", section 4.2.
    """
    figure = frame("Normalised score", "Share of runs above it")
    x = across.thresholds
    for k in sorted(range(len(labels)), key=lambda k: styles[k].own):
        style = styles[k]
        common = {"meta": [escape(labels[k]), "profiles", group_key(k, style)]}
        low, high = across.profiles_low[k], across.profiles_high[k]
        if style.own and np.isfinite(low).all():
            figure.add_scatter(
                x=np.concatenate([x, x[::-1]]),
                y=np.concatenate([high, low[::-1]]),
                fill="toself",
                fillcolor=style.fill(OPACITY),
                mode="none",
                hoverinfo="skip",
                **common,
            )
        figure.add_scatter(
            x=x,
            y=across.profiles[k],
            mode="lines+markers" if style.symbol else "lines",
            line={"color": style.color, "width": 2.2 if style.own else 1},
            marker={"symbol": style.symbol or "circle", "size": 7, "maxdisplayed": 8},
            opacity=1 if style.own else 0.45,
            hovertemplate="%{meta[0]}<br>%{y:.0%} above %{x:.2f}<extra></extra>",
            **common,
        )
    return figure.update_yaxes(range=[-0.02, 1.03], tickformat=".0%").update_xaxes(range=[_start(across), float(x[-1])])


def _start(across: Across) -> float:
    """The last threshold that all runs of all contenders are above, or nearly so."""
    all_above = np.flatnonzero((across.profiles >= 0.999).all(0))
    return float(across.thresholds[max(int(all_above[-1]) - 2, 0)]) if len(all_above) else float(across.thresholds[0])
