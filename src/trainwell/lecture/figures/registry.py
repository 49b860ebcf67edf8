"""The figures that are built, in the lecture's order: one line per file."""

from collections.abc import Mapping

from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.figures.batch_norm import computational_graph, initial_stds, network, training_accuracy
from trainwell.lecture.figures.figure import Figure
from trainwell.lecture.figures.initialization import activation_functions, initializations_on_mnist, layer_activations
from trainwell.lecture.figures.optimization import optimizers_on_mnist
from trainwell.lecture.figures.regularization import dropout, overfitting, weight_decay

_ALL: tuple[Figure, ...] = (
    optimizers_on_mnist.FIGURE,
    activation_functions.FIGURE,
    *layer_activations.FIGURES,
    initializations_on_mnist.FIGURE,
    network.FIGURE,
    computational_graph.FIGURE,
    training_accuracy.FIGURE,
    initial_stds.FIGURE,
    overfitting.FIGURE,
    weight_decay.FIGURE,
    dropout.FIGURE,
)
FIGURES: Mapping[str, Figure] = {one.id: one for one in sorted(_ALL, key=lambda one: list(CONTENTS).index(one.id))}
"""ID -> figure, in the lecture's order."""
