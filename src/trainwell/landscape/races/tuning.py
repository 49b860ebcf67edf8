"""Tunes the contenders' learning rates on a surface by a grid search."""

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
"""The default grid, eight per power of ten."""
NUM_STARTS = 32
ENOUGH = 0.5
"""Smallest share of starts that must reach a global minimum for the criterion `updates`."""
NEARLY = 0.01
"""Scores within this share of the best count as equally good."""
LATE = 2
"""A descent that reaches no global minimum counts as this many times its updates."""
MOST_LEFT = 0.1
"""Largest share of descents that may leave the surface, for the criterion `height`."""


@dataclass(frozen=True, eq=False)
class RateTuning:
    """The result of tuning one contender's learning rate among R rates.

    Attributes:
        label: the contender's label.
        learning_rates: the rates tried, ascending.
        scores: scores of the rates, lower is better. Criterion `updates`: mean number of updates (evaluations, with a
            line search) until a descent has settled in a global minimum; a descent that does not counts as `LATE` times
            its updates. Criterion `height`: median final height above the global minimum (if none is known, above the
            lowest point that any contender reached); infinite at rates where a larger share than `MOST_LEFT` of the
            descents leaves, or, if this is so at all rates, where more leave than at the best of these.
        criterion: `updates` if at some rate at least the share `ENOUGH` of the descents reaches a global minimum, else
            `height`.
        shares: share of descents that reach a global minimum (any minimum, if no global one is known) at each rate.
        chosen: index of the chosen rate: the middle one of those whose scores are within the share `NEARLY` of
            the best.
        num_starts: number of random starts; they differ from the race's starts.
        steps: updates of each descent.
        advice: notes on the chosen rate, such as that it is at an end of the range.
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
        """The chosen rate."""
        return float(self.learning_rates[self.chosen])

    def to_json(self) -> dict[str, Any]:
        """The settings of the tuning and the score of the chosen rate, as JSON values."""
        return {
            "criterion": self.criterion,
            "score": self.scores[self.chosen].item(),
            "share": self.shares[self.chosen].item(),
            "num_learning_rates": len(self.learning_rates),
            "num_starts": self.num_starts,
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
    """Tune each contender's learning rate on a surface.

    All contenders are tried with the same rates, from the same random starts, for the same number of updates. The
    starts differ from the race's, so no rate is tuned on the path that is compared later. The best rate reaches a
    global minimum soonest; if none reaches one from enough starts (`ENOUGH`), it is the rate that ends lowest. See
    `RateTuning.scores`.

    Args:
        surface: the surface.
        contenders: see `descend`; their own learning rates are ignored.
        steps: updates of each descent.
        learning_rates: the rates to try, ascending.
        num_starts: number of random starts.
        noise: standard deviation of the noise on the gradients.
        seed: seed of starts and noise, which differ from those of a race with this seed.
        tolerance: see `descend`.

    Returns:
        The recipes with the tuned rates, and the tuning of each, both by label.

    Raises:
        LandscapeError: the surface is known to have no minimum, or a number is out of range.
        RecipeError: a contender is not a valid recipe.
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
    updates, left = _updates(found, solved), found.left_after >= 0
    R = len(rates)
    tunings = {}
    for place, label in enumerate(recipes):
        own = slice(place * R, (place + 1) * R)
        tunings[label] = _judged(label, rates, solved[own], updates[own], heights[own], left[own], steps)
    return {
        label: recipe.evolve(learning_rate=tunings[label].learning_rate) for label, recipe in recipes.items()
    }, tunings


def check_tunable(surface: Surface) -> None:
    """Check that learning rates can be tuned on a surface.

    Raises:
        LandscapeError: the surface is known to have no minimum.
    """
    if not has_minimum(surface):
        raise LandscapeError(
            f"'{surface.name}' has no minimum, so learning rates cannot be tuned on it: give the rates and turn "
            "tuning off"
        )


def has_minimum(surface: Surface) -> bool:
    """Whether the surface has a minimum; True if that is unknown."""
    return bool(surface.minima) or not surface.complete


def _solved(found: Descents) -> Bool[np.ndarray, "N S"]:
    """Which descents reached a global minimum (any minimum, if no global one is known)."""
    return found.at_global if found.surface.global_minima else np.asarray(found.outcomes == "converged")


def _updates(found: Descents, solved: Bool[np.ndarray, "N S"]) -> Float[np.ndarray, "N S"]:
    """Updates of each descent until it settled; evaluations for a rule with a line search."""
    searches = [[RULES[recipe.optimizer].has_line_search] for recipe in found.recipes.values()]
    arrived = np.where(searches, found.evaluations, found.settled_after)
    return np.where(solved, arrived, LATE * np.maximum(found.evaluations, found.steps)).astype(np.float64)


def _heights(found: Descents) -> Float[np.ndarray, "N S"]:
    """Final heights above the global minimum (the lowest point found, if unknown); infinite if the descent left."""
    values = np.where(found.left_after >= 0, np.inf, found.values.astype(np.float64))
    least = float(values.min()) if found.surface.lowest is None else found.surface.lowest
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
    """Choose a contender's best rate."""
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
