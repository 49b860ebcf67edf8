"""The race itself: all contenders' paths on the contours of the surface, to be played (F-C-1)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import plotly.graph_objects as go

from trainwell.display import INK, frame
from trainwell.report.palette import Style
from trainwell.report.race.contour import Contour, contour_trace, mark_trace, mark_traces
from trainwell.report.race.plane import Plane, goal, window_of
from trainwell.report.race.traces import drawn_paths, path_traces

if TYPE_CHECKING:
    from trainwell.landscape import Descents, Race

MOST_FRAMES = 120
HEIGHT = 560
CURVE_POINTS = 801


def race_chart(race: "Race", plane: Plane, contour: Contour, styles: Sequence[Style]) -> go.Figure:
    """The paths on the contours of a surface with at least two dimensions, complete at first.

    `layout.meta` has the updates at which the player stops.

    Args:
        race: with paths.
        plane: in which it is drawn.
        contour: of the surface there.
        styles: of the contenders.
    """
    drawn = drawn_paths(race)
    figure = frame(*plane.titles)
    lines, heads = path_traces(race, drawn, plane.places(drawn.points), plane.window, styles)
    for trace in (contour_trace(contour), *lines, *mark_traces(race.descents.surface, plane), *heads):
        figure.add_trace(trace)
    figure.update_xaxes(range=plane.window[0].tolist()).update_yaxes(range=plane.window[1].tolist())
    return figure.update_layout(height=HEIGHT, meta={"times": race_times(race.descents)}, margin_t=10)


def line_race_chart(race: "Race", styles: Sequence[Style]) -> go.Figure:
    """The contenders' points on the curve of a surface with one dimension.

    Args:
        race: with paths.
        styles: of the contenders.
    """
    drawn, surface = drawn_paths(race), race.descents.surface
    seen = np.concatenate([drawn.points.reshape(-1, 1), goal(surface, race.descents.starts[0])])
    ends = window_of(seen.astype(np.float64), surface.domain)[0]
    x = np.linspace(ends[0], ends[1], CURVE_POINTS)
    y = np.asarray(surface.values(x[:, None]), np.float64)
    low, high = float(np.nanmin(y[np.isfinite(y)])), float(np.nanmax(y[np.isfinite(y)]))
    room = 0.05 * (high - low) or 1.0
    window = np.array([ends, (low - room, high + room)])
    figure = frame("x", "value")
    figure.add_scatter(
        x=x, y=y, mode="lines", line={"color": INK, "width": 1.6}, hoverinfo="skip", meta=["surface", "surface", "all"]
    )
    places = np.concatenate([drawn.points, drawn.values[..., None]], -1)
    points, heads = path_traces(race, drawn, places, window, styles, lines=False)
    there = [one for one in surface.critical if ends[0] <= one.point[0] <= ends[1]]
    marks = mark_trace(there, [(float(one.point[0]), one.value) for one in there])
    for trace in (*points, marks, *heads):
        figure.add_trace(trace)
    figure.update_xaxes(range=window[0].tolist()).update_yaxes(range=window[1].tolist())
    return figure.update_layout(height=HEIGHT, meta={"times": race_times(race.descents)}, margin_t=10)


def race_times(descents: "Descents") -> list[int]:
    """The updates at which the player stops: all, or up to `MOST_FRAMES`, closer together at first.

    Where all descents have settled or left, it stops a little after the last one has.

    Args:
        descents: of the race.
    """
    last = descents.steps
    ends = np.maximum(descents.settled, descents.left)
    if (ends >= 0).all():
        last = min(last, int(1.1 * ends.max()) + 2)
    if last < MOST_FRAMES:
        return list(range(last + 1))
    # The k-th stop is at k + c·k², so that every one is at least an update after the one before.
    k = np.arange(MOST_FRAMES)
    stops = k + (last - k[-1]) * (k / k[-1]) ** 2
    return [int(stop) for stop in stops.round()]
