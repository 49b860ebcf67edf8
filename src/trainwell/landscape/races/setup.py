"""What a race is asked for, checked before anything descends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.landscape.descents.run import TOLERANCE, Contenders, recipes_of, starts_on
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.races.tuning import check_tunable, has_minimum
from trainwell.landscape.surfaces.bowl import value as bowl_value
from trainwell.landscape.surfaces.checks import not_negative, whole_number
from trainwell.landscape.surfaces.registry import surface as surface_called
from trainwell.landscape.surfaces.surface import Surface
from trainwell.training import Recipe

LECTURE: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "Momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "AdaGrad": {"optimizer": "adagrad", "learning_rate": 1.5},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
"""The lecture's race on the bowl: F-6-3, F-6-5 to F-6-8."""
LECTURE_STEPS = 29
"""Its updates: the figures have 30 points."""
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
"""The lecture's rules."""
STEPS = 300
RATE = 0.05
"""Of all six on a surface without a minimum, where none is the best."""


def usual_contenders(surface: Surface) -> tuple[Mapping[str, Mapping[str, Any]], bool]:
    """The contenders that race on a surface, and whether their learning rates need tuning.

    On the bowl they are the lecture's four with its settings. Elsewhere they are the lecture's six rules, tuned; on a
    surface without a minimum all have the same rate.
    """
    if is_bowl(surface):
        return LECTURE, False
    if has_minimum(surface):
        return {name: {"optimizer": name} for name in SIX}, True
    return {name: {"optimizer": name, "learning_rate": RATE} for name in SIX}, False


def usual_steps(surface: Surface) -> int:
    """Updates of a race on a surface."""
    return LECTURE_STEPS if is_bowl(surface) else STEPS


def is_bowl(surface: Surface) -> bool:
    """Whether this is the lecture's bowl."""
    return surface.formula is bowl_value


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
