"""Points that show whether a space holds only valid recipes: every end of a range and every choice, one at a time."""

from collections.abc import Iterator
from itertools import islice, product
from typing import TYPE_CHECKING, Any

from trainwell.core import RecipeError, SpaceError
from trainwell.optim import SCHEDULES, make_schedule
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.space.axes import Axis, Range

if TYPE_CHECKING:
    from trainwell.training.space.space import Space

MOST_COMBINATIONS = 10_000  # of the values that conditions speak of, tried to find one under which an axis is there
LONG = 1e9  # epochs of a run whose length is given in steps


def check_points(space: "Space") -> None:
    """Build the recipe at every point of `points`.

    Raises:
        SpaceError: a recipe is not valid, or an axis is never there.
    """
    for values in points(space):
        try:
            _check(space.recipe(values))
        except SpaceError:
            raise
        except RecipeError as error:
            raise SpaceError(f"in the search space: {error}") from None


def points(space: "Space") -> Iterator[dict[str, Any]]:
    """Every end of every range and every choice, all other axes at their first values.

    Args:
        space: any.

    Yields:
        Values of axes, such as `space.recipe` takes.
    """
    for name in space.ordered:
        reached = _reached(space, name)
        for value in _ends(space.axes[name]):
            values = {**reached, name: value}
            for other in space.ordered:
                if other not in values and space.is_active(other, values):
                    values[other] = _ends(space.axes[other])[0]
            yield values


def _reached(space: "Space", name: str) -> dict[str, Any]:
    """Values of other axes under which this one is there."""
    before = [other for other in space.ordered if other in _ancestors(space, name)]
    options = [_mentioned(space, other) for other in before]
    for combination in islice(product(*options), MOST_COMBINATIONS):
        values = dict(zip(before, combination, strict=True))
        if space.is_active(name, values):
            return values
    raise SpaceError(f"{name} is never there: its conditions exclude each other")


def _ancestors(space: "Space", name: str) -> set[str]:
    found, open_ends = set[str](), [name]
    while open_ends:
        parents = {parent for parent in space.axes[open_ends.pop()].when or {} if parent in space.axes}
        open_ends += parents - found
        found |= parents
    return found


def _mentioned(space: "Space", name: str) -> list[Any]:
    """The values of an axis that conditions speak of, and its ends."""
    spoken = [value for axis in space.axes.values() for value in (axis.when or {}).get(name, ())]
    return list(dict.fromkeys([*spoken, *_ends(space.axes[name])]))


def _ends(axis: Axis) -> tuple[Any, ...]:
    return (axis.low, axis.high) if isinstance(axis, Range) else axis.values


def _check(recipe: Recipe) -> None:
    """What a recipe alone does not check: that schedule and rates per layer fit the run and the network."""
    given = {name: getattr(recipe, f"schedule_{name}") for name in SCHEDULES[recipe.schedule].parameters}
    make_schedule(
        recipe.schedule,
        recipe.epochs if recipe.steps is None else LONG,
        recipe.warmup_epochs,
        recipe.schedule_stepwise,
        **{name: value for name, value in given.items() if value is not None},
    )
    rates, layers = recipe.layer_learning_rates, len(recipe.hidden) + 1
    if rates is not None and len(rates) != layers:
        raise RecipeError(f"layer_learning_rates has {len(rates)} values, a network of the space {layers} layers")
