"""A surface in 3-D, projected and drawn as small 2-D areas, so that it needs no WebGL and can be printed."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import Figure, frame
from trainwell.display.palette import Style, meta
from trainwell.display.paths import Paths, path_traces
from trainwell.display.scales import inner_ticks, nice_ticks
from trainwell.display.surface import Contour

SIDES = np.array([1.2, 1.2, 0.6])
"""Sides of the drawn box along x, y and upwards."""
AZIMUTH, ELEVATION = np.radians(-150.0), np.radians(42.0)
"""Direction of view: along the x axis and a little from the side of low y, so that a valley along x is visible."""
ACROSS = np.array([-np.sin(AZIMUTH), np.cos(AZIMUTH), 0.0])
UPWARDS = np.array([-np.cos(AZIMUTH) * np.sin(ELEVATION), -np.sin(AZIMUTH) * np.sin(ELEVATION), np.cos(ELEVATION)])
SHADES = ((0x7F, 0xB0, 0xD6), (0xE9, 0xEE, 0xF2))
"""Colours (red, green, blue) of the lowest and of the highest part."""
LEVELS = 14
EDGE = "rgba(90,120,150,0.5)"
MOST_TICKS = 4
TICK, TITLE = 0.09, 0.24
"""Distance of ticks and titles from the box."""
ROOM = 0.05
LAYOUTS = ((0, {"height": 280}), (560, {"height": 460}))


class Relief:
    """The parallel projection of a surface's points onto the chart.

    Args:
        contour: the surface.
    """

    def __init__(self, contour: Contour) -> None:
        self.low = np.array([np.min(contour.x), np.min(contour.y), np.nanmin(contour.values)], np.float64)
        self.high = np.array([np.max(contour.x), np.max(contour.y), np.nanmax(contour.values)], np.float64)

    def project(self, points: Float[np.ndarray, "*N 3"]) -> Float[np.ndarray, "*N 2"]:
        """Project points (x, y, height)."""
        inside = ((points - self.low) / (self.high - self.low) - 0.5) * SIDES
        return np.stack([inside @ ACROSS, inside @ UPWARDS], -1)


def relief_chart(
    contour: Contour,
    titles: Sequence[str],
    *,
    paths: Paths | None = None,
    styles: Sequence[Style] = (),
    times: Sequence[int] = (),
) -> Figure:
    """A surface in 3-D, with paths at their heights.

    Args:
        contour: the surface; a coarse grid suffices.
        titles: of the two horizontal axes.
        paths: the paths; None for the surface alone.
        styles: of the contenders.
        times: updates at which an animation stops; empty for a static chart.
    """
    relief = Relief(contour)
    drawn = [*_areas(contour, relief), *_axes(relief, titles)]
    ends = [[np.concatenate([trace[name] for trace in drawn])] for name in "xy"]
    window = np.array([[np.nanmin(one) - ROOM, np.nanmax(one) + ROOM] for one in ends], np.float64)
    figure = frame("").add_traces(drawn)
    if paths is not None:
        points = np.concatenate([paths.points, paths.values[..., None]], -1).astype(np.float64)
        lines, heads = path_traces(paths, relief.project(points), window, styles)
        figure.add_traces([*lines, *heads])
    hidden = {"visible": False, "fixedrange": True}
    figure.update_xaxes(**hidden, range=window[0].tolist())
    figure.update_yaxes(**hidden, range=window[1].tolist(), scaleanchor="x")
    seen = {"layouts": LAYOUTS} | ({"times": list(times)} if times else {})
    return figure.update_layout(**LAYOUTS[-1][1], meta=seen, margin={"l": 0, "r": 0, "t": 0, "b": 0}, dragmode=False)


def _areas(contour: Contour, relief: Relief) -> list[dict[str, Any]]:
    """The surface as small areas. Areas of about the same height are one trace, shaded by height."""
    points = np.stack([*np.meshgrid(contour.x, contour.y), contour.values], -1).astype(np.float64)
    positions = relief.project(points)
    areas = np.stack([positions[:-1, :-1], positions[:-1, 1:], positions[1:, 1:], positions[1:, :-1]], 2).reshape(
        -1, 4, 2
    )
    heights = (
        contour.values[:-1, :-1] + contour.values[:-1, 1:] + contour.values[1:, 1:] + contour.values[1:, :-1]
    ).ravel() / 4
    share = (heights - relief.low[2]) / (relief.high[2] - relief.low[2])
    levels = np.minimum((share * LEVELS).astype(int), LEVELS - 1)
    return [_level(level, areas[levels == level]) for level in range(LEVELS) if (levels == level).any()]


def _level(level: int, areas: Float[np.ndarray, "N 4 2"]) -> dict[str, Any]:
    closed = np.concatenate([areas, areas[:, :1], np.full((len(areas), 1, 2), np.nan)], 1).reshape(-1, 2)
    share = level / (LEVELS - 1)
    mixed = ",".join(str(round(a + share * (b - a))) for a, b in zip(*SHADES, strict=True))
    return {
        "type": "scatter",
        "x": closed[:, 0].astype(np.float32),
        "y": closed[:, 1].astype(np.float32),
        "mode": "lines",
        "fill": "toself",
        "fillcolor": f"rgba({mixed},0.9)",
        "line": {"color": EDGE, "width": 0.5},
        "hoverinfo": "skip",
        "showlegend": False,
        **meta("surface", "surface"),
    }


def _axes(relief: Relief, titles: Sequence[str]) -> list[dict[str, Any]]:
    """Ticks and titles along the nearest edges of the box, as text in the page's text colour."""
    positions, texts = list[np.ndarray](), list[str]()

    def put(point: Float[np.ndarray, " 3"], away: Float[np.ndarray, " 3"], text: str) -> None:
        outside = point + away * (relief.high - relief.low) / SIDES
        positions.append(relief.project(outside))
        texts.append(text.replace("-", "−"))

    low, high = relief.low, relief.high
    top = np.array([low[0], high[1], high[2]])
    for axis, away in ((0, np.array([0.0, -1.0, 0.0])), (1, np.array([-1.0, 0.0, 0.0]))):
        for value in inner_ticks(float(low[axis]), float(high[axis])):
            put(np.where(np.arange(3) == axis, value, low), TICK * away, f"{value:g}")
        put(np.where(np.arange(3) == axis, (low + high) / 2, low), TITLE * away, f"<b>{titles[axis]}</b>")
    for value in nice_ticks(float(low[2]), float(high[2]), MOST_TICKS):
        put(np.where(np.arange(3) == 2, value, top), np.array([0.0, TICK, 0.0]), f"{value:g}")
    put(top, np.array([0.0, TICK, TITLE]), "<b>height</b>")
    x, y = np.array(positions).T
    text = {"x": x.astype(np.float32), "y": y.astype(np.float32), "text": texts, "mode": "text", "cliponaxis": False}
    return [{"type": "scatter", **text, "hoverinfo": "skip", "showlegend": False, **meta("axes", "axes")}]
