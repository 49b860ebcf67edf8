"""Charts of a network's curvature: the density of the eigenvalues, and the loss along a direction."""

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import GRID, INK, Figure, band, frame
from trainwell.display.legend import Chip, meta
from trainwell.display.palette import COLORS

LOSS, FIRST, SECOND = COLORS[0], COLORS[2], COLORS[1]
ALONG = (
    Chip("loss", "the loss", LOSS),
    Chip("second", "parabola (second-order Taylor model)", SECOND),
    Chip("first", "tangent (first-order Taylor model)", FIRST),
)
"""The legend of the charts along a direction."""


def density_chart(
    x: Float[np.ndarray, " G"],
    density: Float[np.ndarray, " G"],
    error: Float[np.ndarray, " G"],
    known: Float[np.ndarray, " K"],
    alone: float,
) -> Figure:
    """The density of eigenvalues on a logarithmic axis, with ticks where single ones are known.

    Args:
        x: where the density was evaluated.
        density: there.
        error: its standard error; not finite where none is known.
        known: single eigenvalues.
        alone: height of the bump that one eigenvalue makes: what is lower is the foot of a bump.
    """
    figure = frame("Eigenvalue (curvature)", "Density")
    low, high = np.log10(alone) - 1.3, np.log10(density.max()) + 0.3
    floor = 10**low
    common = meta("", "density", "")
    if np.isfinite(error).all():
        ends = (np.maximum(end, floor) for end in (density - 2 * error, density + 2 * error))
        figure.add_trace({**band(x, *ends), "fillcolor": "rgba(0,114,178,0.18)", **common})
    figure.add_scatter(
        x=x,
        y=np.where(density > floor, density, np.nan),
        mode="lines",
        line={"color": LOSS, "width": 2},
        hovertemplate="eigenvalue %{x:.3g}<br>density %{y:.3g}<extra></extra>",
        **common,
    )
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


def along_chart(
    distances: Float[np.ndarray, " T"],
    losses: Float[np.ndarray, " T"],
    tangent: Float[np.ndarray, " T"],
    parabola: Float[np.ndarray, " T"],
) -> Figure:
    """The loss along a direction, its tangent and its parabola; the network is at 0.

    Args:
        distances: from the network, which is the middle one.
        losses: there.
        tangent: the first-order Taylor model.
        parabola: the second-order one.
    """
    figure = frame("Distance from the network", "Loss")
    seen = np.concatenate([losses[np.isfinite(losses)], parabola])
    span = float(np.ptp(seen)) or abs(float(seen[0])) or 1.0
    for name, kind, values, dash, color in (
        ("tangent", "first", tangent, "dot", FIRST),
        ("parabola", "second", parabola, "dash", SECOND),
        ("loss", "loss", losses, "solid", LOSS),
    ):
        figure.add_scatter(
            x=distances,
            y=values,
            mode="lines",
            line={"color": color, "width": 2.4 if kind == "loss" else 2, "dash": dash},
            hovertemplate="%{meta[0]}<br>at %{x:.3g}: %{y:.4g}<extra></extra>",
            **meta(name, kind, ""),
        )
    figure.add_scatter(
        x=[0.0],
        y=[float(losses[len(distances) // 2])],
        mode="markers",
        marker={"color": LOSS, "size": 9},
        hovertemplate="the network<br>loss %{y:.4g}<extra></extra>",
        **meta("the network", "loss", ""),
    )
    figure.add_vline(x=0, line={"color": GRID, "width": 1})
    return figure.update_yaxes(range=[float(seen.min()) - 0.06 * span, float(seen.max()) + 0.06 * span])
