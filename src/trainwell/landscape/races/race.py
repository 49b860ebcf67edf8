"""Races: optimizers compared on one surface, with their paths, and with tuned learning rates if asked for."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import ArrayLike, Float

from trainwell.core import finite
from trainwell.display import Figure, Forms, Table
from trainwell.landscape.descents.result import Descents
from trainwell.landscape.descents.run import Contenders, descend, recipes_of, starts_on
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.races.tuning import RateTuning, check_tunable, has_minimum, tune_rates
from trainwell.landscape.settings import LECTURE_STEPS, STEPS, RaceSettings
from trainwell.landscape.surfaces.bowls_and_saddles import bowl_value
from trainwell.landscape.surfaces.checks import at_least, whole_number
from trainwell.landscape.surfaces.registry import surface_of
from trainwell.landscape.surfaces.surface import Surface
from trainwell.statistics import median_interval
from trainwell.training import Recipe

if TYPE_CHECKING:
    import polars as pl

LECTURE: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "Momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "AdaGrad": {"optimizer": "adagrad", "learning_rate": 1.5},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
"""Default contenders on the bowl, by label.

Source: F-6-3, F-6-5 to F-6-8; *Deep Learning from Scratch*, ch. 6.
"""
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
"""Default contenders on other surfaces."""
RATE = 0.05
"""Their learning rate on a surface without a minimum, where rates cannot be tuned."""


def usual_contenders(surface: Surface) -> tuple[Mapping[str, Mapping[str, Any]], bool]:
    """The default contenders on a surface, and whether their learning rates are tuned.

    On the bowl: the four of *Deep Learning from Scratch*, ch. 6, with its settings. Elsewhere: six common optimizers,
    tuned; on a surface without a minimum all have the same learning rate.
    """
    if is_bowl(surface):
        return LECTURE, False
    if has_minimum(surface):
        return {name: {"optimizer": name} for name in SIX}, True
    return {name: {"optimizer": name, "learning_rate": RATE} for name in SIX}, False


def is_bowl(surface: Surface) -> bool:
    """Whether this is the bowl x²/20 + y²."""
    return surface.formula is bowl_value


DRAWN = 10
"""Largest number of starts whose paths are kept."""
PATH_NUMBERS = 4_000_000
"""Largest number of coordinates and values of kept paths, to limit the size of pages and files."""


@dataclass(frozen=True, eq=False)
class RaceSetup:
    """The checked settings of a race.

    Attributes:
        surface: the surface.
        recipes: the contenders by label, before tuning.
        starts: start points, the same for all contenders.
        num_drawn: number of first starts whose paths are kept.
        steps: updates of each descent.
        tuned: whether each contender's learning rate is tuned first.
        noise: standard deviation of the noise on the gradients.
        seed: seed of the noise and of tuning.
        tolerance: norm of the gradient at or below which a descent has settled.
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
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    tolerance: float = RaceSettings.tolerance,
) -> RaceSetup:
    """Check the settings of a race; arguments and errors are those of `race`."""
    surface = surface_of(surface)
    usual, needs_tuning = usual_contenders(surface)
    usual_steps = LECTURE_STEPS if is_bowl(surface) else STEPS
    steps = usual_steps if steps is None else whole_number("steps", steps)
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
        at_least("noise", noise),
        whole_number("seed", seed, 0),
        at_least("tolerance", tolerance),
    )


def _num_drawn(surface: Surface, num_contenders: int, num_starts: int, steps: int) -> int:
    """The number of starts whose paths are kept."""
    fits = PATH_NUMBERS // (num_contenders * (steps + 1) * (surface.dimension + 1))
    if not fits:
        raise LandscapeError(
            f"paths of {num_contenders} contender{'s' * (num_contenders > 1)} and {steps:,} updates in "
            f"{surface.dimension} dimensions need too much memory: use fewer updates, or `descend` without paths"
        )
    return min(num_starts, DRAWN, fits)


NO_MEASURES = ("starts", "axes")
"""Arrays of `Descents` that are not per contender and start."""


