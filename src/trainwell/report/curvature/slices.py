"""Slices of a loss: along one direction a curve, along two contours, with the path and the marked points drawn in."""

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import plotly.graph_objects as go
from jaxtyping import Float

from trainwell.core import loss_text
from trainwell.display import GRID, INK, frame
from trainwell.report.palette import COLORS

if TYPE_CHECKING:
    from trainwell.landscape import Slice

BLUE, ORANGE = COLORS[:2]
FILL = ((0.0, "rgba(0,114,178,0.42)"), (0.5, "rgba(0,114,178,0.16)"), (1.0, "rgba(0,114,178,0.02)"))
LEVELS = 18
STEEP = 10.0
"""How many times the lowest loss the highest must be for the scale to be logarithmic."""
LEAST = 1e-4
"""Lowest loss that a logarithmic scale reaches, in the middle one."""


def slice_curve(found: "Slice") -> go.Figure:
    """The loss along one direction; the path's points and the marks at their own losses, off the curve if outside.

    Args:
        found: a slice along one direction.

    Raises:
        ValueError: it has two.
    """
    _check(found, 1)
    figure = frame(escape(found.labels[0]), "Loss")
    figure.add_scatter(
        x=found.axes[0],
        y=_finite(found.losses),
        mode="lines",
        line={"color": BLUE, "width": 2.4},
        hovertemplate="%{x:.3~g}: loss %{y:.4~g}<extra></extra>",
        meta=["loss", "slice", "all"],
    )
    figure.add_traces(_drawn_in(found, [found.path[:, 0], found.path_losses], found.mark_losses))
    heights = np.concatenate([found.losses, found.path_losses, [*found.mark_losses.values()], [found.centre_loss]])
    if _is_steep(heights):
        figure.update_yaxes(type="log", tickformat="~g")
    return figure.update_layout(showlegend=False)


def slice_contour(found: "Slice") -> go.Figure:
    """The loss along two directions, the path and the marks projected into the plane; blank where it is not finite.

    Levels are evenly spaced in the logarithm where the highest loss is many times the lowest.

    Args:
        found: a slice along two directions.

    Raises:
        ValueError: it has one.
    """
    _check(found, 2)
    figure = frame(*(escape(label) for label in found.labels))
    figure.add_trace(_contours(found))
    figure.add_traces(_drawn_in(found, list(found.path.T), None))
    ends = [[float(axis[0]), float(axis[-1])] for axis in found.axes]
    return figure.update_xaxes(range=ends[0]).update_yaxes(range=ends[1]).update_layout(showlegend=False)


def projection_words(found: "Slice") -> str:
    """What a reader must know of the path in a slice; empty where none is drawn."""
    if not np.isfinite(found.outside):
        return ""
    where = "line" if len(found.axes) == 1 else "plane"
    return f"The path is drawn as its shadow in the {where}: {found.outside:.0%} of its length lies outside."


def _check(found: "Slice", directions: int) -> None:
    if len(found.axes) != directions:
        raise ValueError(f"this chart is of slices along {directions}, this one is along {len(found.axes)}")


def _contours(found: "Slice") -> dict[str, Any]:
    """Contours on a tint that is deepest where the loss is lowest, with a bar that tells the levels.

    Filled contours of translucent colours would lie on top of each other and add up; a heatmap's do not.
    """
    losses = _finite(found.losses).T  # a row per point of the second axis
    heights, steep = losses, _is_steep(losses)
    if steep:
        heights = np.log10(np.maximum(losses, LEAST * np.nanmedian(losses)))
    there = heights[np.isfinite(heights)]
    low, high = (float(there.min()), float(there.max())) if there.size else (0.0, 1.0)
    step = (high - low) / LEVELS or 1.0
    places = np.linspace(low, high, 7)
    return {
        "type": "contour",
        "x": found.axes[0],
        "y": found.axes[1],
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
            "tickvals": places.tolist(),
            "ticktext": [loss_text(10**place if steep else place) for place in places],
            "thickness": 12,
            "outlinewidth": 0,
        },
        "hovertemplate": "(%{x:.3~g}, %{y:.3~g}): loss %{customdata:.4~g}<extra></extra>",
        "hoverongaps": False,
        "connectgaps": False,
        "meta": ["loss", "slice", "all"],
    }


def _drawn_in(found: "Slice", path: Sequence[np.ndarray], heights: Any) -> list[dict[str, Any]]:
    """The path, a star for the centre, and the marks; with one direction at their losses."""
    traces = []
    if len(found.path):
        traces.append(_path(found, path))
    labels = ["centre", *found.marks]
    places = np.stack([np.zeros(len(found.axes)), *found.marks.values()])
    losses = [found.centre_loss, *found.mark_losses.values()]
    marker = {"size": [13, *[10] * len(found.marks)], "symbol": ["star", *["diamond"] * len(found.marks)]}
    traces.append(
        {
            "type": "scatter",
            "x": places[:, 0],
            "y": losses if heights is not None else places[:, 1],
            "mode": "markers+text",
            "marker": {**marker, "color": INK, "line": {"color": GRID, "width": 1}},
            "text": ["", *(escape(label) for label in found.marks)],
            "textposition": "top center",
            "customdata": [
                f"{escape(label)}: loss {loss_text(loss)}" for label, loss in zip(labels, losses, strict=True)
            ],
            "hovertemplate": "%{customdata}<extra></extra>",
            "cliponaxis": False,
            "meta": ["marks", "marks", "all"],
        }
    )
    return traces


def _path(found: "Slice", path: Sequence[np.ndarray]) -> dict[str, Any]:
    """The path as a line with a dot per point, an open circle where it starts."""
    T = len(found.path)
    return {
        "type": "scatter",
        "x": path[0],
        "y": path[1],
        "mode": "lines+markers",
        "line": {"color": ORANGE, "width": 1.8},
        "marker": {
            "color": ORANGE,
            "size": [11, *[4] * (T - 1)],
            "symbol": ["circle-open", *["circle"] * (T - 1)],
            "line": {"width": [2, *[0] * (T - 1)]},
        },
        "customdata": [
            f"point {k + 1} of {T} on the path: loss {loss_text(v)}" for k, v in enumerate(found.path_losses)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": ["path", "path", "all"],
    }


def _finite(losses: np.ndarray) -> Float[np.ndarray, "..."]:
    """The losses in float64, gaps where they are not finite."""
    values = np.asarray(losses, np.float64)
    return np.where(np.isfinite(values), values, np.nan)


def _is_steep(losses: np.ndarray) -> bool:
    there = losses[np.isfinite(losses)]
    return bool(there.size and there.min() >= 0 and there.max() > STEEP * max(there.min(), 0) and there.max() > 0)
