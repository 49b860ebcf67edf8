"""Races: optimizers on one surface with their paths, with learning rates that are tuned on request."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from jaxtyping import ArrayLike, Bool, Float

from trainwell.core import stream
from trainwell.landscape.descents.result import Descents
from trainwell.landscape.descents.run import Contenders, descend, recipes_of, starts_on
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.settings import LECTURE_STEPS, STEPS, RaceSettings
from trainwell.landscape.surfaces.bowls_and_saddles import bowl_value
from trainwell.landscape.surfaces.checks import at_least, whole_number
from trainwell.landscape.surfaces.registry import surface_of
from trainwell.landscape.surfaces.surface import Surface
from trainwell.optim import RULES
from trainwell.training import Recipe

LECTURE: Mapping[str, Mapping[str, Any]] = {
    "SGD": {"optimizer": "sgd", "learning_rate": 0.95},
    "Momentum": {"optimizer": "momentum_step", "learning_rate": 0.1, "momentum": 0.9},
    "AdaGrad": {"optimizer": "adagrad", "learning_rate": 1.5},
    "Adam": {"optimizer": "adam_folded", "learning_rate": 0.3},
}
"""Who races on the bowl, by label, and with which numbers.

Source: F-6-3, F-6-5 to F-6-8; *Deep Learning from Scratch*, ch. 6.
"""
SIX = ("sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam")
"""Who races elsewhere."""
RATE = 0.05
"""Of all six on a surface without a minimum, where none is the best."""


def usual_contenders(surface: Surface) -> tuple[Mapping[str, Mapping[str, Any]], bool]:
    """The contenders that race on a surface, and whether their learning rates need tuning.

    On the bowl they are the four of *Deep Learning from Scratch*, ch. 6, with its settings. Elsewhere they are the six
    usual rules, tuned; on a surface without a minimum all have the same rate.
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
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    tolerance: float = RaceSettings.tolerance,
) -> RaceSetup:
    """Check what `race` is asked for; arguments and errors are its own."""
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
    """From how many starts paths are kept."""
    fits = PATH_NUMBERS // (num_contenders * (steps + 1) * (surface.dimension + 1))
    if not fits:
        raise LandscapeError(
            f"paths of {num_contenders} contender{'s' * (num_contenders > 1)} and {steps:,} updates in "
            f"{surface.dimension} dimensions are too much to keep: take fewer updates, or `descend`, which can do "
            "without paths"
        )
    return min(num_starts, DRAWN, fits)


Criterion: TypeAlias = Literal["updates", "height"]
LEARNING_RATES = np.logspace(-6, 2, 65)
"""Eight per power of ten."""
NUM_STARTS = 32
ENOUGH = 0.5
"""Share of the starts from which a global minimum is to be reached, before updates are counted."""
NEARLY = 0.01
"""Scores that exceed the best by no more than this share of it are as good."""
LATE = 2
"""A descent that reaches no global minimum counts as so many times the updates it had."""
MOST_LEFT = 0.1
"""Share of the descents that may leave the surface at a rate that is chosen by height."""


@dataclass(frozen=True, eq=False)
class RateTuning:
    """How a contender's learning rate was found, among R.

    Attributes:
        label: of the contender.
        learning_rates: that were tried, ascending.
        scores: the lower the better. By the criterion `updates` the mean number of updates (of evaluations, for a rule
            that searches along lines) until a descent has settled in a global minimum, where one that does not counts
            as twice those it had; by `height` the median height after all updates above the global minimum (where none
            is known, above the lowest point that any contender reached), infinite at rates where more than a tenth of
            the descents leave, unless they do at all rates: then at those where more leave than at another.
        criterion: `updates` where at some rate at least half of the descents reach a global minimum, else `height`.
        shares: of the descents that reach a global minimum (any minimum, where none is known), at each rate.
        chosen: index of the best rate; the middle one of those whose score is at most 1% above the best.
        num_starts: random starts from which each rate was tried; the race's own are not among them.
        steps: updates from each.
        advice: what to know about the rate chosen, such as that it is at an end of the range.
    """

    label: str
    learning_rates: Float[np.ndarray, " R"]
    scores: Float[np.ndarray, " R"]
    criterion: Criterion
    shares: Float[np.ndarray, " R"]
    chosen: int
    num_starts: int
    steps: int
    advice: tuple[str, ...] = ()

    @property
    def learning_rate(self) -> float:
        """The rate chosen."""
        return float(self.learning_rates[self.chosen])


