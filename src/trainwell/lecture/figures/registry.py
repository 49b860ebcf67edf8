"""The figures that are built, in the lecture's order: one line per file."""

from collections.abc import Mapping

from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.figures.figure import Figure
from trainwell.lecture.figures.initialization import activation_functions
from trainwell.lecture.figures.optimization import optimizers_on_mnist
from trainwell.lecture.figures.regularization import overfitting

_ALL: tuple[Figure, ...] = (
    optimizers_on_mnist.FIGURE,
    activation_functions.FIGURE,
    overfitting.FIGURE,
)
FIGURES: Mapping[str, Figure] = {one.id: one for one in sorted(_ALL, key=lambda one: list(CONTENTS).index(one.id))}
"""ID -> figure, in the lecture's order."""
