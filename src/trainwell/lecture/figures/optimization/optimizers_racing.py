"""F-C-1: six optimizers race down the bowl and past a saddle, and what they are at a glance."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np

from trainwell.display import Figure as Drawn, Head, Row, Style, Table, chips, paths_chart, row_of
from trainwell.landscape import LECTURE, Descents, descend, race
from trainwell.lecture.figures.descents import (
    XY,
    bowl_chart,
    contour_of,
    ends_table,
    marks_of,
    number,
    own_styles,
    path_series,
    paths_of,
    recipes,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given
from trainwell.optim import RULES

_SGD, _MOMENTUM, _ADAGRAD, _ADAM = LECTURE
SIX = {
    _SGD: LECTURE[_SGD],
    _MOMENTUM: LECTURE[_MOMENTUM],
    "Nesterov": {**LECTURE[_MOMENTUM], "optimizer": "nesterov"},
    _ADAGRAD: LECTURE[_ADAGRAD],
    "RMSProp": {"optimizer": "rmsprop", "learning_rate": LECTURE[_ADAM]["learning_rate"]},
    _ADAM: LECTURE[_ADAM],
}
"""The book's four; Nesterov with momentum's numbers, RMSProp with Adam's learning rate."""
BOWL_STEPS, SADDLE_STEPS = 60, 100
AWAY = 1.0
"""Distance from the ridge at which an optimizer has passed the saddle."""


@cache
def on_the_bowl() -> Descents:
    """The six on the bowl, from the book's start."""
    return descend("bowl", SIX, steps=BOWL_STEPS, paths=True)


@cache
def past_the_saddle() -> Descents:
    """The six rules, all with the same learning rate, on x² − y² from beside the ridge."""
    return race("saddle", steps=SADDLE_STEPS).descents


def passed_after(found: Descents) -> list[int | None]:
    """Updates after which each contender is farther from the ridge than `AWAY`; None if it never is."""
    paths = np.nan_to_num(np.asarray(paths_of(found).points, np.float64), nan=np.inf)[:, 0, :, 1]
    away = abs(paths) > AWAY
    return [int(one.argmax()) if one.any() else None for one in away]


def draw(given: Given) -> Content:
    """Two animated races, and the table."""
    bowl, saddle, drawn = on_the_bowl(), past_the_saddle(), own_styles(len(SIX))
    legend = chips(list(SIX), drawn)
    after = passed_after(saddle)
    heights = ", ".join(
        f"{name} {number(value, 2)}" for name, value in zip(bowl.labels, bowl.values[:, 0], strict=True)
    )
    passed = ", ".join(f"{label} after {count}" for label, count in zip(SIX, after, strict=True))
    return Content(
        [
            Drawing(
                "bowl",
                "Down the bowl x²/20 + y² from (−7, 2)",
                bowl_chart(bowl, range(len(SIX)), drawn, range(BOWL_STEPS + 1)),
                f"Heights above the minimum after {BOWL_STEPS} updates: {heights}.",
                legend,
            ),
            Drawing(
                "saddle",
                "Past the saddle x² − y², starting 0.001 beside the ridge",
                _saddle_chart(saddle, drawn),
                f"Updates until they are {AWAY:g} away from the ridge: {passed}.",
                legend,
            ),
        ],
        [*path_series(paths_of(bowl)), *path_series(replace(paths_of(saddle), labels=list(SIX)), of="saddle, ")],
        {
            "The optimizers at a glance": glance_table(),
            "On the bowl": ends_table(bowl, drawn),
            "Past the saddle": _saddle_table(saddle, after, drawn),
        },
        [
            "On the bowl the learning rates are the book’s, and Nesterov has momentum’s, RMSProp has Adam’s; at the "
            f"saddle all have the same, {saddle.recipes[saddle.labels[0]].learning_rate:g}. None is tuned: the chart "
            "shows how they move, not which is best. A cross marks an optimizer that has left the surface.",
            "In the table θ are the parameters, g their gradient, η the learning rate; products and roots are "
            "componentwise. The numbers are the defaults.",
        ],
    )


def _saddle_chart(found: Descents, drawn: Sequence[Style]) -> Drawn:
    paths, window = paths_of(found), found.surface.domain
    contour = contour_of(found.surface, window)
    times = range(SADDLE_STEPS + 1)
    return paths_chart(contour, paths, paths.points, window, drawn, XY, marks=marks_of(found.surface), times=times)


def _saddle_table(found: Descents, after: list[int | None], drawn: Sequence[Style]) -> Table:
    rows = [
        row_of(drawn[k], label, "never" if count is None else str(count))
        for k, (label, count) in enumerate(zip(SIX, after, strict=True))
    ]
    return Table((Head("", ""), Head(f"updates until it is {AWAY:g} away from the ridge")), tuple(rows))


def glance_table() -> Table:
    """The six rules: formula, hyperparameters and state."""
    rows = [RULES[fields["optimizer"]].table_row for fields in SIX.values()]
    heads = tuple(Head(name, "" if name == "Optimizer" else "word") for name in rows[0])
    return Table(heads, tuple(Row(tuple(one.values())) for one in rows))


FIGURE = Figure(
    "F-C-1",
    "optimization",
    "Down the bowl SGD zigzags while the five others swing or curve. At the saddle RMSProp and Adam, whose steps do "
    "not shrink with the gradient, escape first, and SGD takes longest.",
    draw,
    contenders=recipes(SIX, BOWL_STEPS),
    statements=("C-23", "C-16", "C-20", "C-21"),
    errors=(1, 2, 3, 9),
    python="from trainwell.landscape import race\n"
    "\n"
    f'descents = race("saddle", steps={SADDLE_STEPS}).descents\n'
    "for label, path in zip(descents.labels, descents.paths[:, 0]):\n"
    "    print(label, path[:30])\n",
)
