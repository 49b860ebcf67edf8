"""F-6-19: training accuracy with and without batch norm, for 16 standard deviations of the initial weights."""

from trainwell.display import lines_chart, styles
from trainwell.lecture.book import BOOK, STDS
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

PAIR = ("batch norm", "no batch norm")
COLUMNS = ((0, 2), (560, 4))


def draw(given: Given) -> Content:
    """A panel per standard deviation."""
    shown = BOOK["F-6-19"].shown
    series, drawn, lines = observed(given, shown), styles(range(len(PAIR))), []
    for panel in range(len(STDS)):
        own = series[panel * len(PAIR) : (panel + 1) * len(PAIR)]
        lines += lines_of(own, PAIR, list(shown), drawn, [panel] * len(PAIR), within=SHARE)
    titles = [f"std {std:.3g}" for std in STDS]
    chart = lines_chart(lines, "epochs", "", panels=titles, y_range=SHARE, columns=COLUMNS)
    contenders, kinds = legend(PAIR, drawn, list(shown))
    return Content(
        [Drawing("panels", "Training accuracy over epochs", chart, ends_said(series), contenders, kinds)],
        series,
        {"Final values": end_table(series, SHARE)},
        diverged_notes(given),
    )


FIGURE = Figure(
    "F-6-19",
    "batch_norm",
    "The network of F-6-18 starts from normal weights of 16 standard deviations, from 1 down to 0.0001. With batch "
    "normalization it learns from all of them, if more slowly at both ends; without, only within a narrow range.",
    draw,
    BOOK["F-6-19"],
    statements=("C-12", "C-11"),
)