def tune_rates(
    surface: Surface,
    contenders: Contenders,
    steps: int,
    *,
    learning_rates: Float[np.ndarray, " R"] = LEARNING_RATES,
    num_starts: int = NUM_STARTS,
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    tolerance: float = RaceSettings.tolerance,
) -> tuple[dict[str, Recipe], dict[str, RateTuning]]:
    """Find each contender's learning rate on a surface.

    All try the same rates from the same random starts of the domain, with the same number of updates: as many descents
    for each, all of them one population. The starts are drawn for the tuning alone, so that no rate is found on the
    path that it is then judged by. The best rate is the one that reaches a global minimum soonest; where none reaches
    one from half of the starts, the one that ends lowest: see `RateTuning.scores`.

    Args:
        surface: what is descended.
        contenders: see `descend`; the rates that they were given are not used.
        steps: updates of each descent.
        learning_rates: that are tried, ascending.
        num_starts: random starts.
        noise: standard deviation of the noise on the gradients.
        seed: starts and noise are drawn from it, others than a race with this seed has.
        tolerance: see `descend`.

    Returns:
        The recipes with the rates found, and how they were found; by label.

    Raises:
        LandscapeError: it is known that the surface has no minimum, or a number is out of range.
        RecipeError: a contender is no recipe that can be.
    """
    check_tunable(surface)
    recipes = recipes_of(contenders, steps, steps)
    own_seed = int(stream(seed, "tuning").integers(2**31))
    rates = np.asarray(learning_rates, np.float64)
    grid = {
        f"{place} {i}": recipe.evolve(learning_rate=float(rate))
        for place, recipe in enumerate(recipes.values())
        for i, rate in enumerate(rates)
    }
    starts = surface.random_starts(num_starts, own_seed)
    found = descend(surface, grid, starts, steps, noise=noise, seed=own_seed, tolerance=tolerance)
    solved, heights = _solved(found), _heights(found)
    updates, left = _updates(found, solved), found.left >= 0
    R = len(rates)
    tunings = {}
    for place, label in enumerate(recipes):
        own = slice(place * R, (place + 1) * R)
        tunings[label] = _judged(label, rates, solved[own], updates[own], heights[own], left[own], steps)
    return {
        label: recipe.evolve(learning_rate=tunings[label].learning_rate) for label, recipe in recipes.items()
    }, tunings


def check_tunable(surface: Surface) -> None:
    """Refuse a surface on which no learning rate is the best.

    Raises:
        LandscapeError: it is known that it has no minimum.
    """
    if not has_minimum(surface):
        raise LandscapeError(
            f"'{surface.name}' has no minimum, so that no learning rate is the best on it: give the rates, and leave "
            "the tuning out"
        )


def has_minimum(surface: Surface) -> bool:
    """Whether the surface has a minimum, as far as is known."""
    return bool(surface.minima) or not surface.complete


def _solved(found: Descents) -> Bool[np.ndarray, "N S"]:
    """Which descents reached a global minimum; any minimum, where no global one is known."""
    best = np.array([one.kind == "minimum" and one.is_global for one in found.surface.critical], bool)
    converged = found.outcomes == "converged"
    if not best.any():
        return np.asarray(converged)
    return np.asarray(converged & (found.reached >= 0) & best[found.reached])


def _updates(found: Descents, solved: Bool[np.ndarray, "N S"]) -> Float[np.ndarray, "N S"]:
    """What each descent took: updates, or evaluations where an update takes several."""
    searches = [[RULES[recipe.optimizer].has_line_search] for recipe in found.recipes.values()]
    arrived = np.where(searches, found.evaluations, found.settled)
    return np.where(solved, arrived, LATE * np.maximum(found.evaluations, found.steps)).astype(np.float64)


def _heights(found: Descents) -> Float[np.ndarray, "N S"]:
    """How far above the lowest known minimum, or the lowest point found, each ended; infinite where it has left."""
    values = np.where(found.left >= 0, np.inf, found.values.astype(np.float64))
    least = min((one.value for one in found.surface.minima), default=float(values.min()))
    return values - least if np.isfinite(least) else values


def _judged(
    label: str,
    rates: Float[np.ndarray, " R"],
    solved: Bool[np.ndarray, "R S"],
    updates: Float[np.ndarray, "R S"],
    heights: Float[np.ndarray, "R S"],
    left: Bool[np.ndarray, "R S"],
    steps: int,
) -> RateTuning:
    """The best rate of a contender."""
    shares, lost = solved.mean(1), left.mean(1)
    criterion: Criterion = "updates" if shares.max() >= ENOUGH else "height"
    stays = lost <= max(MOST_LEFT, float(lost.min()))
    scores = updates.mean(1) if criterion == "updates" else np.where(stays, np.median(heights, axis=1), np.inf)
    best = np.flatnonzero(scores <= scores.min() + NEARLY * abs(scores.min()))
    chosen = int(best[(len(best) - 1) // 2])
    return RateTuning(
        label, rates, scores, criterion, shares, chosen, solved.shape[1], steps, _advice(rates, scores, chosen)
    )


def _advice(rates: Float[np.ndarray, " R"], scores: Float[np.ndarray, " R"], chosen: int) -> tuple[str, ...]:
    low, high = f"{rates[0]:g}", f"{rates[-1]:g}"
    if not np.isfinite(scores[chosen]):
        return (f"at every learning rate from {low} to {high} most descents leave the surface",)
    if chosen in (0, len(rates) - 1):
        end = "smallest" if chosen == 0 else "largest"
        return (
            f"the learning rate {rates[chosen]:g} is the {end} that was tried: a "
            f"{'smaller' if chosen == 0 else 'larger'} one may be better",
        )
    return ()


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
    noise: float = RaceSettings.noise,
    seed: int = RaceSettings.seed,
    tolerance: float = RaceSettings.tolerance,
) -> Race:
    """Let optimizers race on a surface.

    Args:
        surface: what is descended; a name is a key of `SURFACES`.
        contenders: see `descend`; None is `LECTURE` on the bowl and the six usual rules elsewhere.
        starts: one or several; None is the surface's own. Measures are of all, paths of the first 10 at most.
        steps: updates of each; None is 29 on the bowl, else 300.
        tuned: find each contender's learning rate first, see `tune_rates`. None does so for the six usual rules,
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
