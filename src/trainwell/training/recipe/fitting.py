"""The default recipe for a training split of some size: on small data smaller batches and more epochs."""

from math import ceil
from typing import Any

from trainwell.optim import RULES
from trainwell.training.recipe.recipe import Recipe

BATCHES = ((300, 16), (2000, 32))
"""Training rows below which batches have at most so many rows."""
FEWEST_UPDATES = 600
"""Fewest updates of a training, by which epochs are counted where there are few rows."""


def fitting(rows: int, **fields: Any) -> Recipe:
    """The default recipe, with a batch size and epochs that suffice on small data, unless these are given.

    Below 300 training rows batches have 16 rows, below 2,000 they have 32. There are as many epochs as it takes for 600
    updates, and at least the default number. Rules that take all rows at each update keep the default.

    Args:
        rows: of the training split.
        **fields: recipe fields that replace the defaults.

    Example:
        >>> fitting(106).batch_size, fitting(106).epochs, fitting(50_000) == Recipe()
        (16, 86.0, True)
    """
    given = Recipe(**fields)
    if RULES[given.optimizer].full_batch:
        return given
    size = next((size for below, size in BATCHES if rows < below), None)
    if size is not None and "batch_size" not in fields:
        fields = {**fields, "batch_size": size}
    fitted = Recipe(**fields)
    per_epoch = ceil(rows / (rows if fitted.batch_size == "full" else fitted.batch_size))
    epochs = ceil(FEWEST_UPDATES / per_epoch)
    if epochs <= fitted.epochs or {"epochs", "steps"} & fields.keys():
        return fitted
    return fitted.evolve(epochs=epochs)
