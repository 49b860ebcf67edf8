"""The picture of a ball that rolls down the surface, drawn from a contender's real path (F-6-4)."""

from html import escape
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from trainwell.display import GRID, frame
from trainwell.report.palette import Style
from trainwell.report.race.contour import contour_of
from trainwell.report.race.plane import Plane
from trainwell.report.race.traces import clipped

if TYPE_CHECKING:
    from trainwell.landscape import Race

SIZE = 70
LIFT = 0.02
"""How far above the surface the path is drawn, in its height, so that it is not hidden."""
HEIGHT = 520
MOST_POINTS = 1500


def ball_contender(race: "Race", order: list[int]) -> int:
    """The contender whose path is drawn: momentum if it is in the race, else the best."""
    rules = [recipe.optimizer for recipe in race.descents.recipes.values()]
    return next((k for name in ("momentum", "momentum_step") for k in order if rules[k] == name), order[0])


def ball_chart(race: "Race", k: int, plane: Plane, style: Style) -> go.Figure:
    """A surface of two dimensions in space, with the path of a contender from the first start at its own height.

    Args:
        race: with paths.
        k: the contender.
        plane: the surface's coordinates, and what is seen of them.
        style: of the contender.
    """
    contour = contour_of(race.descents.surface, plane, SIZE)
    paths, path_values = race.descents.paths, race.descents.path_values
    assert paths is not None  # the page is not made without
    assert path_values is not None
    shown = [dot for dot in clipped(plane.places(paths[k, 0, :MOST_POINTS]), plane.window) if dot]
    values = np.asarray(path_values[k, 0], np.float64)[[t for _, _, t in shown]]
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
        meta=["surface", "surface", "all"],
    )
    figure.add_scatter3d(
        x=[x for x, _, _ in shown],
        y=[y for _, y, _ in shown],
        z=height(np.minimum(values, top)) + LIFT * (high - low),
        mode="lines+markers",
        line={"color": style.color, "width": 7},
        marker={"color": style.color, "size": [3] * (len(shown) - 1) + [7]},
        customdata=[[t, value] for (_, _, t), value in zip(shown, values.tolist(), strict=True)],
        hovertemplate="%{meta[0]}<br>update %{customdata[0]}: value %{customdata[1]:.4g}<extra></extra>",
        meta=[escape(race.descents.labels[k]), "ball", "all"],
    )
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "showbackground": False}
    upwards = "log10(1 + height)" if contour.logarithmic else "value"
    return figure.update_layout(
        height=HEIGHT,
        scene={
            "xaxis": {**axis, "title": {"text": plane.titles[0]}},
            "yaxis": {**axis, "title": {"text": plane.titles[1]}},
            "zaxis": {**axis, "title": {"text": upwards}},
            "aspectratio": {"x": 1.2, "y": 1.2, "z": 0.7},
            "camera": {"eye": {"x": -0.8, "y": -1.3, "z": 1.35}},
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
    )
