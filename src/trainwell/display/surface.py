"""A surface: its contours, its critical points, and a 3-D chart with the path of one optimizer."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log2
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.core import loss_text
from trainwell.display.canvas import GRID, INK, Figure, frame
from trainwell.display.palette import Style, meta

LEVELS = 16
STEEP = 5.0
"""Contour levels are logarithmic if the greatest height exceeds the median height by this factor."""
TINT = "rgba(100,130,160,0.03)"
"""Fill of one level. The fills of all levels below a point add up."""
GRAIN = 1 / 128
"""Depths are rounded to at most this share of a level: with fewer digits, a page needs half as many bytes for them."""
MARKS = {"minimum": ("star", 13), "saddle": ("x-thin", 9), "maximum": ("triangle-up", 10)}
LEAST_HEIGHT = 2e-3
"""Lowest height of logarithmic levels, as a multiple of the median height."""


@dataclass(frozen=True, eq=False)
class Contour:
    """A surface over a rectangle.

    Attributes:
        x: horizontal coordinates of the grid.
        y: vertical coordinates of the grid.
        values: of the surface, one row per y; NaN where it is not finite.
        top: value above which no contours are drawn.
    """

    x: Float[np.ndarray, " X"]
    y: Float[np.ndarray, " Y"]
    values: Float[np.ndarray, "Y X"]
    top: float = np.inf

    @property
    def logarithmic(self) -> bool:
        """Whether contour levels are logarithmic in the height above the lowest value."""
        above = self.values - np.nanmin(self.values)
        return bool(np.nanmax(above) > STEEP * np.nanmedian(above) > 0)

    @property
    def heights(self) -> Float[np.ndarray, "Y X"]:
        """The values for contours: the surface's values, or log₁₀ of their height above the lowest."""
        if not self.logarithmic:
            return self.values
        above = self.values - np.nanmin(self.values)
        return np.asarray(np.log10(np.maximum(above, LEAST_HEIGHT * np.nanmedian(above))))


def contour_trace(contour: Contour) -> dict[str, Any]:
    """Contour lines and a fill that is strongest where the surface is lowest, since the plotted values are −heights.

    The fill has one colour per level. A smooth fill would take five times as long, and an animation redraws it often.
    """
    depths = -contour.heights
    low, high = float(np.nanmin(depths)), float(np.nanmax(depths))
    low = low if contour.logarithmic else max(low, -contour.top)
    step = (high - low) / LEVELS or 1.0
    grain = 2.0 ** floor(log2(step * GRAIN))
    return {
        "type": "contour",
        "x": contour.x,
        "y": contour.y,
        "z": (np.round(depths / grain) * grain).astype(np.float32),
        "autocontour": False,
        "contours": {"start": low + step / 2, "end": high - step / 2, "size": step, "coloring": "fill"},
        "line": {"color": "rgba(128,128,128,0.55)", "width": 0.7},
        "colorscale": ((0.0, TINT), (1.0, TINT)),
        "showscale": False,
        "hoverinfo": "skip",
        **meta("surface", "surface"),
    }


def critical_trace(
    kinds: Sequence[str], values: Sequence[float], positions: Sequence[Sequence[float]]
) -> dict[str, Any]:
    """Critical points: stars are minima (open ones local), crosses saddles, triangles maxima.

    Args:
        kinds: `global minimum`, `local minimum`, `saddle` or `maximum`, one per point.
        values: values of the surface at these points.
        positions: coordinates in the chart.
    """
    looks = [(*MARKS[kind.split()[-1]], kind == "local minimum") for kind in kinds]
    return {
        "type": "scatter",
        "x": [x for x, _ in positions],
        "y": [y for _, y in positions],
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


LIFT = 0.02
"""Distance of the path above the surface, as a share of its height, so that the surface does not hide it."""
HEIGHT = 520


def ball_chart(
    contour: Contour,
    path: Sequence[tuple[float, float, int]],
    values: Float[np.ndarray, " T"],
    label: str,
    style: Style,
    titles: Sequence[str],
) -> Figure:
    """A surface in 3-D (WebGL) with the path of one contender, which ends in a ball.

    Args:
        contour: the surface.
        path: (x, y, number of updates) of each point.
        values: values of the surface at these points.
        label: name of the contender.
        style: of the contender.
        titles: of the two horizontal axes.
    """
    top = float(np.nanmax(contour.values))
    bottom = min(float(np.nanmin(contour.values)), float(values.min()))

    def height(values: np.ndarray) -> np.ndarray:
        return np.log10(1 + values - bottom) if contour.logarithmic else values

    low, high = height(np.array([bottom, top]))
    figure = frame("")
    figure.add_surface(
        x=contour.x,
        y=contour.y,
        z=height(contour.values).astype(np.float32),
        colorscale=[[0, "#8fb8d8"], [1, "#e9eef2"]],
        showscale=False,
        opacity=0.8,
        hoverinfo="skip",
        contours={"z": {"show": True, "color": GRID, "start": low, "end": high, "size": (high - low) / 14 or 1}},
        **meta("surface", "surface"),
    )
    figure.add_scatter3d(
        x=[x for x, _, _ in path],
        y=[y for _, y, _ in path],
        z=height(np.minimum(values, top)) + LIFT * (high - low),
        mode="lines+markers",
        line={"color": style.color, "width": 7},
        marker={"color": style.color, "size": [3] * (len(path) - 1) + [7]},
        customdata=[[t, value] for (_, _, t), value in zip(path, values.tolist(), strict=True)],
        hovertemplate="%{meta[0]}<br>update %{customdata[0]}: value %{customdata[1]:.4g}<extra></extra>",
        **meta(label, "ball"),
    )
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "showbackground": False}
    upwards = "log10(1 + height)" if contour.logarithmic else "value"
    return figure.update_layout(
        height=HEIGHT,
        scene={
            "xaxis": {**axis, "title": {"text": titles[0]}},
            "yaxis": {**axis, "title": {"text": titles[1]}},
            "zaxis": {**axis, "title": {"text": upwards}},
            "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.7},
            "camera": {"eye": {"x": -0.8, "y": -1.3, "z": 1.35}},
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
