"""A race: optimizers on a surface with their paths, and with tuned learning rates on request."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.landscape.descents.result import Descents
from trainwell.landscape.descents.run import TOLERANCE, Contenders, descend
from trainwell.landscape.races.setup import RaceSetup, race_setup
from trainwell.landscape.races.tuning import RateTuning, tune_rates
from trainwell.landscape.surfaces.surface import Surface

NO_MEASURES = ("starts", "axes")
"""Arrays of descents without paths that hold nothing of each contender and start."""


@dataclass(frozen=True, eq=False)
class Race:
    """What a race found.

    Attributes:
        descents: of every contender from every start, with the paths from the first P starts alone:
            `paths` is [C P T+1 D] and `path_values` [C P T+1], P ≤ S.
        tunings: how each learning rate was found, by the contender's label; None where the rates are as given.
        noise: standard deviation of the noise on the gradients.
        seed: of the noise.
    """

    descents: Descents
    tunings: Mapping[str, RateTuning] | None = None
    noise: float = 0.0
    seed: int = 0


def race(
    surface: Surface | str,
    contenders: Contenders | None = None,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    steps: int | None = None,
    *,
    tuned: bool | None = None,
    noise: float = 0.0,
    seed: int = 0,
    tolerance: float = TOLERANCE,
) -> Race:
    """Let optimizers race on a surface.

    Args:
        surface: what is descended; a name is a key of `SURFACES`.
        contenders: see `descend`; None is the lecture's four with its settings on the bowl, its six rules elsewhere.
        starts: one or several; None is the surface's own. Measures are of all, paths of the first 10 at most.
        steps: updates of each; None is 29 on the bowl, as in the lecture, else 300.
        tuned: find each contender's learning rate first, see `tune_rates`. None does so for the lecture's six rules,
            where no contenders were named and the surface has a minimum.
        noise: standard deviation of the normal noise on every component of the gradients.
        seed: of the noise, and of what tuning draws.
        tolerance: norm of the gradient at which a descent has settled.

    Returns:
        The descents with their paths, and how the rates were found.

    Raises:
        LandscapeError: the surface is unknown or cannot be tuned on, a start is not on it, a number is out of range, or
            there would be too many updates to keep the paths.
        RecipeError: a contender is no recipe that can be.
        Interrupted: Ctrl-C.

    Example:
        >>> found = race("bowl", {"plain": {"optimizer": "sgd", "learning_rate": 0.5}}, steps=200)
        >>> found.descents.outcomes.tolist(), found.descents.paths.shape
        ([['converged']], (1, 1, 201, 2))

    Source: F-6-3, F-6-5 to F-6-8.
    """
    return run_race(
        race_setup(surface, contenders, starts, steps, tuned=tuned, noise=noise, seed=seed, tolerance=tolerance)
    )


def run_race(setup: RaceSetup) -> Race:
    """Hold a race that was set up."""
    surface, starts, steps, drawn = setup.surface, setup.starts, setup.steps, setup.num_drawn
    how: Any = {"noise": setup.noise, "seed": setup.seed, "tolerance": setup.tolerance}
    recipes, tunings = setup.recipes, None
    if setup.tuned:
        recipes, tunings = tune_rates(surface, recipes, steps, **how)
    found = descend(surface, recipes, starts[:drawn], steps, paths=True, **how)
    if drawn < len(starts):
        found = _continued(found, descend(surface, recipes, starts, steps, **how))
    return Race(found, tunings, setup.noise, setup.seed)


def _continued(drawn: Descents, every: Descents) -> Descents:
    """The descents from all starts, of which the first were made anew with paths: theirs are the numbers there."""
    P = len(drawn.starts)
    measures: dict[str, Any] = {
        field.name: np.concatenate([getattr(drawn, field.name), getattr(every, field.name)[:, P:]], axis=1)
        for field in fields(Descents)
        if isinstance(getattr(every, field.name), np.ndarray) and field.name not in NO_MEASURES
    }
    seconds = {label: every.seconds[label] + drawn.seconds[label] for label in every.labels}
    return replace(every, **measures, paths=drawn.paths, path_values=drawn.path_values, seconds=seconds)
