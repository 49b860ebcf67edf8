"""Charts of a network's curvature: the density of the eigenvalues, and the loss along a direction."""

import numpy as np
import plotly.graph_objects as go

from trainwell.display import GRID, INK, frame
from trainwell.landscape import EigenvalueDensity, LossAlong, Spectrum
from trainwell.report.legend import Chip
from trainwell.report.palette import COLORS

LOSS, FIRST, SECOND = COLORS[0], COLORS[2], COLORS[1]
MODELS = (
    Chip("loss", "the loss", LOSS),
    Chip("second", "parabola (second-order Taylor model)", SECOND),
    Chip("first", "tangent (first-order Taylor model)", FIRST),
)
"""The legend of the charts along a direction."""


def density_chart(density: EigenvalueDensity, spectrum: Spectrum, leading: np.ndarray) -> go.Figure:
    """The density of the eigenvalues on a logarithmic axis, with ticks where single ones are known.

    Args:
        density: the curve.
        spectrum: what it is of; all its eigenvalues get ticks where they are known.
        leading: the largest eigenvalues, which get ticks where not all are known, and so does the smallest.
    """
    figure = frame("Eigenvalue (curvature)", "Density")
    # One eigenvalue alone is a bump this high: what is lower is the foot of a bump.
    alone = 1 / (spectrum.num_parameters * density.width * (2 * np.pi) ** 0.5)
    low, high = np.log10(alone) - 1.3, np.log10(density.density.max()) + 0.3
    floor = 10**low
    x, y, error = density.grid, density.density, density.standard_error
    common = {"meta": ["", "density", ""]}
    if np.isfinite(error).all():
        above, below = y + 2 * error, np.maximum(y - 2 * error, floor)
        figure.add_scatter(
            x=np.concatenate([x, x[::-1]]),
            y=np.maximum(np.concatenate([above, below[::-1]]), floor),
            fill="toself",
            fillcolor="rgba(0,114,178,0.18)",
            mode="none",
            hoverinfo="skip",
            **common,
        )
    figure.add_scatter(
        x=x,
        y=np.where(y > floor, y, np.nan),
        mode="lines",
        line={"color": LOSS, "width": 2},
        hovertemplate="eigenvalue %{x:.3g}<br>density %{y:.3g}<extra></extra>",
        **common,
    )
    known = [spectrum.smallest, *leading[::-1]] if spectrum.eigenvalues is None else spectrum.eigenvalues
    figure.add_scatter(
        x=known,
        y=np.full(len(known), floor * 1.25),
        mode="markers",
        marker={"symbol": "line-ns-open", "size": 12, "color": SECOND, "line": {"width": 1.5}},
        hovertemplate="eigenvalue %{x:.4g}<extra></extra>",
        **common,
    )
    figure.add_vline(x=0, line={"color": INK, "width": 1, "dash": "dot"})
    return figure.update_yaxes(type="log", range=[low, high], dtick=1, exponentformat="power")


def along_chart(along: LossAlong) -> go.Figure:
    """The loss along a direction, its tangent and its parabola; the network is at 0.

    Args:
        along: the loss and its models.
    """
    figure = frame("Distance from the network", "Loss")
    t = along.distances
    seen = np.concatenate([along.losses[np.isfinite(along.losses)], along.second])
    span = float(np.ptp(seen)) or abs(float(seen[0])) or 1.0
    for kind, values, dash, color in (
        ("first", along.first, "dot", FIRST),
        ("second", along.second, "dash", SECOND),
        ("loss", along.losses, "solid", LOSS),
    ):
        figure.add_scatter(
            x=t,
            y=values,
            mode="lines",
            line={"color": color, "width": 2.4 if kind == "loss" else 2, "dash": dash},
            hovertemplate="%{meta[0]}<br>at %{x:.3g}: %{y:.4g}<extra></extra>",
            meta=[{"loss": "loss", "second": "parabola", "first": "tangent"}[kind], kind, ""],
        )
    figure.add_scatter(
        x=[0.0],
        y=[float(along.losses[len(t) // 2])],
        mode="markers",
        marker={"color": LOSS, "size": 9},
        hovertemplate="the network<br>loss %{y:.4g}<extra></extra>",
        meta=["the network", "loss", ""],
    )
    figure.add_vline(x=0, line={"color": GRID, "width": 1})
    return figure.update_yaxes(range=[float(seen.min()) - 0.06 * span, float(seen.max()) + 0.06 * span])
