"""Notes on numbers of a recipe that do nothing."""

from collections.abc import Sequence

from trainwell.optim import RULES
from trainwell.training import Recipe

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
