"""F-6-21: training and test accuracy of F-6-20's network with weight decay."""

from trainwell.lecture.book import BOOK
from trainwell.lecture.figures.figure import Content, Figure, Given
from trainwell.lecture.figures.training import SHARE, training_content


def draw(given: Given) -> Content:
    """Both accuracies over epochs."""
    return training_content(given, BOOK["F-6-21"].shown, "accuracy", SHARE, y_range=SHARE)


FIGURE = Figure(
    "F-6-21",
    "regularization",
    "The network of F-6-20 learns the same 300 images with a penalty on its weights. The gap between training and "
    "test accuracy is narrower, and training accuracy stays below 100%.",
    draw,
    BOOK["F-6-21"],
    statements=("C-28",),
)
