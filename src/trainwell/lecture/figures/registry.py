"""All figures in the lecture's order: one line per file."""

from collections.abc import Mapping

from trainwell.lecture.contents import CONTENTS
from trainwell.lecture.figures.babysitting import learning_curves
from trainwell.lecture.figures.batch_norm import computational_graph, initial_stds, network, training_accuracy
from trainwell.lecture.figures.figure import Figure
from trainwell.lecture.figures.hyperparameters import grid_and_random, random_trials
from trainwell.lecture.figures.initialization import (
    activation_functions,
    fan_in,
    initializations_on_mnist,
    layer_activations,
)
from trainwell.lecture.figures.optimization import (
    bowl,
    gradient_field,
    learning_rates,
    momentum_vectors,
    noisy_paths,
    optimizers_on_mnist,
    optimizers_racing,
    paths_on_the_bowl,
    rolling_ball,
    schedules,
    side_by_side,
    stopping_and_rolling_on,
    taylor_models,
)
from trainwell.lecture.figures.preprocessing import centred_and_shifted
from trainwell.lecture.figures.regularization import dropout, dropout_masks, overfitting, weight_decay

_ALL: tuple[Figure, ...] = (
    bowl.FIGURE,
    gradient_field.FIGURE,
    *paths_on_the_bowl.FIGURES,
    rolling_ball.FIGURE,
    side_by_side.FIGURE,
    optimizers_on_mnist.FIGURE,
    optimizers_racing.FIGURE,
    taylor_models.FIGURE,
    stopping_and_rolling_on.FIGURE,
    momentum_vectors.FIGURE,
    noisy_paths.FIGURE,
    activation_functions.FIGURE,
    *layer_activations.FIGURES,
    fan_in.FIGURE,
    initializations_on_mnist.FIGURE,
    centred_and_shifted.FIGURE,
    network.FIGURE,
    computational_graph.FIGURE,
    training_accuracy.FIGURE,
    initial_stds.FIGURE,
    overfitting.FIGURE,
    weight_decay.FIGURE,
    dropout_masks.FIGURE,
    dropout.FIGURE,
    random_trials.FIGURE,
    learning_rates.FIGURE,
    schedules.FIGURE,
    grid_and_random.FIGURE,
    learning_curves.FIGURE,
)
FIGURES: Mapping[str, Figure] = {one.id: one for one in sorted(_ALL, key=lambda one: list(CONTENTS).index(one.id))}
"""ID -> figure, in the lecture's order."""
