"""The contours of a surface, with its known critical points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from trainwell.core import loss_text
from trainwell.display import INK
from trainwell.report.race.plane import Plane

if TYPE_CHECKING:
    from trainwell.landscape import CriticalPoint, Surface

LEVELS = 16
STEEP = 5.0
"""How many times the middle height the greatest must be for levels to be logarithmic."""
TINT = "rgba(100,130,160,0.03)"
"""Of one level: Plotly lays the fill of a level over those of the levels before it."""
MARKS = {"minimum": ("star", 13), "saddle": ("x-thin", 9), "maximum": ("triangle-up", 10)}
MOST_MARKS = 60
LEAST_HEIGHT = 2e-3
"""Lowest height that logarithmic levels reach, in the middle one."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A surface over the window of a plane.

    Attributes:
        x: across.
        y: upwards.
        values: of the surface, a row per y.
        logarithmic: whether heights above the lowest value are drawn by their logarithm.
    """

    x: Float[np.ndarray, " X"]
    y: Float[np.ndarray, " Y"]
    values: Float[np.ndarray, "Y X"]
    logarithmic: bool

    @property
    def heights(self) -> Float[np.ndarray, "Y X"]:
        """What is drawn: values, or the logarithm of their height above the lowest."""
        if not self.logarithmic:
            return self.values
        above = self.values - np.nanmin(self.values)
        return np.asarray(np.log10(np.maximum(above, LEAST_HEIGHT * np.nanmedian(above))))


def contour_of(surface: "Surface", plane: Plane, size: int = 160) -> Contour:
    """Evaluate a surface over the window of a plane.

    Args:
        surface: what is drawn.
        plane: where.
        size: points along each axis.
    """
    x, y = (np.linspace(low, high, size) for low, high in plane.window)
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    values = np.asarray(surface.values(plane.points(grid)), np.float64).reshape(size, size)
    values = np.where(np.isfinite(values), values, np.nan)
    above = values - np.nanmin(values)
    steep = bool(np.nanmax(above) > STEEP * np.nanmedian(above) > 0)
    return Contour(x, y, values, steep)


def contour_trace(contour: Contour) -> dict[str, Any]:
    """The contours as lines on a tint that is strongest where the surface is lowest: what is drawn are depths.

    One tint per level, as a smooth one takes five times as long and the player draws the chart anew at every stop.
    """
    depths = -contour.heights.astype(np.float32)
    low, high = float(np.nanmin(depths)), float(np.nanmax(depths))
    step = (high - low) / LEVELS or 1.0
    return {
        "type": "contour",
        "x": contour.x,
        "y": contour.y,
        "z": depths,
        "autocontour": False,
        "contours": {"start": low + step / 2, "end": high - step / 2, "size": step, "coloring": "fill"},
        "line": {"color": "rgba(128,128,128,0.55)", "width": 0.7},
        "colorscale": ((0.0, TINT), (1.0, TINT)),
        "showscale": False,
        "hoverinfo": "skip",
        "meta": ["surface", "surface", "all"],
    }


def mark_traces(surface: "Surface", plane: Plane) -> list[dict[str, Any]]:
    """The known critical points in the plane: stars are minima (open ones local), crosses saddles, triangles maxima.

    Of very many only the global minima are marked.
    """
    there = [one for one in surface.critical if plane.holds(one.point)]
    if len(there) > MOST_MARKS:
        there = [one for one in there if one.kind == "minimum" and one.is_global][:MOST_MARKS]
    places = [plane.places(one.point).tolist() for one in there]
    return [mark_trace(there, places)] if there else []


def mark_trace(critical: Sequence["CriticalPoint"], places: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Critical points at places of a chart."""
    kinds = [_kind(one.kind, is_global=one.is_global) for one in critical]
    return {
        "type": "scatter",
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "mode": "markers",
        "marker": {
            "symbol": [symbol for symbol, _, _ in kinds],
            "size": [size for _, size, _ in kinds],
            "color": INK,
            "line": {"width": 1.6, "color": INK},
        },
        "customdata": [
            f"{words}, value {loss_text(one.value)}" for one, (*_, words) in zip(critical, kinds, strict=True)
        ],
        "hovertemplate": "%{customdata}<extra></extra>",
        "meta": ["critical points", "critical", "all"],
    }


def _kind(kind: str, *, is_global: bool) -> tuple[str, int, str]:
    """Symbol, size and words of a critical point."""
    symbol, size = MARKS[kind]
    if kind != "minimum":
        return symbol, size, kind
    return (symbol, size, "global minimum") if is_global else (f"{symbol}-open", size - 3, "local minimum")
