"""Terms: what a comparison grants its contenders, and how sure its verdicts must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from trainwell.core.errors import RecipeError
from trainwell.data import Dataset
from trainwell.search.setting import Metric
from trainwell.training import Axis, Range, Recipe

TRIALS, ROUNDS, CANDIDATES, CANDIDATE_SEEDS = 24, 3, 3, 3
MOST_SEEDS, LOOKS = 30, 4
LEARNING_RATES = Range(1e-5, 10.0, log=True)
WORTH = 250_000  # examples seen in training, about
FEWEST_EPOCHS, MOST_EPOCHS = 5, 30
TUNING_SEEDS_FROM = 1000


@dataclass(frozen=True)
class Terms:
    """The terms of a comparison; all contenders have the same.

    Args:
        tune: fields that are tuned for every contender, with what they vary over; one which alone tells two contenders
            apart is what is compared, and stays. Empty: contenders run as given.
        trials: values tried per contender and data set, one seed each, trained to the end.
        rounds: coarse to fine, see `Plan`.
        sampler: name of who proposes them, one of `SAMPLERS`.
        candidates: how many of the best trials are trained again with fresh seeds; the best mean is taken.
        candidate_seeds: seeds for each of them.
        seeds: the seeds to compare with, all of them used; None adds seeds until all is decided.
        most_seeds: how many at most, where seeds are added.
        looks: how often at most the differences are judged, where seeds are added.
        error_rate: chance of any false difference among all pairs of a data set, and of any false equivalence.
        margin: differences below it do not matter; in the metric's units. None chooses, see `margin_for`.
        metric: `accuracy`, `loss` or `r2`, on validation; None for accuracy or R².
        reference: label of a contender: only differences from it are asked about; None asks about all pairs.
        target: score whose first observation is timed; None takes the median of what the contenders reached in
            tuning (or with their first seeds, where nothing is tuned).
        seconds: time after which no further seeds begin; tuning is never cut short, since it must be equal for all.
        seed: of the sampler.

    Raises:
        RecipeError: a number is out of range.
    """

    tune: Mapping[str, Axis] = field(default_factory=lambda: {"learning_rate": LEARNING_RATES})
    trials: int = TRIALS
    rounds: int = ROUNDS
    sampler: str = "coarse_to_fine"
    candidates: int = CANDIDATES
    candidate_seeds: int = CANDIDATE_SEEDS
    seeds: tuple[int, ...] | None = None
    most_seeds: int = MOST_SEEDS
    looks: int = LOOKS
    error_rate: float = 0.05
    margin: float | None = None
    metric: Metric | None = None
    reference: str | None = None
    target: float | None = None
    seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        least = {"trials": 1, "rounds": 1, "candidates": 1, "candidate_seeds": 1, "most_seeds": 1, "looks": 1}
        for name, low in {**least, "seed": 0}.items():
            if getattr(self, name) < low:
                raise RecipeError(f"{name.replace('_', ' ')} must be at least {low}, got {getattr(self, name)}")
        if self.seeds is not None and (not self.seeds or min(self.seeds) < 0 or len(set(self.seeds)) < len(self.seeds)):
            raise RecipeError(f"seeds must be different whole numbers from 0, at least one, got {list(self.seeds)}")
        if not 0 < self.error_rate < 1:
            raise RecipeError(f"the error rate must be between 0 and 1, got {self.error_rate:g}: 0.05 means 5%")
        if self.margin is not None and not self.margin > 0:
            raise RecipeError(
                f"the margin must be above 0, got {self.margin:g}: it is the smallest difference that matters"
            )
        if self.seconds is not None and not self.seconds > 0:
            raise RecipeError(f"the time limit must be above 0 seconds, got {self.seconds:g}")

    @property
    def tuning_seeds(self) -> tuple[int, ...]:
        """The seed of the trials, then those of the candidates: none of them is used to compare."""
        used = set(self.seeds or range(self.most_seeds))
        free = (seed for seed in range(TUNING_SEEDS_FROM, TUNING_SEEDS_FROM + 2**20) if seed not in used)
        return tuple(next(free) for _ in range(1 + self.candidate_seeds))

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "tune"}
        return {"tune": {name: str(axis) for name, axis in self.tune.items()}, **plain}


def default_recipe(dataset: Dataset, **fields: Any) -> Recipe:
    """What contenders have in common unless the user says: a recipe whose training is short on large data.

    Args:
        dataset: its training split is passed as often as makes 250,000 examples, at least 5 and at most 30 times.
        **fields: of the recipe, in place of its defaults.
    """
    epochs = min(max(round(WORTH / len(dataset.training)), FEWEST_EPOCHS), MOST_EPOCHS)
    return Recipe(**({"epochs": epochs} | fields))
