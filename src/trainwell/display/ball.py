"""A ball that rolls down a surface in space: a path at its own height."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import GRID, Figure, frame
from trainwell.display.contours import Contour
from trainwell.display.legend import meta
from trainwell.display.palette import Style

LIFT = 0.02
"""How far above the surface the path is drawn, in its height, so that it is not hidden."""
HEIGHT = 520


def ball_chart(
    contour: Contour,
    path: Sequence[tuple[float, float, int]],
    values: Float[np.ndarray, " T"],
    label: str,
    style: Style,
    titles: Sequence[str],
) -> Figure:
    """A surface in space with a path on it, which ends in the ball.

    Args:
        contour: of the surface.
        path: places, and the update that led to each.
        values: of the surface there.
        label: whose path it is.
        style: how that is drawn.
        titles: of the two axes.
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
