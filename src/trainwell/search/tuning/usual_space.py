"""The space that is searched when the user gives none."""

from typing import Any

from trainwell.core import MetricName
from trainwell.data import Dataset
from trainwell.training import Axis, Choices, Range, Recipe, Space

UPDATES_WORTH = 75_000  # examples seen per epoch times epochs, about: small data are passed more often
FEWEST_EPOCHS, MOST_EPOCHS = 20, 100

SMALL = 5000  # training rows below which compiling a third depth would take longer than training it

# Few widths, depths and batch sizes: each combination with batch norm or without is a program to compile. Dropout is
# always there, from rates that do nothing on, since its presence would double them.
AXES: dict[str, Axis] = {
    "optimizer": Choices(("nesterov", "adam", "adamw")),
    "learning_rate": Range(1e-4, 0.3, log=True),
    "momentum": Range(0.5, 0.99),
    "schedule": Choices(("constant", "linear", "cosine")),
    "width": Choices((64, 256)),
    "depth": Choices((1, 2, 3)),
    "batch_norm": Choices((False, True), when={"depth": (2, 3)}),
    "initialization": Choices(("he", "glorot", "xavier")),
    "dropout_rate": Range(0.001, 0.5),
    "l2_penalty": Range(1e-7, 1e-2, log=True, when={"optimizer": ("nesterov", "adam")}),
    "weight_decay": Range(1e-4, 1.0, log=True),
    "batch_size": Choices((32, 128)),
}
SHALLOW: dict[str, Axis] = {
    "depth": Choices((1, 2)),
    "batch_norm": Choices((False, True), when={"depth": (2,)}),
}
TINY = 300  # training rows below which a batch of 128 is all or half of them


def default_space(dataset: Dataset, metric: MetricName, **fields: Any) -> Space:
    """Wide ranges of all that the lecture says matters (T-HP-4), for networks that a laptop trains in seconds.

    Optimizer with its learning rate and momentum, schedule, width, depth, batch norm, dropout, L2 penalty or decoupled
    decay, initialization, batch size. Trials keep the weights of their best observation (T-REG-3).

    Args:
        dataset: smaller ones are passed over more often: 75,000 examples by the number of training rows, at least 20
            and at most 100 times; below 5,000 rows there are at most two hidden layers,
            below 300 smaller batches.
        metric: which observation is the best.
        **fields: of the recipe, fixed in place of searched or of these defaults.

    Returns:
        The space.
    """
    epochs = min(max(round(UPDATES_WORTH / len(dataset.training)), FEWEST_EPOCHS), MOST_EPOCHS)
    axes = AXES if len(dataset.training) >= SMALL else {**AXES, **SHALLOW}
    if len(dataset.training) < TINY:
        axes = {**axes, "batch_size": Choices((16, 64))}
    space = Space(Recipe(epochs=epochs, restore_best=True, metric=metric), axes)
    return space.evolve(**fields) if fields else space
