"""F-6-3, F-6-5, F-6-6, F-6-7: the paths of SGD, momentum, AdaGrad and Adam on the bowl, one each."""

from functools import partial

from trainwell.landscape import LECTURE, LECTURE_STEPS
from trainwell.lecture.figures.descents import (
    books_descents,
    bowl_chart,
    number,
    own_styles,
    path_series,
    paths_of,
    point_text,
    recipes,
    stands_table,
)
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given

LISTED = (0, 1, 2, 3, 5, 10, 15, 20, 25, LECTURE_STEPS)
"""Updates listed in the table."""
TURNS = {0: "never turns", 1: "turns once"}


def draw(given: Given, *, label: str) -> Content:
    """The path of one optimizer, point by point."""
    found = books_descents()
    k = found.labels.index(label)
    paths = paths_of(found, [k])
    turns = int(found.zigzags[k, 0])
    said = (
        f"From (−7, 2), {LECTURE_STEPS} updates of {label} lead to {point_text(found.points[k, 0])}, where the height "
        f"is {number(found.values[k, 0], 3)}. Across the valley "
        f"the path {TURNS.get(turns, f'turns {turns} times')}."
    )
    chart = bowl_chart(found, [k], own_styles(len(found.labels)))
    return Content(
        [Drawing("path", f"{label}: 30 points on the contours of x²/20 + y² up to 7", chart, said)],
        path_series(paths),
        {"Points of the path": stands_table(paths, LISTED)},
    )


def _figure(name: str, label: str, text: str, statements: tuple[str, ...], errors: tuple[int, ...]) -> Figure:
    return Figure(
        name,
        "optimization",
        text,
        partial(draw, label=label),
        contenders={label: recipes()[label]},
        statements=statements,
        errors=errors,
        python="from trainwell.landscape import race\n"
        "\n"
        'descents = race("bowl").descents\n'
        f"k = descents.labels.index({label!r})\n"
        "print(descents.paths[k, 0])\n",
    )


_SGD, _MOMENTUM, _ADAGRAD, _ADAM = LECTURE
FIGURES = (
    _figure(
        "F-6-3",
        _SGD,
        "SGD zigzags: every update but the first undoes most of the previous one across the valley. Along the "
        "valley, where the slope is small, it is slow.",
        ("C-14", "C-23"),
        (7,),
    ),
    _figure(
        "F-6-5",
        _MOMENTUM,
        "Momentum moves like a ball in the bowl: it swings across the valley in wide curves instead of zigzags. Along "
        "the valley it gathers speed, and at the end it has rolled past the minimum.",
        ("C-36", "C-23"),
        (),
    ),
    _figure(
        "F-6-6",
        _ADAGRAD,
        "AdaGrad takes its largest step first and then ever smaller ones, on the steep axis as on the flat one. It "
        "goes to the minimum without a single turn across the valley.",
        ("C-37", "C-21", "C-23"),
        (2, 9),
    ),
    _figure(
        "F-6-7",
        _ADAM,
        "Adam curves into the valley and past its floor, but swings less than momentum. After 30 points it is at "
        "the minimum along the valley, but not yet across it.",
        ("C-37", "C-22", "C-23"),
        (3, 9),
    ),
)
