"""F-6-23: overfitting without and with dropout."""

from trainwell.display import lines_chart, styles
from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Drawing, Figure, Given
from trainwell.lecture.figures.training import (
    SHARE,
    diverged_notes,
    end_table,
    ends_said,
    legend,
    lines_of,
    observed,
)

COLUMNS = ((0, 1), (560, 2))


def draw(given: Given) -> Content:
    """A panel without dropout and one with it."""
    shown, contenders = BOOK["F-6-23"].shown, list(given.runs)
    series, drawn = observed(given, shown), styles(range(len(contenders)))
    lines = lines_of(series, contenders, list(shown), drawn, range(len(contenders)), within=SHARE)
    chart = lines_chart(lines, "epochs", "", panels=contenders, y_range=SHARE, columns=COLUMNS, height=280)
    return Content(
        [Drawing("panels", "Accuracy over epochs", chart, ends_said(series), *legend(contenders, drawn, list(shown)))],
        series,
        {"Final values": end_table(series, SHARE)},
        diverged_notes(given),
    )


FIGURE = Figure(
    "F-6-23",
    "regularization",
    "The network of F-6-20 learns 300 images without dropout and with it. With dropout the training accuracy rises "
    "later and is closer to the test accuracy, which itself gets no higher in this time.",
    draw,
    BOOK["F-6-23"],
    statements=("C-29",),
    errors=(4,),
)
