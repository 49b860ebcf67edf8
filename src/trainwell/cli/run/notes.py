"""Notes on fields of a recipe that do nothing."""

from collections.abc import Mapping, Sequence

from trainwell.core import value_text
from trainwell.data import Dataset
from trainwell.nn import num_parameters
from trainwell.optim import RULES
from trainwell.training import Axis, Recipe, deciding_field, has_effect, possible, problems_of, recipe_fields

MANY = 2000
"""Parameters whose matrix takes a second or more at every update."""


def without_effect(recipes: Sequence[Recipe], axes: Mapping[str, Axis] | None = None) -> list[str]:
    """A note for every field that was set and that nothing heeds: momentum under adam, a slope without leaky ReLU.

    Args:
        recipes: what was asked for.
        axes: what is searched over beside them: a field has an effect if any value of these gives it one.
    """
    axes = axes or {}
    found: dict[tuple[str, str], list[str]] = {}
    for recipe in recipes:
        rules = [str(one) for one in possible("optimizer", recipe, axes) or ()]
        default = Recipe.model_fields["batch_size"].default
        if all(RULES[one].full_batch for one in rules) and recipe.batch_size not in ("full", default):
            found.setdefault(("batch_size", "with"), []).extend(rules)
        for name, field in recipe_fields().items():
            user = deciding_field(name)
            is_set = name not in axes and getattr(recipe, name, None) != field.default
            if user and is_set and not has_effect(name, recipe, axes):
                values = [value_text(one, str) for one in possible(user[0], recipe, axes) or ()]
                where = "with" if user[0] == "optimizer" else f"while {user[0]} is"
                found.setdefault((name, where), []).extend(values)
    return [
        f"{name} has no effect {where} {', '.join(dict.fromkeys(values))}" for (name, where), values in found.items()
    ]


def stops_by_chance(recipe: Recipe) -> list[str]:
    """A note if training stops at a small gradient that is of a mini-batch only."""
    if recipe.gradient_tolerance is None or recipe.batch_size == "full" or RULES[recipe.optimizer].full_batch:
        return []
    return [
        "gradient_tolerance is compared with the gradient of one mini-batch, which can be small by chance: use "
        "--batch-size full"
    ]


def heavy(recipe: Recipe, dataset: Dataset) -> list[str]:
    """A note if every update works on a matrix that is large for the optimizer chosen."""
    if not RULES[recipe.optimizer].matrices:
        return []
    (problem,) = problems_of([recipe], dataset, "float32")
    count = num_parameters(problem.network)
    if count <= MANY:
        return []
    return [
        f"{recipe.optimizer} works on a matrix of {count:,} x {count:,} numbers at every update, which takes long: "
        "lbfgs needs none, and a narrower --hidden makes it smaller"
    ]
