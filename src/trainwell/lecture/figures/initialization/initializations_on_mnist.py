"""F-6-15: the training loss by initialization."""

from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.training import KAISER, LOSS, training_content


def draw(given: Given) -> Content:
    """The smoothed losses; the numbers are those of the losses themselves."""
    return training_content(
        given,
        BOOK["F-6-15"].shown,
        "loss on the last batch",
        LOSS,
        updates=True,
        y_range=(0.0, 2.5),
        smoothing=KAISER,
    )


FIGURE = Figure(
    "F-6-15",
    "initialization",
    "The same network starts from weights of standard deviation 0.01, from Xavier's and from He's, and trains on the "
    "same batches. From 0.01 it hardly learns in the time shown; from He's weights the loss falls first.",
    draw,
    BOOK["F-6-15"],
    statements=("C-07",),
)
