"""Charts of a network's loss: slices, Taylor models along a direction, and the eigenvalues of its Hessian."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import loss_text
from trainwell.display.canvas import GRID, INK, Figure, band, frame, logarithmic
from trainwell.display.palette import COLORS, Chip, meta

FILL = ((0.0, "rgba(0,114,178,0.42)"), (0.5, "rgba(0,114,178,0.16)"), (1.0, "rgba(0,114,178,0.02)"))
LEVELS = 18
STEEP = 10.0
"""The scale is logarithmic if the highest loss exceeds the lowest by this factor."""
LEAST = 1e-4
"""Lowest loss of a logarithmic scale, as a multiple of the median loss."""


def slice_chart(
    axes: Sequence[Float[np.ndarray, " A"]],
    losses: Float[np.ndarray, "A *B"],
    labels: Sequence[str],
    centre_loss: float,
    path: Float[np.ndarray, "T n"],
    path_losses: Float[np.ndarray, " T"],
    marks: Mapping[str, Float[np.ndarray, " n"]],
    mark_losses: Mapping[str, float],
) -> Figure:
    """The loss along one direction as a curve, or along two directions as contours; blank where it is not finite.

    The path and the marks may be outside the slice. Along one direction they are drawn at their own losses, so possibly
    off the curve; in a plane they are projected. The scale is logarithmic if the losses differ by a large factor.

    Args:
        axes: coordinates along each of the one or two directions; the centre is at 0.
        losses: at every point of the grid.
        labels: of the directions.
        centre_loss: loss at the centre.
        path: coordinates of the path's points in the slice; without rows if there is no path.
        path_losses: loss at the path's points (not at their projections).
        marks: label -> coordinates of other points in the slice.
        mark_losses: label -> loss at these points (not at their projections).
    """
    own = {"centre": centre_loss, **mark_losses}
    positions = np.stack([np.zeros(len(axes)), *marks.values()])
    if len(axes) == 1:
        figure = frame(escape(labels[0]), "Loss")
        figure.add_trace(_curve(axes[0], losses))
        if _is_steep(np.concatenate([losses, path_losses, [*own.values()]])):
            figure.update_yaxes(type="log", tickformat="~g")
        path = np.stack([path[:, 0], path_losses], 1)
        positions = np.stack([positions[:, 0], [*own.values()]], 1)
    else:
        figure = frame(*map(escape, labels))
        figure.add_trace(_contours(axes, losses))
        ends = [[float(axis[0]), float(axis[-1])] for axis in axes]
        figure.update_xaxes(range=ends[0]).update_yaxes(range=ends[1])
    if len(path):
        figure.add_trace(_path(path, path_losses))
    return figure.add_trace(_marks(positions, own)).update_layout(showlegend=False)


def _curve(x: Float[np.ndarray, " A"], losses: Float[np.ndarray, " A"]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "x": x,
        "y": _finite(losses),
        "mode": "lines",
        "line": {"color": COLORS[0], "width": 2.4},
        "hovertemplate": "%{x:.3~g}: loss %{y:.4~g}<extra></extra>",
        **meta("loss", "slice"),
    }


def _contours(axes: Sequence[Float[np.ndarray, " A"]], losses: Float[np.ndarray, "A B"]) -> dict[str, Any]:
    """Contour lines on a heatmap that is strongest where the loss is lowest, with a colour bar.

    A heatmap, because the translucent colours of filled contours would overlap and add up.
    """
    losses = _finite(losses).T  # a row per point of the second axis
    heights, steep = losses, _is_steep(losses)
    if steep:
        heights = np.log10(np.maximum(losses, LEAST * np.nanmedian(losses)))
    finite = heights[np.isfinite(heights)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    step = (high - low) / LEVELS or 1.0
    positions = np.linspace(low, high, 7)
    return {
        "type": "contour",
        "x": axes[0],
        "y": axes[1],
        "z": heights.astype(np.float32),
        "customdata": losses.astype(np.float32),
        "autocontour": False,
        "contours": {"start": low + step / 2, "end": high - step / 2, "size": step, "coloring": "heatmap"},
        "line": {"color": "rgba(128,128,128,0.55)", "width": 0.7},
        "colorscale": FILL,
        "zmin": low,
        "zmax": high,
        "colorbar": {
            "title": {"text": "Loss"},
            "tickvals": positions.tolist(),
            "ticktext": [loss_text(10**position if steep else position) for position in positions],
            "thickness": 12,
            "outlinewidth": 0,
        },
        "hovertemplate": "(%{x:.3~g}, %{y:.3~g}): loss %{customdata:.4~g}<extra></extra>",
        "hoverongaps": False,
        "connectgaps": False,
        **meta("loss", "slice"),
    }


def _marks(positions: Float[np.ndarray, "n 2"], losses: Mapping[str, float]) -> dict[str, Any]:
    """A star for the first point (the centre), and diamonds for the others."""
    names = list(map(escape, losses))
    return {
        "type": "scatter",
        "x": positions[:, 0],
        "y": positions[:, 1],
        "mode": "markers+text",
        "marker": {
            "size": [13, *[10] * (len(names) - 1)],
            "symbol": ["star", *["diamond"] * (len(names) - 1)],
            "color": INK,
            "line": {"color": GRID, "width": 1},
        },
        "text": ["", *names[1:]],
        "textposition": "top center",
        "customdata": [f"{name}: loss {loss_text(loss)}" for name, loss in zip(names, losses.values(), strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
        "cliponaxis": False,
        **meta("marks", "marks"),
    }


def _path(positions: Float[np.ndarray, "T 2"], losses: Float[np.ndarray, " T"]) -> dict[str, Any]:
    """The path as a line with a dot at each point and an open circle at its start."""
    T, color = len(positions), COLORS[1]
    return {
        "type": "scatter",
        "x": positions[:, 0],
        "y": positions[:, 1],
        "mode": "lines+markers",
        "line": {"color": color, "width": 1.8},
        "marker": {
            "color": color,
            "size": [11, *[4] * (T - 1)],
            "symbol": ["circle-open", *["circle"] * (T - 1)],
            "line": {"width": [2, *[0] * (T - 1)]},
        },
        "customdata": [f"point {k + 1} of {T} on the path: loss {loss_text(v)}" for k, v in enumerate(losses)],
        "hovertemplate": "%{customdata}<extra></extra>",
        **meta("path", "path"),
    }


def _finite(losses: np.ndarray) -> Float[np.ndarray, "..."]:
    """The losses as float64, NaN where they are not finite."""
    values = np.asarray(losses, np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _is_steep(losses: np.ndarray) -> bool:
    finite = losses[np.isfinite(losses)]
    return bool(finite.size and finite.min() >= 0 and finite.max() > STEEP * max(finite.min(), 0) and finite.max() > 0)


LOSS, FIRST, SECOND = COLORS[0], COLORS[2], COLORS[1]
ALONG_BUTTONS = (
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
    """The density of eigenvalues on a logarithmic axis, with ticks at individually computed eigenvalues.

    Args:
        x: eigenvalues at which the density was evaluated.
        density: the density there.
        error: its standard error; not finite where unknown.
        known: individually computed eigenvalues.
        alone: height of the peak of a single eigenvalue; the axis ends a little below it.
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
    # Not powers with an exponent: its axis does not leave them the room they take.
    return figure.update_yaxes(range=[low, high], **logarithmic(high - low))


def along_chart(
    distances: Float[np.ndarray, " T"],
    losses: Float[np.ndarray, " T"],
    tangent: Float[np.ndarray, " T"],
    parabola: Float[np.ndarray, " T"],
) -> Figure:
    """The loss along a direction, with its first- and second-order Taylor models. The network is at distance 0.

    Args:
        distances: distances from the network; the middle one is 0.
        losses: losses there.
        tangent: values of the first-order Taylor model.
        parabola: values of the second-order Taylor model.
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
