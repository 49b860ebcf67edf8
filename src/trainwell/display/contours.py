"""The contours of a surface, with its known critical points."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import loss_text
from trainwell.display.canvas import INK
from trainwell.display.legend import meta

LEVELS = 16
STEEP = 5.0
"""How many times the middle height the greatest must be for levels to be logarithmic."""
TINT = "rgba(100,130,160,0.03)"
"""Of one level: Plotly lays the fill of a level over those of the levels before it."""
MARKS = {"minimum": ("star", 13), "saddle": ("x-thin", 9), "maximum": ("triangle-up", 10)}
LEAST_HEIGHT = 2e-3
"""Lowest height that logarithmic levels reach, in the middle one."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A surface over a rectangle.

    Attributes:
        x: across.
        y: upwards.
        values: of the surface, a row per y; NaN where it is not finite.
    """

    x: Float[np.ndarray, " X"]
    y: Float[np.ndarray, " Y"]
    values: Float[np.ndarray, "Y X"]

    @property
    def logarithmic(self) -> bool:
        """Whether heights above the lowest value are drawn by their logarithm."""
        above = self.values - np.nanmin(self.values)
        return bool(np.nanmax(above) > STEEP * np.nanmedian(above) > 0)

    @property
    def heights(self) -> Float[np.ndarray, "Y X"]:
        """What is drawn: values, or the logarithm of their height above the lowest."""
        if not self.logarithmic:
            return self.values
        above = self.values - np.nanmin(self.values)
        return np.asarray(np.log10(np.maximum(above, LEAST_HEIGHT * np.nanmedian(above))))


def contour_trace(contour: Contour) -> dict[str, Any]:
    """The contours as lines on a tint that is strongest where the surface is lowest: what is drawn are depths.

    One tint per level, as a smooth one takes five times as long and a player draws the chart anew at every stop.
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
        **meta("surface", "surface"),
    }


def critical_trace(kinds: Sequence[str], values: Sequence[float], places: Sequence[Sequence[float]]) -> dict[str, Any]:
    """Critical points: stars are minima (open ones local), crosses saddles, triangles maxima.

    Args:
        kinds: `global minimum`, `local minimum`, `saddle` or `maximum` of each.
        values: of the surface there.
        places: in the chart.
    """
    looks = [(*MARKS[kind.split()[-1]], kind == "local minimum") for kind in kinds]
    return {
        "type": "scatter",
        "x": [x for x, _ in places],
        "y": [y for _, y in places],
        "mode": "markers",
        "marker": {
            "symbol": [f"{symbol}-open" if is_open else symbol for symbol, _, is_open in looks],
            "size": [size - 3 * is_open for _, size, is_open in looks],
            "color": INK,
            "line": {"width": 1.6, "color": INK},
        },
        "customdata": [f"{kind}, value {loss_text(value)}" for kind, value in zip(kinds, values, strict=True)],
        "hovertemplate": "%{customdata}<extra></extra>",
        **meta("critical points", "critical"),
    }
