"""What a race is asked for, checked before anything descends."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.landscape.descents.run import TOLERANCE, starts_on
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.races.contenders import Contenders, recipes_of
from trainwell.landscape.races.tuning import check_tunable
from trainwell.landscape.races.usual_contenders import usual_contenders, usual_steps
from trainwell.landscape.surfaces.checks import not_negative, whole_number
from trainwell.landscape.surfaces.registry import surface as surface_called
from trainwell.landscape.surfaces.surface import Surface
from trainwell.training import Recipe

DRAWN = 10
"""Starts whose paths are kept, at most."""
PATH_NUMBERS = 4_000_000
"""Coordinates and values of paths that are kept, at most: what a page and a table still hold."""


@dataclass(frozen=True, eq=False)
class RaceSetup:
    """A race that can be held.

    Attributes:
        surface: what is descended.
        recipes: the contenders by label, before tuning.
        starts: of every contender.
        num_drawn: of the starts, from the first on, whose paths are kept.
        steps: updates of each descent.
        tuned: whether each contender's learning rate is found first.
        noise: standard deviation of the noise on the gradients.
        seed: of the noise, and of what tuning draws.
        tolerance: norm of the gradient at which a descent has settled.
    """

    surface: Surface
    recipes: Mapping[str, Recipe]
    starts: Float[np.ndarray, "S D"]
    num_drawn: int
    steps: int
    tuned: bool
    noise: float
    seed: int
    tolerance: float


def race_setup(
    surface: Surface | str,
    contenders: Contenders | None = None,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    steps: int | None = None,
    *,
    tuned: bool | None = None,
    noise: float = 0.0,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> RaceSetup:
    """Check what `race` is asked for; arguments and errors are its own."""
    surface = surface_called(surface) if isinstance(surface, str) else surface
    if not isinstance(surface, Surface):
        raise LandscapeError(f"a surface or its name is needed, got {type(surface).__name__}: see own_surface")
    usual, needs_tuning = usual_contenders(surface)
    steps = usual_steps(surface) if steps is None else whole_number("steps", steps, 1)
    tuned = (contenders is None and needs_tuning) if tuned is None else tuned
    if tuned:
        check_tunable(surface)
    begun = starts_on(surface, starts)
    recipes = recipes_of(usual if contenders is None else contenders, steps, steps)
    return RaceSetup(
        surface,
        recipes,
        begun,
        _num_drawn(surface, len(recipes), len(begun), steps),
        steps,
        tuned,
        not_negative("noise", noise),
        whole_number("seed", seed, 0),
        not_negative("tolerance", tolerance),
    )


def _num_drawn(surface: Surface, num_contenders: int, num_starts: int, steps: int) -> int:
    """From how many starts paths are kept."""
    fits = PATH_NUMBERS // (num_contenders * (steps + 1) * (surface.dimension + 1))
    if not fits:
        raise LandscapeError(
            f"paths of {num_contenders} contender{'s' * (num_contenders > 1)} and {steps:,} updates in "
            f"{surface.dimension} dimensions are too much to keep: take fewer updates, or `descend`, which can do "
            "without paths"
        )
    return min(num_starts, DRAWN, fits)
