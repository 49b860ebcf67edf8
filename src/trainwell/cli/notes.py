"""Notes on numbers of a recipe that do nothing."""

from collections.abc import Sequence
from math import prod

from trainwell.data import Dataset
from trainwell.optim import RULES
from trainwell.training import Recipe, problems_of

MANY = 2000
"""Parameters whose matrix takes a second or more at every update."""
RULE_NUMBERS = ("momentum", "rho", "beta1", "beta2", "eps", "weight_decay", "damping", "memory")


def without_effect(recipes: Sequence[Recipe]) -> list[str]:
    """A note for every number that was set and that an optimizer does not have, or does not heed."""
    found: dict[str, list[str]] = {}
    for recipe in recipes:
        known = RULES[recipe.optimizer].hyperparameters
        default = Recipe.model_fields["batch_size"].default
        if RULES[recipe.optimizer].full_batch and recipe.batch_size not in ("full", default):
            found.setdefault("batch_size", []).append(recipe.optimizer)
        for name in RULE_NUMBERS:
            if getattr(recipe, name) is not None and name not in known:
                found.setdefault(name, []).append(recipe.optimizer)
    return [f"{name} has no effect with {', '.join(dict.fromkeys(rules))}" for name, rules in found.items()]


def heavy(recipe: Recipe, dataset: Dataset) -> list[str]:
    """A note if every update works on a matrix that is large for the optimizer chosen."""
    if not RULES[recipe.optimizer].matrices:
        return []
    (problem,) = problems_of([recipe], dataset, "float32")
    count = sum(prod(shape) for layer in problem.network.parameter_shapes() for shape in layer.values())
    if count <= MANY:
        return []
    return [
        f"{recipe.optimizer} works on a matrix of {count:,} x {count:,} numbers at every update, which takes long: "
        "lbfgs needs none, and a narrower --hidden makes it smaller"
    ]
