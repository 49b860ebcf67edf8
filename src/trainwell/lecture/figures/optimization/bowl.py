"""F-6-1: the bowl, as a surface and as contours."""

import numpy as np

from trainwell.display import Head, Row, Table, contour_trace, frame, relief_chart
from trainwell.lecture.figures.descents import XY, bowl, contour_of, marks_of, number, wide
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.optim import condition_number

GRID = 25
"""Points along each side of the relief."""


def draw(given: Given) -> Content:
    """The surface in space, and its contours from above."""
    on = bowl()
    contour = contour_of(on, on.domain)
    above = wide(frame(*XY).add_traces([contour_trace(contour), *marks_of(on)]))
    hessian = on.hessians(on.start[None])[0].astype(np.float64)
    flat, steep = (number(hessian[i, i]) for i in range(2))
    condition = number(float(condition_number(np.linalg.eigvalsh(hessian))))
    x = contour.x.astype(np.float64)
    profiles = {name: on.values(np.outer(x, np.eye(2)[axis])) for axis, name in enumerate(("f(x, 0)", "f(0, y)"))}
    top = {name: number(values[-1]) for name, values in profiles.items()}
    return Content(
        [
            Drawing(
                "surface",
                "x²/20 + y² as a surface",
                relief_chart(contour_of(on, on.domain, GRID), XY),
                f"A long valley along x: at its end, (10, 0), the height is {top['f(x, 0)']}, while across it, at "
                f"(0, 10), it is {top['f(0, y)']}.",
            ),
            Drawing(
                "contours",
                "Its contours; the star is the minimum",
                above,
                "The contours are ellipses around (0, 0), longer along x than along y by the factor √20, about 4.5.",
            ),
        ],
        [Series(name, x, np.asarray(values, np.float64)[None]) for name, values in profiles.items()],
        {
            "Curvature": Table(
                (Head("", "long"), Head("value")),
                (
                    Row(("second derivative along x", flat)),
                    Row(("second derivative along y", steep)),
                    Row(("condition number of the Hessian, largest over smallest", condition)),
                ),
            )
        },
    )


FIGURE = Figure(
    "F-6-1",
    "optimization",
    "The bowl x²/20 + y² is a valley that is flat along x and steep across it. From most points the steepest "
    "descent does not lead to the minimum at (0, 0), which makes it hard for SGD.",
    draw,
    statements=("C-14",),
    errors=(5,),
    python="from trainwell.landscape import surface\n"
    "\n"
    'bowl = surface("bowl")\n'
    "print(bowl.values([[10.0, 0.0], [0.0, 10.0]]))\n",
)
