"""F-6-2: the field of the bowl's negative gradients."""

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from trainwell.display import Arrows, Head, Row, Table, arrows_trace, contour_trace, frame
from trainwell.lecture.figures.descents import (
    BOWL_TOP,
    BOWL_WINDOW,
    XY,
    bowl,
    contour_of,
    marks_of,
    own_styles,
    point_text,
    wide,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series

SPACING = (1.0, 1.0)
"""Distance of grid points along x and y."""
LONGEST = 0.9
"""Length of the longest arrow."""
HEADS = (4.0, 9.0)  # pixels, of the shortest and of the longest arrow
LISTED = ((-7.0, 2.0), (7.0, 0.0), (0.0, 2.0), (-5.0, -4.0))


def draw(given: Given) -> Content:
    """An arrow at every grid point, its length proportional to the gradient."""
    across, upwards = (
        np.arange(low, high + 1e-9, step) for (low, high), step in zip(BOWL_WINDOW, SPACING, strict=True)
    )
    points = np.stack(np.meshgrid(across, upwards), -1).reshape(-1, 2)
    points = points[points.any(1)]  # at the minimum itself the gradient is 0
    down, away = descent_directions(points), off_the_way(points)
    sizes = np.linalg.norm(down, axis=1)
    texts = [f"{point_text(point)}: −gradient {point_text(one)}" for point, one in zip(points, down, strict=True)]
    heads = HEADS[0] + (HEADS[1] - HEADS[0]) * sizes / sizes.max()
    ends = points + LONGEST * down / sizes.max()
    arrows = Arrows(0, "negative gradient", own_styles(1)[0], points, ends, texts, heads, width=1.5)
    chart = frame(*XY)
    chart.add_traces([contour_trace(contour_of(bowl(), top=BOWL_TOP)), arrows_trace(arrows), *marks_of(bowl())])
    chart.update_xaxes(range=[-10.4, 10.4]).update_yaxes(range=[-5.3, 5.3])
    said = (
        f"The arrows are long far from the valley’s floor and tiny on it; beside it all point to it. At half of "
        f"the {len(points)} points the arrow is at least {np.median(away):.0f}° off the direction to the minimum."
    )
    rows = [
        Row((point_text(np.array(one)), point_text(descent_directions(np.array([one]))[0]), f"{angle:.0f}°"))
        for one, angle in zip(LISTED, off_the_way(np.array(LISTED)), strict=True)
    ]
    return Content(
        [Drawing("field", "Negative gradients of x²/20 + y²; the star is the minimum", wide(chart), said)],
        [Series(f"−∂f/∂{name} along y = 2", *_along(axis)) for axis, name in enumerate(XY)],
        {
            "Negative gradient and direction to the minimum": Table(
                (Head("at", ""), Head("negative gradient"), Head("angle to the direction of the minimum")), tuple(rows)
            )
        },
    )


def descent_directions(points: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, "N 2"]:
    """The bowl's negative gradient at each point."""
    gradients = jax.jit(jax.vmap(jax.grad(bowl().function)))(jnp.asarray(points))
    return -np.asarray(gradients, np.float64)


def off_the_way(points: Float[np.ndarray, "N 2"]) -> Float[np.ndarray, " N"]:
    """The angle in degrees between the negative gradient at each point and the direction to the minimum."""
    down = descent_directions(points)
    cosine = (down * -points).sum(1) / np.linalg.norm(down, axis=1) / np.linalg.norm(points, axis=1)
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1, 1))))


def _along(axis: int) -> tuple[Float[np.ndarray, " X"], Float[np.ndarray, "1 X"]]:
    x = np.arange(-10.0, 11.0)
    return x, descent_directions(np.stack([x, np.full_like(x, 2.0)], 1))[None, :, axis]


FIGURE = Figure(
    "F-6-2",
    "optimization",
    "Each arrow is the negative gradient at its point, the direction of SGD’s step. Most point to the floor of the "
    "valley, not to the minimum: the slope along the valley is much smaller than the slope across it.",
    draw,
    statements=("C-14",),
    python="import jax\n"
    "import numpy as np\n"
    "\n"
    "from trainwell.landscape import surface\n"
    "\n"
    'print(-jax.grad(surface("bowl").function)(np.array([-7.0, 2.0])))\n',
)
