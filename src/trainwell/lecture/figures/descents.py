"""Charts of descents: paths on the contours of a surface, and tables of their points."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.display import (
    Cell,
    Contour,
    Figure as Drawn,
    Head,
    Paths,
    Row,
    Style,
    Table,
    critical_trace,
    path_panels,
    paths_chart,
    row_of,
    styles,
)
from trainwell.landscape import LECTURE, LECTURE_STEPS, Descents, Surface, descend, surface
from trainwell.lecture.figures.figure import Series
from trainwell.training import Recipe

BOWL_WINDOW = np.array([[-10.0, 10.0], [-5.0, 5.0]])
"""The part of the bowl that the book shows."""
BOWL_TOP = 7.0
"""Height up to which the book draws contours."""
FINE, COARSE = 81, 41
"""Grid points of a contour along the longer axis: in a single chart, and in small multiples."""
LAYOUTS = ((0, {"height": 320}), (560, {"height": 420}), (900, {"height": 520}))
"""Heights by minimum page width, of a chart about twice as wide as high."""
XY = ("x", "y")


def recipes(contenders: Mapping[str, Mapping[str, Any]] = LECTURE, steps: int = LECTURE_STEPS) -> dict[str, Recipe]:
    """The recipes of contenders that descend a surface, by label."""
    return {label: Recipe(**fields, steps=steps) for label, fields in contenders.items()}


@cache
def books_descents() -> Descents:
    """The four optimizers of the book on its bowl, with their paths: 30 points from (−7, 2)."""
    return descend("bowl", LECTURE, steps=LECTURE_STEPS, paths=True)


def bowl() -> Surface:
    """f(x, y) = x²/20 + y²."""
    return surface("bowl")


def contour_of(
    on: Surface, window: Float[np.ndarray, "2 2"] = BOWL_WINDOW, points: int = FINE, top: float = np.inf
) -> Contour:
    """A surface of two dimensions over a window.

    Args:
        on: the surface.
        window: lower and upper end of both axes.
        points: along the longer axis.
        top: height above which no contours are drawn.
    """
    sides = np.diff(window)[:, 0]
    counts = 1 + np.round((points - 1) * sides / sides.max()).astype(int)
    x, y = (np.linspace(low, high, count) for (low, high), count in zip(window, counts, strict=True))
    grid = np.stack(np.meshgrid(x, y), -1).reshape(-1, 2)
    values = np.asarray(on.values(grid), np.float64).reshape(len(y), len(x))
    return Contour(x.astype(np.float32), y.astype(np.float32), values, top)


def marks_of(on: Surface) -> list[dict[str, Any]]:
    """The critical points of a surface of one or two dimensions, as traces of a chart."""
    known = on.critical
    points = [(*one.point.tolist(), one.value)[:2] for one in known]
    return [critical_trace([one.title for one in known], [one.value for one in known], points)] if known else []


def paths_of(found: Descents, contenders: Sequence[int] | None = None) -> Paths:
    """The paths of some contenders, or of all, for a chart."""
    assert found.paths is not None  # descended with paths=True
    assert found.path_values is not None
    own = list(range(len(found.labels)) if contenders is None else contenders)
    labels = [found.labels[k] for k in own]
    return Paths(
        labels, np.arange(found.steps + 1), found.paths[own], found.path_values[own], found.left_after[own] >= 0
    )


def bowl_chart(found: Descents, contenders: Sequence[int], drawn: Sequence[Style], times: Sequence[int] = ()) -> Drawn:
    """Paths of some contenders on the contours of the bowl, as the book draws them."""
    paths, contour = paths_of(found, contenders), contour_of(bowl(), top=BOWL_TOP)
    own = [drawn[k] for k in contenders]
    chart = paths_chart(contour, paths, paths.points, BOWL_WINDOW, own, XY, marks=marks_of(bowl()), times=times)
    return wide(chart)


def wide(chart: Drawn) -> Drawn:
    """Make a chart about twice as wide as it is high."""
    meta = {**(chart.layout.meta or {}), "layouts": LAYOUTS}
    return chart.update_layout(**LAYOUTS[-1][1], meta=meta, margin_r=20)  # for the last tick


def bowl_panels(paths: Paths, drawn: Sequence[Style], window: Float[np.ndarray, "2 2"] = BOWL_WINDOW) -> Drawn:
    """Paths on the contours of the bowl, a panel for each contender."""
    contour = contour_of(bowl(), window, COARSE, BOWL_TOP)
    return path_panels(contour, paths, paths.points, window, drawn, marks=marks_of(bowl()))


def path_series(paths: Paths, axes: Sequence[str] = XY, *, of: str = "") -> list[Series]:
    """The coordinates and the height along paths, each start a row.

    Args:
        paths: whose labels name the series.
        axes: names of the coordinates.
        of: prefix of the labels.
    """
    found = []
    for k, label in enumerate(paths.labels):
        points = np.asarray(paths.points[k], np.float64)
        own = {name: points[..., i] for i, name in enumerate(axes)} | {"height": np.asarray(paths.values[k])}
        found += [Series(f"{of}{label}: {name}", paths.updates.astype(float), rows) for name, rows in own.items()]
    return found


def stands_table(paths: Paths, updates: Sequence[int], k: int = 0) -> Table:
    """Points of a path in two dimensions after some updates."""
    rows = [
        Row((str(t), *(number(x) for x in paths.points[k, 0, t]), number(paths.values[k, 0, t], 3))) for t in updates
    ]
    return Table((Head("update", ""), Head("x"), Head("y"), Head("height")), tuple(rows))


def ends_table(found: Descents, drawn: Sequence[Style]) -> Table:
    """For each contender: last point and height, length of the path, and number of turns."""
    rows = [
        row_of(
            drawn[k],
            label,
            point_text(found.points[k, 0]),
            number(found.values[k, 0], 3),
            number(found.lengths[k, 0], 3),
            Cell(str(found.zigzags[k, 0])),
        )
        for k, label in enumerate(found.labels)
    ]
    heads = ("ends at", "height at the end", "length of the path", "turns across the valley")
    return Table((Head("", ""), *map(Head, heads)), tuple(rows))


def number(value: float, digits: int = 4) -> str:
    """A number with a typographic minus sign; below 1e-12, rounding error on these surfaces, it is 0."""
    return "0" if abs(value) < 1e-12 else f"{float(value):.{digits}g}".replace("-", "−")


def point_text(point: Float[np.ndarray, " D"], digits: int = 3) -> str:
    """A point as text, such as (1, −2)."""
    return f"({', '.join(number(x, digits) for x in point)})".replace(" ", "\u00a0")


def own_styles(count: int) -> list[Style]:
    """A style for each of a few contenders, in their order."""
    return styles(range(count))
