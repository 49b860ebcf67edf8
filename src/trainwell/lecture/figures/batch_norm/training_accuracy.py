"""F-6-18: training accuracy with and without batch norm."""

from dataclasses import replace

from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.training import SHARE, training_content

NOTE = (
    "The documents do not give the standard deviation of the initial weights. It is He's √(2/n) here: far below it "
    "the network without batch normalization does not learn within these epochs."
)


def draw(given: Given) -> Content:
    """Both accuracies over epochs."""
    content = training_content(given, BOOK["F-6-18"].shown, "training accuracy", SHARE, y_range=SHARE)
    return replace(content, notes=(NOTE, *content.notes))


FIGURE = Figure(
    "F-6-18",
    "batch_norm",
    "The same network learns the same images with batch normalization and without, from the same initial weights. "
    "With batch normalization the training accuracy rises sooner.",
    draw,
    BOOK["F-6-18"],
    statements=("C-11",),
)
