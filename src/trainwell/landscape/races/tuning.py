"""Learning rates of contenders on a surface: all try the same ones, and the best is chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np
from jaxtyping import Bool, Float

from trainwell.core import stream
from trainwell.landscape.descents.result import Descents
from trainwell.landscape.descents.run import Contenders, descend, recipes_of
from trainwell.landscape.errors import LandscapeError
from trainwell.landscape.settings import RaceSettings
from trainwell.landscape.surfaces.surface import Surface
from trainwell.optim import RULES
from trainwell.training import Recipe

if TYPE_CHECKING:
    import polars as pl

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

    def to_json(self) -> dict[str, Any]:
        """What was tried, and how good the chosen rate was."""
        return {
            "criterion": self.criterion,
            "score": self.scores[self.chosen].item(),
            "share": self.shares[self.chosen].item(),
            "learning_rates": len(self.learning_rates),
            "starts": self.num_starts,
            "steps": self.steps,
            "advice": list(self.advice),
        }

    def to_frame(self) -> "pl.DataFrame":
        """One row per learning rate, as in `tuning.parquet`.

        Returns:
            Columns contender, learning_rate, criterion, score, share and chosen.
        """
        import polars as pl

        R = len(self.learning_rates)
        return pl.DataFrame(
            {
                "contender": [self.label] * R,
                "learning_rate": self.learning_rates,
                "criterion": [self.criterion] * R,
                "score": self.scores,
                "share": self.shares,
                "chosen": np.arange(R) == self.chosen,
            }
        )


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
    path that is later compared. The best rate is the one that reaches a global minimum soonest; where none reaches
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
