"""Notes on a race before anything descends: what does nothing, and whose settings are no fair ones."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainwell.cli.options.recipe import on_a_surface
from trainwell.core import RecipeError
from trainwell.landscape import RaceSetup
from trainwell.optim import RULES
from trainwell.training import Recipe


def of_networks(given: Any) -> list[str]:
    """A note on the fields that were given and that a surface has no use for.

    Args:
        given: the contenders as given: fields by label, or in a list.
    """
    contenders: Sequence[Mapping[str, Any]] = list(given.values() if isinstance(given, Mapping) else given or [])
    usual = Recipe()  # files say all fields
    names = dict.fromkeys(
        name for fields in contenders for name, value in fields.items() if value != getattr(usual, name, None)
    )
    idle = [name for name in names if not on_a_surface(name)]
    if not idle:
        return []
    instead = ": --steps says how long" if {"steps", "epochs"} & set(idle) else ""
    return [f"{', '.join(idle)} ha{'s' if len(idle) == 1 else 've'} no effect on a surface{instead}"]


def rates_of_networks(setup: RaceSetup) -> list[str]:
    """A note on contenders that race with the learning rate that their rule has for networks."""
    if setup.tuned:
        return []
    own = {
        label: RULES[recipe.optimizer].default_learning_rate
        for label, recipe in setup.recipes.items()
        if recipe.learning_rate is None and not RULES[recipe.optimizer].second_order
    }
    if not own:
        return []
    who = ", ".join(f"{label} ({rate:g})" for label, rate in own.items())
    return [f"no learning rate is given for {who}: these are for networks, --tuned finds what suits the surface"]


def tuned_although_given(setup: RaceSetup) -> list[str]:
    """A note on the learning rates that were given and that are tuned all the same.

    Raises:
        RecipeError: contenders differ in nothing else.
    """
    if not setup.tuned:
        return []
    labels, bare = list(setup.recipes), [one.evolve(learning_rate=None) for one in setup.recipes.values()]
    for place, recipe in enumerate(bare):
        if (first := bare.index(recipe)) < place:
            raise RecipeError(
                f"'{labels[first]}' and '{labels[place]}' differ in nothing but their learning rates, which --tuned "
                "finds for both: leave one out, or leave --tuned out"
            )
    given = [label for label, one in setup.recipes.items() if one.learning_rate is not None]
    return [f"learning rate of {', '.join(given)} is tuned, whatever was given: --as-given keeps it"] if given else []
