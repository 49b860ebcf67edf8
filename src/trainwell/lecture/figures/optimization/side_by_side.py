"""F-6-8: the paths of four optimizers on the bowl, side by side."""

from trainwell.lecture.figures.descents import (
    books_descents,
    bowl_panels,
    ends_table,
    own_styles,
    path_series,
    paths_of,
    point_text,
    recipes,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given


def draw(given: Given) -> Content:
    """A panel for each optimizer, on the same contours."""
    found = books_descents()
    paths, drawn = paths_of(found), own_styles(len(found.labels))
    ends = ", ".join(f"{label} {point_text(found.points[k, 0])}" for k, label in enumerate(found.labels))
    said = f"All start at (−7, 2); the minimum is at (0, 0). After {found.steps} updates: {ends}."
    drawing = Drawing(
        "paths", "30 points of each on the contours of x²/20 + y² up to 7", bowl_panels(paths, drawn), said
    )
    notes = ["Learning rates are the book’s, each optimizer’s own: the chart shows how they move, not which is best."]
    return Content([drawing], path_series(paths), {"Where they end": ends_table(found, drawn)}, notes)


FIGURE = Figure(
    "F-6-8",
    "optimization",
    "Four optimizers go down the same bowl from the same point: SGD zigzags, momentum swings, AdaGrad bends "
    "into the valley without crossing it, and Adam crosses it once. None takes the straight way to the minimum.",
    draw,
    contenders=recipes(),
    statements=("C-23", "C-36", "C-37"),
    errors=(2, 3, 9),
    python="from trainwell.landscape import race\n"
    "\n"
    'descents = race("bowl").descents\n'
    "for label, path in zip(descents.labels, descents.paths[:, 0]):\n"
    "    print(label, path[-1])\n",
)
