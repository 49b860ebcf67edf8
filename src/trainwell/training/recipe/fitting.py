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
    updates, and at least the default number. Since so many are too many for some data, the weights of the best
    observation on validation are kept where batches or epochs are others than the default's. Rules that take all rows
    at each update keep the default.

    Args:
        rows: of the training split.
        **fields: recipe fields that replace the defaults.

    Example:
        >>> fitting(106).batch_size, fitting(106).epochs, fitting(50_000) == Recipe()
        (16, 86.0, True)
    """
    default = Recipe(**fields)
    if RULES[default.optimizer].full_batch:
        return default
    own: dict[str, Any] = {}
    size = next((size for below, size in BATCHES if rows < below), None)
    if size is not None and "batch_size" not in fields:
        own["batch_size"] = size
    batch = {**fields, **own}.get("batch_size", default.batch_size)
    epochs = ceil(FEWEST_UPDATES / ceil(rows / (rows if batch == "full" else batch)))
    if epochs > default.epochs and not {"epochs", "steps"} & fields.keys():
        own["epochs"] = epochs
    return default.evolve(**{"restore_best": True, **own, **fields}) if own else default
