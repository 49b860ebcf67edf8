"""What is to descend: recipes, of which a surface takes optimizer, schedule and clipping."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from trainwell.core.errors import RecipeError
from trainwell.landscape.errors import LandscapeError
from trainwell.training import Recipe, recipe_labels

What: TypeAlias = Recipe | str | Mapping[str, Any]
"""A recipe, the name of an optimizer, or fields of a recipe."""
Contenders: TypeAlias = What | Mapping[str, What] | Sequence[What]
"""One, several by label, or several that are labelled by what sets them apart."""


def recipes_of(contenders: Contenders, steps: int, observe_every: int) -> dict[str, Recipe]:
    """The contenders' recipes by label, each with its budget.

    Args:
        contenders: what is to descend. A mapping whose keys are all fields of a recipe is one contender.
        steps: updates of each.
        observe_every: updates between observations.

    Raises:
        LandscapeError: there is none, or one is neither a recipe, a name nor fields.
        RecipeError: a field or optimizer is unknown, or a number out of range.
    """
    given: Any = [contenders] if isinstance(contenders, Recipe | str) or _is_fields(contenders) else contenders
    if not isinstance(given, Mapping | Sequence) or not given:
        raise LandscapeError("nothing is to descend: give an optimizer, or several, such as ['sgd', 'adam']")
    if isinstance(given, Mapping):
        recipes = {str(label): _recipe_of(what, f"'{label}'") for label, what in given.items()}
    else:
        found = [_recipe_of(what, str(place)) for place, what in enumerate(given, 1)]
        recipes = dict(zip(recipe_labels(found), found, strict=True))
    # Early stopping watches a validation split, which a surface has not.
    budget = {"steps": steps, "observe_every": observe_every, "observe_first": 0 if observe_every == 1 else None}
    return {label: one.evolve(**budget, patience=None, restore_best=None) for label, one in recipes.items()}


def _is_fields(given: Any) -> bool:
    return isinstance(given, Mapping) and bool(given) and all(name in Recipe.model_fields for name in given)


def _recipe_of(what: Any, who: str) -> Recipe:
    if isinstance(what, Recipe):
        return what
    if not isinstance(what, str | Mapping):
        raise LandscapeError(
            f"contender {who} must be a recipe, an optimizer's name or fields of a recipe, got {type(what).__name__}: "
            "register an optimizer of your own first, with trainwell.register"
        )
    try:
        return Recipe(optimizer=what) if isinstance(what, str) else Recipe(**what)
    except RecipeError as error:
        raise RecipeError(f"contender {who}: {error}") from error.__cause__
