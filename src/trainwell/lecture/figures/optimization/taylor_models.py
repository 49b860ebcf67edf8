"""F-C-4: first- and second-order Taylor models at a point, and where each steps to."""

from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float

from trainwell.display import Arrows, Head, Line, Row, Table, arrows_trace, chips, contour_trace, frame, lines_chart
from trainwell.landscape import LECTURE, Surface, surface
from trainwell.lecture.figures.descents import (
    BOWL_TOP,
    BOWL_WINDOW,
    XY,
    bowl,
    contour_of,
    marks_of,
    number,
    own_styles,
    point_text,
    wide,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.optim import taylor

RATE = 0.05
"""Learning rate of the first-order step: a linear model has no minimum to step to."""
UP, DOWN = 2.6, 0.8
"""Points on the curve x⁴/4 − x³/3 − x² at which it curves up and down."""
WINDOWS = {UP: ((0.9, 3.1), (-3.6, 2.4)), DOWN: ((-1.2, 1.6), (-2.4, 0.9))}
NAMES = ("the loss", "first order, and its step", "second order, and its step")
DASHES = ("solid", "dash", "dot")
POINTS = 101
HEIGHT = 380


@dataclass(frozen=True, eq=False)
class Stepped:
    """A point, and where both models step from it.

    Attributes:
        point: θ0.
        value: loss at θ0.
        ends: points after a first-order and a second-order step.
        values: losses at these points.
    """

    point: Float[np.ndarray, " D"]
    value: float
    ends: tuple[Float[np.ndarray, " D"], Float[np.ndarray, " D"]]
    values: tuple[float, float]


def curve() -> Surface:
    """x⁴/4 − x³/3 − x²: minima at −1 and 2, a maximum between them at 0."""
    return surface("double_valley", dimension=1)


def stepped(on: Surface, point: Float[np.ndarray, " D"], rate: float) -> Stepped:
    """The steps that both models at a point lead to.

    Args:
        on: the loss.
        point: θ0.
        rate: learning rate of the first-order step; the second-order step is the full Newton step.
    """

    @jax.jit
    def steps(at: jax.Array) -> list[jax.Array]:
        return [taylor(on.function, at, order).steps_to(rate if order == 1 else 1.0) for order in (1, 2)]

    ends = [np.asarray(end, np.float64) for end in steps(point)]
    value, *values = on.values(np.stack([point, *ends])).astype(float).tolist()
    return Stepped(np.asarray(point, np.float64), value, (ends[0], ends[1]), (values[0], values[1]))


def model_values(on: Surface, point: Float[np.ndarray, " 1"], x: Float[np.ndarray, " X"]) -> list[np.ndarray]:
    """The loss and its models of first and second order at many points of one dimension."""

    def every(at: jax.Array) -> list[jax.Array]:
        return [on.function(at), *(taylor(on.function, point, order)(at) for order in (1, 2))]

    return [np.asarray(values, np.float64) for values in jax.jit(jax.vmap(every))(x[:, None])]


def draw(given: Given) -> Content:
    """Two points of a curve, and one of the bowl."""
    on, rate = curve(), float(next(iter(LECTURE.values()))["learning_rate"])
    up, down = (stepped(on, np.array([x]), RATE) for x in (UP, DOWN))
    whole = stepped(bowl(), bowl().start, rate)
    series: list[Series] = []
    drawings = [
        _on_the_curve(
            up,
            "curving-up",
            f"Where the loss curves up, at {UP:g}",
            f"From {UP:g} the step of first order leads to {number(up.ends[0][0], 3)}, that of second order to the "
            f"parabola’s minimum at {number(up.ends[1][0], 3)}, near the loss’s own at 2.",
            series,
        ),
        _on_the_curve(
            down,
            "curving-down",
            f"Where the loss curves down, at {DOWN:g}",
            f"From {DOWN:g} the step of first order goes down to {number(down.ends[0][0], 3)}. The parabola has only a "
            f"maximum: Newton’s step leads up to it, at {number(down.ends[1][0], 3)}.",
            series,
        ),
        _on_the_bowl(whole, rate),
    ]
    return Content(
        drawings,
        series,
        {"Where each steps to": _table({"curving up": up, "curving down": down, "the bowl": whole})},
        [
            f"Steps of first order have a learning rate, {RATE:g} on the curve and the book’s {rate:g} on the bowl; "
            "those of second order are whole Newton steps, to where the model is flat."
        ],
    )


def _on_the_curve(one: Stepped, name: str, caption: str, said: str, series: list[Series]) -> Drawing:
    across, upwards = WINDOWS[float(one.point[0])]
    x, drawn = np.linspace(*across, POINTS), own_styles(len(NAMES))
    values = model_values(curve(), one.point, x)
    series += [Series(f"{name}: {NAMES[i].split(',')[0]}", x, own[None]) for i, own in enumerate(values)]
    lines = [
        Line(i, NAMES[i], drawn[i], x.astype(np.float32), own.astype(np.float32), dash=DASHES[i])
        for i, own in enumerate(values)
    ]
    chart = lines_chart(lines, "x", "loss", x_range=across, y_range=upwards)
    start = np.array([[one.point[0], one.value]])
    for i, (end, value) in enumerate(zip(one.ends, one.values, strict=True), start=1):
        text = f"from {number(one.point[0], 3)} to {number(end[0], 3)}, loss {number(value, 3)}"
        chart.add_trace(arrows_trace(Arrows(i, NAMES[i], drawn[i], start, np.array([[end[0], value]]), [text])))
    return Drawing(name, caption, chart.update_layout(height=HEIGHT), said, chips(NAMES, drawn))


def _on_the_bowl(one: Stepped, rate: float) -> Drawing:
    drawn = own_styles(len(NAMES))
    chart = frame(*XY).add_traces([contour_trace(contour_of(bowl(), top=BOWL_TOP)), *marks_of(bowl())])
    for i, (end, value) in enumerate(zip(one.ends, one.values, strict=True), start=1):
        text = f"to {point_text(end)}, height {number(value, 3)}"
        chart.add_trace(arrows_trace(Arrows(i, NAMES[i], drawn[i], one.point[None], end[None], [text])))
    chart.update_xaxes(range=BOWL_WINDOW[0].tolist()).update_yaxes(range=BOWL_WINDOW[1].tolist())
    said = (
        f"From {point_text(one.point)} SGD’s step leads to {point_text(one.ends[0])}, Newton’s to "
        f"{point_text(one.ends[1])}, the minimum: on a quadratic the model of second order is the loss itself."
    )
    caption = "On the bowl x²/20 + y²: a step of each"
    return Drawing("bowl", caption, wide(chart), said)


def _table(found: dict[str, Stepped]) -> Table:
    rows = [
        Row(
            (
                f"{name}, from {point_text(one.point)}",
                number(one.value, 3),
                *(
                    text
                    for end, value in zip(one.ends, one.values, strict=True)
                    for text in (point_text(end), number(value, 3))
                ),
            )
        )
        for name, one in found.items()
    ]
    heads = ("loss there", "first order leads to", "loss there", "second order leads to", "loss there")
    return Table((Head("", ""), *map(Head, heads)), tuple(rows))


FIGURE = Figure(
    "F-C-4",
    "optimization",
    "The first-order model is a line: it shows which way is down, but not how far to go. The second-order model is a "
    "parabola whose vertex is the step’s goal. Where the loss curves up, Newton’s step is the better one; where it "
    "curves down, Newton’s step climbs.",
    draw,
    statements=("C-26",),
    errors=(6,),
    python="import numpy as np\n"
    "\n"
    "from trainwell.landscape import surface\n"
    "from trainwell.optim import taylor\n"
    "\n"
    'curve = surface("double_valley", dimension=1)\n'
    f"print(taylor(curve.function, np.array([{UP:g}]), 2).steps_to())\n",
)
