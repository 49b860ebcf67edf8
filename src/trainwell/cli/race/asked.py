"""What a race is asked for: surface, starts and contenders; and notes about it."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from trainwell.cli.options.bundles import option_of
from trainwell.cli.options.contenders import given_contenders
from trainwell.cli.options.race import RaceOptions
from trainwell.cli.options.recipe import changes_of, on_a_surface
from trainwell.core import RecipeError, scalar_of
from trainwell.landscape import SURFACES, LandscapeError, RaceSetup, Surface, race_setup, surface
from trainwell.optim import RULES
from trainwell.training import Recipe

Contenders = Mapping[str, Mapping[str, Any]] | Sequence[Mapping[str, Any]] | None
"""Fields by label, or in a list; None where nobody is named."""
DEFAULT = "bowl"
MOST_STARTS = 100_000
INSTEAD = {"--steps": {"steps", "epochs"}, "--tolerance": {"gradient_tolerance"}}
"""Options of a race, and the fields of recipes that they replace."""


def setup_of(options: RaceOptions, contenders: Contenders) -> RaceSetup:
    """The race asked for, sound.

    Raises:
        LandscapeError: the surface, a start or a number is wrong.
        RecipeError: a contender is.
    """
    where = surface_of(options.words or [])
    return race_setup(
        where,
        contenders,
        starts_of(where, options.start or [], options.starts, options.start_seed),
        tuned=options.tuned,
        **options.how,
    )


def contenders_of(options: RaceOptions) -> Contenders:
    """Fields by label; None where nobody is named."""
    shared = changes_of(options.given, options.settings)
    if options.vary or options.contender:
        given = given_contenders(options.vary or [], options.contender or [])
        return {label: {**shared, **changes} for label, changes in given.items()}
    if shared and "optimizer" not in shared:
        option = "--set" if options.settings else option_of(next(iter(options.given)))
        raise RecipeError(f"{option} is for contenders that are named: name them by --contender or --vary")
    return [shared] if shared else None


def surface_of(words: Sequence[str]) -> Surface:
    """The surface from words such as `quadratic condition=100`.

    Args:
        words: a name and its parameters; none is the bowl.

    Raises:
        LandscapeError: the name or a number is unknown, malformed, or given twice.

    Example:
        >>> surface_of(["quadratic", "dimension=5"]).dimension, surface_of(["quadratic dimension=5"]).dimension
        (5, 5)
    """
    name, *rest = " ".join(words).split() or [DEFAULT]  # also where quotes made one word of them
    if "=" in name:
        raise LandscapeError(f"'{name}' names no surface: write its name in front, as in 'quadratic dimension=5'")
    numbers: dict[str, int | float | str] = {}
    for word in rest:
        number, equals, text = word.partition("=")
        number = number.strip().replace("-", "_")
        if not equals:
            if word.replace("-", "_") in SURFACES:
                raise LandscapeError(
                    f"a race is on one surface, and {name} and {word} are two: race on one after the other"
                )
            raise LandscapeError(
                f"'{word}' says nothing about {name}: after the surface come its parameters, as in 'quadratic "
                "dimension=5'"
            )
        if number in numbers:
            raise LandscapeError(f"{number} is given twice: give it once")
        numbers[number] = scalar_of(text)
    return surface(name.replace("-", "_"), **numbers)


def starts_of(on: Surface, texts: Sequence[str], count: int | None, seed: int) -> Float[np.ndarray, "S D"] | None:
    """Starts from texts such as `-7,2`, and random ones after them.

    Args:
        on: the surface.
        texts: one per start, a number per axis.
        count: number of random starts; None for none.
        seed: seed of the random starts.

    Returns:
        The starts; None where neither is given.

    Raises:
        LandscapeError: a text is no start, or there are too few or too many.
    """
    given = [_start(on, text) for text in texts]
    if count is None:
        return np.array(given) if given else None
    if count > MOST_STARTS:
        raise LandscapeError(f"--starts is at most {MOST_STARTS:,}, got {count:,}: take fewer, or `trainwell.descend`")
    drawn = on.random_starts(count, seed)
    return np.concatenate([given, drawn]) if given else drawn


def _start(on: Surface, text: str) -> list[float]:
    try:
        start = [float(part) for part in text.strip("()[] ").split(",")]
    except ValueError:
        example = ",".join(f"{x:g}" for x in on.start)
        raise LandscapeError(f"--start '{text}' must be numbers joined by commas, such as {example}") from None
    if len(start) != on.dimension:
        raise LandscapeError(
            f"--start {text} has {len(start)} number{'s' * (len(start) != 1)}, but '{on.name}' has {on.dimension} "
            f"dimension{'s' * (on.dimension > 1)}: give one number per axis"
        )
    return start


def of_networks(given: Contenders) -> list[str]:
    """A note on the fields that were given and that a surface has no use for."""
    contenders = given.values() if isinstance(given, Mapping) else given or ()
    usual = Recipe()  # files say all fields
    names = dict.fromkeys(
        name for fields in contenders for name, value in fields.items() if value != getattr(usual, name, None)
    )
    idle = [name for name in names if not on_a_surface(name)]
    if not idle:
        return []
    instead = [option for option, names in INSTEAD.items() if names & set(idle)]
    advice = f": use {' and '.join(instead)}" if instead else ""
    return [f"{', '.join(idle)} ha{'s' if len(idle) == 1 else 've'} no effect on a surface{advice}"]


def rates_of_networks(setup: RaceSetup) -> list[str]:
    """A note on contenders that race with the learning rate that their rule has for networks."""
    if setup.tuned:
        return []
    own = {
        label: recipe.rule_numbers["learning_rate"]
        for label, recipe in setup.recipes.items()
        if recipe.learning_rate is None and not RULES[recipe.optimizer].second_order
    }
    if not own:
        return []
    who = ", ".join(f"{label} ({rate:g})" for label, rate in own.items())
    have = "have their default learning rates" if len(own) > 1 else "has its default learning rate"
    return [f"{who} {have}, meant for networks: --tuned finds what suits this surface"]


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
