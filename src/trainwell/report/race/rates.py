"""What every contender reached with each learning rate that tuning tried."""

from collections.abc import Mapping, Sequence
from html import escape
from math import isfinite
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from trainwell.display import frame
from trainwell.report.legend import group_key
from trainwell.report.palette import Style
from trainwell.report.race.axes import logarithmic_axis

if TYPE_CHECKING:
    from trainwell.landscape import RateTuning

TITLES = {"updates": "Mean updates or evaluations until settled", "height": "Median height at the end"}
"""What scores are, by criterion."""
STEEP = 10.0
"""How many times the lowest score the highest must be for a logarithmic axis."""


def rates_chart(
    tunings: Mapping[str, "RateTuning"], criterion: str, labels: Sequence[str], styles: Sequence[Style]
) -> go.Figure:
    """The score of each learning rate, lower is better; the chosen one is a star.

    What has no finite score is left out; on a logarithmic axis 0 stands at the lowest score above it.

    Args:
        tunings: by label.
        criterion: the contenders drawn are those judged by it.
        labels: of all contenders.
        styles: of them.
    """
    figure = frame("Learning rate", TITLES[criterion])
    judged = {label: one for label, one in tunings.items() if one.criterion == criterion}
    scores = np.concatenate([one.scores for one in judged.values()])
    scores = scores[np.isfinite(scores)]
    positive = scores[scores > 0]
    logarithmic = bool(len(positive) and scores.min() >= 0 and positive.max() > STEEP * positive.min())
    for k in sorted(range(len(labels)), key=lambda k: styles[k].own):
        if labels[k] in judged:
            figure.add_trace(_trace(judged[labels[k]], k, styles[k], positive.min() if logarithmic else -np.inf))
    figure.update_xaxes(type="log", tickformat="~g", dtick=1)
    return logarithmic_axis(figure, positive.min(), positive.max()) if logarithmic else figure


def _trace(one: "RateTuning", k: int, style: Style, floor: float) -> go.Scatter:
    scores = np.asarray(one.scores, np.float64).tolist()
    picked = [r == one.chosen for r in range(len(scores))]
    return go.Scatter(
        x=np.asarray(one.learning_rates, np.float64).tolist(),
        y=[max(score, floor) if isfinite(score) else None for score in scores],
        mode="lines+markers",
        line={"color": style.color, "width": 1.8 if style.own else 1},
        marker={
            "color": style.color,
            "size": [15 if star else 5 for star in picked],
            "symbol": ["star" if star else style.symbol or "circle" for star in picked],
            "line": {"color": "#FFFFFF", "width": [1.2 if star else 0 for star in picked]},
        },
        opacity=1 if style.own else 0.45,
        customdata=[
            f"{score:.4g}<br>{100 * share:.0f}% of the starts led to a minimum"
            for score, share in zip(scores, one.shares, strict=True)
        ],
        hovertemplate="%{meta[0]}<br>learning rate %{x:.3g}: %{customdata}<extra></extra>",
        meta=[escape(one.label), "tuning", group_key(k, style)],
    )
