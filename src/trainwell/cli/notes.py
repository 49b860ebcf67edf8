"""Whether recipes fit the data: found out before anything is written, and how much work they are."""

from collections.abc import Sequence

from trainwell.data import Dataset
from trainwell.optim import RULES
from trainwell.training import Entry, Member, Recipe, problems_of

RULE_NUMBERS = ("momentum", "rho", "beta1", "beta2", "eps", "weight_decay")


def work_of(recipes: Sequence[Recipe], dataset: Dataset, precision: str) -> list[float]:
    """Floating-point operations of one member of each recipe.

    Raises:
        RecipeError: a recipe does not fit the data, or its parts do not fit each other.
    """
    work = []
    for problem in problems_of(recipes, dataset, precision):
        entry = Entry(0, Member(problem.recipe, 0), problem)
        # Both raise if their parts of the recipe cannot be: here, and not after hours.
        entry.problem.init(0)
        entry.learning_rates(0, 1)
        work.append(entry.problem.flops_per_step * entry.points.total)
    return work


def without_effect(recipes: Sequence[Recipe]) -> list[str]:
    """A note for every number that was set and that an optimizer does not have."""
    found: dict[str, list[str]] = {}
    for recipe in recipes:
        known = RULES[recipe.optimizer].hyperparameters
        for name in RULE_NUMBERS:
            if getattr(recipe, name) is not None and name not in known:
                found.setdefault(name, []).append(recipe.optimizer)
    return [f"{name} has no effect with {', '.join(dict.fromkeys(rules))}" for name, rules in found.items()]
