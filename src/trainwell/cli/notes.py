"""Notes on numbers of a recipe that do nothing."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from trainwell.optim import RULES
from trainwell.training import Recipe

if TYPE_CHECKING:
    from trainwell.comparison import Contender, Terms

RULE_NUMBERS = ("momentum", "rho", "beta1", "beta2", "eps", "weight_decay")


def without_effect(recipes: Sequence[Recipe]) -> list[str]:
    """A note for every number that was set and that an optimizer does not have."""
    found: dict[str, list[str]] = {}
    for recipe in recipes:
        known = RULES[recipe.optimizer].hyperparameters
        for name in RULE_NUMBERS:
            if getattr(recipe, name) is not None and name not in known:
                found.setdefault(name, []).append(recipe.optimizer)
    return [f"{name} has no effect with {', '.join(dict.fromkeys(rules))}" for name, rules in found.items()]


def tuned_although_given(
    contenders: "Sequence[Contender]", given: Mapping[str, Mapping[str, Any]], terms: "Terms"
) -> list[str]:
    """A note for every field that some contenders were given a value of, and that is tuned for them all the same."""
    from trainwell.comparison.tuning import axes_for

    found: dict[str, list[str]] = {}
    for one in contenders:
        for name in axes_for(one, contenders, terms):
            if given[one.label].get(name) is not None:
                found.setdefault(name, []).append(one.label)
    return [
        f"{name.replace('_', ' ')} of {', '.join(labels)} is tuned, whatever was given: --as-given keeps it"
        for name, labels in found.items()
    ]