@dataclass(frozen=True, eq=False, repr=False)
class Race(Forms):
    """The result of a race.

    Attributes:
        descents: descents of every contender from every start. Only the first P ≤ S starts have paths: `paths` is
            [C P T+1 D] and `path_values` [C P T+1].
        tunings: how each learning rate was tuned, by the contender's label; None if rates are as given.
        noise: standard deviation of the noise on the gradients.
        seed: seed of the noise.
    """

    descents: Descents
    tunings: Mapping[str, RateTuning] | None = None
    noise: float = 0.0
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        """All numbers, as in the `results.json` of `trainwell race`, best first; None replaces NaN and infinity."""
        from trainwell.landscape.races.shown import remarks

        descents, order = self.descents, self.descents.ranking()
        surface = descents.surface
        found: dict[str, Any] = finite(
            {
                "headline": self.headline,
                "remarks": remarks(self),
                "surface": {
                    "name": surface.name,
                    "dimension": surface.dimension,
                    "domain": surface.domain.tolist(),
                    "description": surface.description,
                },
                "steps": descents.steps,
                "tolerance": descents.tolerance,
                "noise": self.noise,
                "seed": self.seed,
                "tuned": self.tunings is not None,
                "num_starts": len(descents.starts),
                "num_paths": descents.kept[0].shape[1],
                "contenders": [self._contender_json(c) for c in order],
            }
        )
        return found

    def _contender_json(self, c: int) -> dict[str, Any]:
        """A contender's numbers, with medians over the starts, and its descents with paths."""
        found = self.descents
        label = found.labels[c]
        recipe, tunings = found.recipes[label], self.tunings or {}
        return {
            "label": label,
            "optimizer": recipe.optimizer,
            "learning_rate": recipe.rule_numbers["learning_rate"],
            "outcomes": found.count(label),
            "medians": {name: _median(name, values[c]) for name, values in found.measures.items()},
            "seconds": found.seconds[label],
            "tuning": tunings[label].to_json() if label in tunings else None,
            "recipe": recipe.model_dump(mode="json"),
            "descents": [found.descent_json(c, s) for s in range(found.kept[0].shape[1])],
        }

    def to_frame(self) -> "pl.DataFrame":
        """One row per contender and start, see `Descents.to_frame`."""
        return self.descents.to_frame()

    # These modules are imported only when the result is shown.

    caption = "Height above the minimum after every update (the value where no minimum is known); thick: medians."

    @property
    def headline(self) -> str:
        """The surface, the first contender and its lead, and how the others ended."""
        from trainwell.landscape.races.shown import race_headline

        return race_headline(self)

    def table(self) -> Table:
        """One row per contender, best first."""
        from trainwell.landscape.races.shown import race_table

        return race_table(self)

    def chart(self) -> Figure:
        """The heights of the paths against updates."""
        from trainwell.landscape.races.shown import heights_chart

        return heights_chart(self)


def _median(name: str, values: Float[np.ndarray, " S"]) -> dict[str, Any]:
    """The median over starts with a value, and their number; descents that never settle count as infinitely late."""
    values = np.where(np.isnan(values), np.inf, values) if name == "settled_after" else values
    interval = median_interval(values)
    return {"median": interval.mean, "low": interval.low, "high": interval.high, "n": interval.n}


def race(
    surface: Surface | str,
    contenders: Contenders | None = None,
    starts: Float[ArrayLike, "S D"] | Float[ArrayLike, " D"] | None = None,
    steps: int | None = None,
    *,
    tuned: bool | None = None,
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    tolerance: float = RaceSettings.tolerance,
) -> Race:
    """Compare optimizers on a surface, with their paths.

    Args:
        surface: a surface, or a key of `SURFACES`.
        contenders: see `descend`; None is `LECTURE` on the bowl and six common optimizers elsewhere.
        starts: one or several start points; None is the surface's own start. Paths are kept for the first 10.
        steps: updates of each descent; None is 29 on the bowl, else 300.
        tuned: whether to tune each contender's learning rate first, see `tune_rates`. None tunes if no contenders are
            given and the surface has a minimum, except on the bowl.
        noise: standard deviation of the normal noise that is added to each component of the optimizer's gradient.
        seed: seed of the noise and of tuning.
        tolerance: norm of the gradient at or below which a descent has settled.

    Returns:
        The descents with their paths, and how learning rates were tuned.

    Raises:
        LandscapeError: the surface is unknown, or has no minimum for tuning; a start is outside its domain; a number is
            out of range; or paths need too much memory.
        RecipeError: a contender is not a valid recipe.
        Interrupted: Ctrl-C was pressed.

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
    """Run a race."""
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
    """Join the descents with paths, from the first starts, and the descents from all starts."""
    P = len(drawn.starts)
    measures: dict[str, Any] = {
        field.name: np.concatenate([getattr(drawn, field.name), getattr(every, field.name)[:, P:]], axis=1)
        for field in fields(Descents)
        if isinstance(getattr(every, field.name), np.ndarray) and field.name not in NO_MEASURES
    }
    return replace(every, **measures, paths=drawn.paths, path_values=drawn.path_values)
