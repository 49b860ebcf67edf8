"""F-6-4: momentum as a ball that rolls down the bowl."""

import numpy as np

from trainwell.display import relief_chart
from trainwell.landscape import LECTURE
from trainwell.lecture.figures.descents import (
    XY,
    books_descents,
    bowl,
    contour_of,
    number,
    own_styles,
    path_series,
    paths_of,
    recipes,
    stands_table,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given

WINDOW = np.array([[-8.0, 4.0], [-2.6, 2.6]])
GRID = 37
"""Points of the relief along x."""
MOMENTUM = next(label for label, fields in LECTURE.items() if fields["optimizer"].startswith("momentum"))


def draw(given: Given) -> Content:
    """The path of momentum on the surface, at the height of each point."""
    found = books_descents()
    k = found.labels.index(MOMENTUM)
    paths = paths_of(found, [k])
    points, values = np.asarray(paths.points[0, 0], np.float64), np.asarray(paths.values[0, 0], np.float64)
    style, contour = own_styles(len(found.labels))[k], contour_of(bowl(), WINDOW, GRID)
    chart = relief_chart(contour, XY, paths=paths, styles=[style], times=range(found.steps + 1))
    speeds = np.linalg.norm(np.diff(points, axis=0), axis=1)
    rises = int((np.diff(values) > 0).sum())
    said = (
        f"The ball starts at height {number(values[0], 3)} and is at {number(values[-1], 3)} after {found.steps} "
        f"updates. Its longest step, {number(speeds.max(), 2)}, is update {1 + int(speeds.argmax())}; in {rises} "
        "it rolls uphill, as a ball with speed does."
    )
    return Content(
        [Drawing("ball", "Momentum’s path on the surface of the bowl, animated", chart, said)],
        path_series(paths),
        {"Points of the path": stands_table(paths, range(0, found.steps + 1, 3))},
    )


FIGURE = Figure(
    "F-6-4",
    "optimization",
    "A ball in a bowl gathers speed where the bowl is steep, and friction slows it down. The path is momentum’s on "
    "x²/20 + y², each point at its height: across the valley it rolls up the other side and back.",
    draw,
    contenders={MOMENTUM: recipes()[MOMENTUM]},
    statements=("C-36",),
)
