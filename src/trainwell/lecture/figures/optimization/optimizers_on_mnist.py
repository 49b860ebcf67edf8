"""F-6-9: the training loss of four optimizers."""

from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.training import KAISER, LOSS, training_content


def draw(given: Given) -> Content:
    """The smoothed losses; the numbers are those of the losses themselves."""
    return training_content(
        given,
        BOOK["F-6-9"].shown,
        "loss on the last batch, after its update",
        LOSS,
        updates=True,
        y_range=(0.0, 1.0),
        smoothing=KAISER,
    )


FIGURE = Figure(
    "F-6-9",
    "optimization",
    "Four optimizers train the same network from the same weights on the same batches. AdaGrad, Adam and momentum "
    "learn faster than plain SGD with the learning rates that the book gives them.",
    draw,
    BOOK["F-6-9"],
    statements=("C-23", "C-24"),
    errors=(2, 3, 9),
)
