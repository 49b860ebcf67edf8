"""The default recipe for a training split of some size: on small data smaller batches and more epochs."""

from math import ceil
from typing import Any

from trainwell.optim import RULES
from trainwell.training.recipe.recipe import Recipe

BATCHES = ((300, 16), (2000, 32))
"""Pairs: below this number of training rows the default batch size is the second number."""
FEWEST_UPDATES = 600
"""The default number of epochs is increased until training has this many updates."""


def fitting(rows: int, *, usual_epochs: float | None = None, **fields: Any) -> Recipe:
    """The default recipe, with a batch size and epochs that suffice on small data, unless these are given.

    The batch size is 16 below 300 training rows and 32 below 2,000. The number of epochs is increased to give 600
    updates. Since this may be too long for some data, the best weights on validation are restored if batch size or
    epochs differ from the default. Full-batch rules keep the default.

    Args:
        rows: number of rows of the training split.
        usual_epochs: number of epochs where these give 600 updates; None for the default.
        **fields: recipe fields that replace the defaults.

    Example:
        >>> fitting(106).batch_size, fitting(106).epochs, fitting(50_000) == Recipe()
        (16, 86.0, True)
    """
    default = Recipe(**({} if usual_epochs is None else {"epochs": usual_epochs}) | fields)
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
