"""What is to descend: recipes, of which a surface takes optimizer, schedule and clipping."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from trainwell.landscape.errors import LandscapeError
from trainwell.training import Recipe, What, contenders_of

Contenders: TypeAlias = What | Mapping[str, What] | Sequence[What]
"""One, several by label, or several that are labelled by what sets them apart."""
FILES = (".toml", ".json")


def recipes_of(contenders: Contenders, steps: int, observe_every: int) -> dict[str, Recipe]:
    """The contenders' recipes by label, each with its budget.

    Args:
        contenders: what is to descend: see `contenders_of`; a text that is no file's name is an optimizer's. A mapping
            of a recipe's fields to their values is one contender.
        steps: updates of each.
        observe_every: updates between observations.

    Raises:
        LandscapeError: there is none.
        RecipeError: one is nothing that can descend, a field or optimizer is unknown, or a number out of range.
    """
    given: Any = [contenders] if _is_one(contenders) else contenders
    if not isinstance(given, Mapping | Sequence) or not given:
        raise LandscapeError("nothing is to descend: give an optimizer, or several, such as ['sgd', 'adam']")
    if isinstance(given, Mapping):
        named: Any = {label: _named(what) for label, what in given.items()}
    else:
        named = [_named(what) for what in given]
    # Early stopping watches a validation split, which a surface has not.
    budget = {"steps": steps, "observe_every": observe_every, "observe_first": 0 if observe_every == 1 else None}
    return {
        one.label: one.recipe.evolve(**budget, patience=None, restore_best=None)
        for one in contenders_of(named, fewest=1)
    }


def _named(what: Any) -> Any:
    """An optimizer's name as a field."""
    return {"optimizer": what} if isinstance(what, str) and not what.endswith(FILES) else what


def _is_one(given: Any) -> bool:
    """Whether this is one contender, not several."""
    if isinstance(given, Mapping):
        # A label can be a field's name, too: "momentum" is both.
        labelled = any(isinstance(what, Mapping | Recipe) for what in given.values())
        return bool(given) and not labelled and all(name in Recipe.model_fields for name in given)
    return isinstance(given, Recipe | str | Path) or callable(given) or hasattr(given, "update")
