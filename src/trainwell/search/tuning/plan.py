"""How to search: how many trials, judged how, for how long."""

from dataclasses import dataclass, field
from math import ceil

from trainwell.core import MetricName, shortened
from trainwell.search.errors import SearchError
from trainwell.search.tuning.halving import Halving

MOST = 1_000_000
"""Of everything that is counted: more would only be noticed when memory ends."""

TRIALS, ROUNDS = 100, 8
REFIT_RECIPES, REFIT_SEEDS = 3, 5


@dataclass(frozen=True)
class Plan:
    """How to search.

    Args:
        trials: in all, each of another recipe: fewer where the space has fewer; None for as many as `seconds` allow.
        rounds: coarse to fine, at most so many: trials / rounds, rounded up, are asked and trained together.
        seeds: of every trial (and fold).
        folds: of cross-validation; 1 for the validation split; None chooses by its size, see `Pool.of`.
        metric: `accuracy`, `loss` or `r2`, on validation; None for accuracy or R².
        sampler: name of who proposes trials, one of `SAMPLERS`.
        halving: how poor trials stop early; None trains all to the end.
        seconds: limit of the whole, three quarters of it for the search.
        seed: of the sampler.
        refit_recipes: how many of the best recipes are trained again; 0 makes the model of the search's own networks.
        refit_seeds: fresh seeds for each of them.

    Raises:
        SearchError: a number is out of range.
    """

    trials: int | None = TRIALS
    rounds: int = ROUNDS
    seeds: tuple[int, ...] = (0,)
    folds: int | None = None
    metric: MetricName | None = None
    sampler: str = "coarse_to_fine"
    halving: Halving | None = field(default_factory=Halving)
    seconds: float | None = None
    seed: int = 0
    refit_recipes: int = REFIT_RECIPES
    refit_seeds: int = REFIT_SEEDS

    def __post_init__(self) -> None:
        least = {"rounds": 1, "seed": 0, "refit_recipes": 0, "refit_seeds": 1}
        if self.trials is not None:
            least["trials"] = 1
        if self.folds is not None:
            least["folds"] = 1
        for name, low in least.items():
            if getattr(self, name) < low:
                raise SearchError(f"{name.replace('_', ' ')} must be at least {low}, got {getattr(self, name)}")
            if name != "seed" and getattr(self, name) > MOST:
                got = shortened(str(getattr(self, name)), 40)
                raise SearchError(f"{name.replace('_', ' ')} must be at most {MOST:,}, got {got}")
        if not self.seeds or len(set(self.seeds)) < len(self.seeds) or min(self.seeds) < 0:
            raise SearchError(f"seeds must be different whole numbers from 0, at least one, got {list(self.seeds)}")
        if self.seconds is not None and not self.seconds > 0:
            raise SearchError(f"the time limit must be above 0 seconds, got {self.seconds:g}")
        if self.trials is None and self.seconds is None:
            raise SearchError("a search needs an end: give a number of trials or a time limit")
        if self.trials is not None and self.rounds > self.trials:
            raise SearchError(f"{self.trials} trials cannot make {self.rounds} rounds: ask for fewer rounds")

    @property
    def trials_per_round(self) -> int:
        """Trials that are asked together."""
        return ceil((TRIALS if self.trials is None else self.trials) / self.rounds)

    @property
    def num_rounds(self) -> int | None:
        """Rounds that the trials make; None without a number of trials."""
        return None if self.trials is None else ceil(self.trials / self.trials_per_round)
