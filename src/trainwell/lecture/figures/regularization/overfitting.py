"""F-6-20: training and test accuracy of a large network on 300 images."""

from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.training import SHARE, training_content


def draw(given: Given) -> Content:
    """Both accuracies over epochs."""
    return training_content(given, BOOK["F-6-20"].shown, "accuracy", SHARE, y_range=SHARE)


FIGURE = Figure(
    "F-6-20",
    "regularization",
    "A network of seven layers memorizes 300 images: training accuracy reaches 100%. On unseen images accuracy stays "
    "far below.",
    draw,
    BOOK["F-6-20"],
    statements=("C-27", "C-34"),
)
