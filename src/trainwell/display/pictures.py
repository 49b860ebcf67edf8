"""Charts of optimizers' paths: on the contours of a surface, in one chart or side by side, and on a 1-D curve."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display.canvas import INK, Figure, frame
from trainwell.display.palette import Style, meta
from trainwell.display.panels import Panels, panel_axes
from trainwell.display.paths import Paths, path_traces
from trainwell.display.scales import inner_ticks
from trainwell.display.surface import Contour, contour_trace

HEIGHT = 580
PANEL_HEIGHT, PANEL_GAP = 250, 46
COLUMNS = ((0, 1), (480, 2), (760, 3), (1040, 4))


def paths_chart(
    contour: Contour,
    paths: Paths,
    positions: Float[np.ndarray, "C P U 2"],
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    titles: Sequence[str],
    *,
    marks: Sequence[dict[str, Any]] = (),
    times: Sequence[int] = (),
) -> Figure:
    """All contenders' paths on the contours of a surface.

    Args:
        contour: the surface.
        paths: the paths.
        positions: coordinates of the paths' points in the chart.
        window: lower and upper end of both axes.
        styles: of the contenders.
        titles: of the axes.
        marks: further traces, drawn below the paths' end points, such as critical points.
        times: updates at which an animation stops; empty for a static chart.
    """
    lines, heads = path_traces(paths, positions, window, styles)
    figure = frame(*titles)
    figure.add_traces([contour_trace(contour), *lines, *marks, *heads])
    return _within(figure, window, times)


def points_chart(
    x: Float[np.ndarray, " X"],
    y: Float[np.ndarray, " X"],
    paths: Paths,
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    *,
    marks: Sequence[dict[str, Any]] = (),
    times: Sequence[int] = (),
) -> Figure:
    """The contenders' points on the curve of a one-dimensional surface.

    Args:
        x: coordinates of the curve.
        y: values of the curve.
        paths: the paths.
        window: lower and upper end of both axes.
        styles: of the contenders.
        marks: further traces, drawn below the paths' end points, such as critical points.
        times: updates at which an animation stops; empty for a static chart.
    """
    figure = frame("x", "value")
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": INK, "width": 1.6}, hoverinfo="skip", **meta("surface", "surface")
    )
    positions = np.concatenate([paths.points, paths.values[..., None]], -1)
    points, heads = path_traces(paths, positions, window, styles, lines=False)
    figure.add_traces([*points, *marks, *heads])
    return _within(figure, window, times)


def _within(figure: Figure, window: Float[np.ndarray, "2 2"], times: Sequence[int]) -> Figure:
    figure.update_xaxes(range=window[0].tolist()).update_yaxes(range=window[1].tolist())
    return figure.update_layout(height=HEIGHT, meta={"times": list(times)} if times else {})


def path_panels(
    contour: Contour,
    paths: Paths,
    positions: Float[np.ndarray, "C P U 2"],
    window: Float[np.ndarray, "2 2"],
    styles: Sequence[Style],
    *,
    marks: Sequence[dict[str, Any]] = (),
) -> Figure:
    """One panel per contender with its path from the first start on the contours of a surface.

    Args:
        contour: the surface; a coarse grid suffices.
        paths: the paths.
        positions: coordinates of the paths' points in the chart.
        window: lower and upper end of both axes.
        styles: of the contenders; each must be `own`.
        marks: further traces, drawn below the paths' end points, such as critical points.
    """
    across, upwards = ({"range": [low, high], "tickvals": inner_ticks(low, high)} for low, high in window.tolist())
    columns = [one for one in COLUMNS if (len(styles), one[1]) != (4, 3)]  # four panels: two rows of two
    panels = Panels(paths.labels, PANEL_HEIGHT, PANEL_GAP, columns, shared=True)
    figure = panels.figure([(across, upwards)] * len(styles))
    lines, heads = path_traces(paths, positions[:, :1], window, styles)
    ground = contour_trace(contour)
    figure.add_traces([{**ground, **panel_axes(panel)} for panel in range(len(styles))])  # equal ones compress well
    for panel in range(len(styles)):
        line, head = (next(one for one in own if one["meta"][2] == str(panel)) for own in (lines, heads))
        figure.add_traces([{**trace, **panel_axes(panel)} for trace in (line, *marks, head)])
    return figure.update_layout(margin_b=26)
