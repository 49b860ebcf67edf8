"""F-C-10: the six activation functions of the lecture and their derivatives."""

import jax
import jax.numpy as jnp
import numpy as np

from trainwell.display import Chip, Head, Line, Row, Table, lines_chart, styles
from trainwell.lecture.figures.descents import number
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given, Series
from trainwell.nn import ACTIVATIONS, ActivationName

NAMES: tuple[ActivationName, ...] = ("sigmoid", "tanh", "relu", "leaky_relu", "maxout", "elu")
"""The lecture's six.

Source: T-ACT-1 to T-ACT-6.
"""
NUMBERS = {"negative_slope": 0.1, "elu_alpha": 1.0}
"""A slope of 0.1, large enough to see."""
PIECES = np.array([[-0.5, 0.3], [1.0, -0.5]])
"""Slope and offset of the two pieces of the maxout unit that is drawn."""
X = np.linspace(-5, 5, 201)


def draw(given: Given) -> Content:
    """A panel per function: the function and its slope."""
    drawn, lines, series, rows = styles(range(2)), [], [], []
    for panel, name in enumerate(NAMES):
        values, slopes = _values(name)
        lines += [
            Line(0, "function", drawn[0], X, values, panel=panel),
            Line(1, "derivative", drawn[1], X, slopes, panel=panel, dash="dash"),
        ]
        series += [Series(name, X, values[None]), Series(f"{name}: derivative", X, slopes[None])]
        rows.append(Row((name, *(number(end, 3) for own in (values, slopes) for end in (own.min(), own.max())))))
    chart = lines_chart(lines, "x", "", panels=NAMES, y_range=(-1.5, 3.5), columns=((0, 2), (560, 3)))
    said = "Sigmoid's slope is 0.25 at most, tanh's 1; both are flat far from 0. The others keep a slope on the right."
    chips = [Chip("0", "function", drawn[0].color), Chip("1", "derivative", drawn[1].color, "dash")]
    heads = (Head("function", ""), *map(Head, ("lowest", "highest", "smallest slope", "largest slope")))
    return Content(
        [Drawing("functions", "Activation functions and their derivatives", chart, said, chips)],
        series,
        {"Between −5 and 5": Table(heads, tuple(rows))},
    )


def _values(name: ActivationName) -> tuple[np.ndarray, np.ndarray]:
    """A function and its derivative at all of X."""

    def one(x: jax.Array) -> jax.Array:
        if name == "maxout":
            return ACTIVATIONS[name]((jnp.asarray(PIECES[:, :1]) * x + jnp.asarray(PIECES[:, 1:])), NUMBERS)[0]
        return ACTIVATIONS[name](x, NUMBERS)

    values, slopes = jax.jit(jax.vmap(jax.value_and_grad(one)))(jnp.asarray(X))
    return np.asarray(values, np.float64), np.asarray(slopes, np.float64)


FIGURE = Figure(
    "F-C-10",
    "initialization",
    "The six activation functions of the lecture, each with its derivative. Sigmoid and tanh flatten out on both "
    "sides, where no gradient gets through; ReLU and its variants do not for positive inputs.",
    draw,
    statements=("C-01",),
)
