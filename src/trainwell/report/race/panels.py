"""One contour with one path for every contender (F-6-3, F-6-5 to F-6-8)."""

from collections.abc import Sequence
from math import ceil, floor, log10
from typing import TYPE_CHECKING

import plotly.graph_objects as go

from trainwell.display import Panels, axis_references
from trainwell.report.palette import Style
from trainwell.report.race.contour import Contour, contour_trace, mark_traces
from trainwell.report.race.plane import Plane
from trainwell.report.race.traces import drawn_paths, path_traces

if TYPE_CHECKING:
    from trainwell.landscape import Race

MOST_PANELS = 8
COLUMNS = ((0, 1), (480, 2), (760, 3), (1040, 4))


def panels_chart(race: "Race", plane: Plane, contour: Contour, styles: Sequence[Style]) -> go.Figure:
    """Small multiples of the contours, each with the paths of one contender.

    Args:
        race: with paths.
        plane: in which they are drawn.
        contour: of the surface there; a coarse one will do.
        styles: of the contenders.
    """
    drawn, labels = drawn_paths(race, 12_000), race.descents.labels
    across, upwards = ({"range": [low, high], "tickvals": ticks(low, high)} for low, high in plane.window.tolist())
    figure = Panels(labels, 250, 46, COLUMNS, shared=True).figure([(across, upwards)] * len(labels))
    figure.update_layout(margin_b=26)
    surface = race.descents.surface
    lines, heads = path_traces(race, drawn, plane.places(drawn.points), plane.window, styles)
    for panel in range(len(labels)):
        line, head = (next(one for one in own if one["meta"][2] == str(panel)) for own in (lines, heads))
        for trace in (contour_trace(contour), line, *mark_traces(surface, plane), head):
            figure.add_trace({**trace, **axis_references(panel)})
    return figure


def ticks(low: float, high: float) -> list[float]:
    """About four round numbers within a range, none of them so near an end that it would touch the next panel's.

    Example:
        >>> ticks(-10, 10), ticks(-2.048, 2.048)
        ([-5.0, 0.0, 5.0], [-1.0, 0.0, 1.0])
    """
    rough = (high - low) / 5
    size = 10.0 ** floor(log10(rough))
    step = next(size * times for times in (1, 2, 5, 10) if size * times >= rough)
    room = 0.08 * (high - low)
    first, last = ceil((low + room) / step), floor((high - room) / step)
    return [float(f"{place * step:.6g}") for place in range(first, last + 1)]
