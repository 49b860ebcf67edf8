"""Terms: what a comparison grants its contenders, and how sure its verdicts must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from operator import index
from typing import Any

from trainwell.core import MetricName, RecipeError, shortened
from trainwell.data import Dataset
from trainwell.search import MOST
from trainwell.training import Axis, Choices, Range, Recipe

TRIALS, ROUNDS, CANDIDATES, CANDIDATE_SEEDS = 24, 3, 3, 3
MOST_SEEDS, LOOKS = 30, 4
LEARNING_RATES = Range(1e-5, 10.0, log=True)
WORTH = 250_000  # examples seen in training, about
FEWEST_EPOCHS, MOST_EPOCHS = 5, 30
TUNING_SEEDS_FROM = 1000
WHOLE = ("trials", "rounds", "candidates", "candidate_seeds", "most_seeds", "looks")


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
        seconds: time after which no further seeds begin; tuning is never cut short, as it must be fair to all.
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
    metric: MetricName | None = None
    reference: str | None = None
    target: float | None = None
    seconds: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.tune, Mapping) or not all(isinstance(a, Range | Choices) for a in self.tune.values()):
            raise RecipeError("tune must say over what, as in {'learning_rate': Range(1e-4, 1, log=True)}")
        if self.seeds is not None:
            object.__setattr__(self, "seeds", _seeds(self.seeds))
        for name, low in {**dict.fromkeys(WHOLE, 1), "seed": 0}.items():
            object.__setattr__(self, name, _whole(name, getattr(self, name), low))
        for name in ("margin", "target", "seconds"):
            if getattr(self, name) is not None:
                _check_finite(name, getattr(self, name), above=None if name == "target" else 0.0)
        if not 0 < self.error_rate < 1:
            raise RecipeError(f"the error rate must be between 0 and 1, got {self.error_rate:g}: 0.05 means 5%")

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


def _seeds(seeds: Any) -> tuple[int, ...]:
    try:
        found = tuple(index(seed) for seed in seeds)
    except TypeError:
        raise RecipeError(f"seeds must be a list of whole numbers, got {seeds!r}: try range(20)") from None
    if not found or min(found) < 0 or len(set(found)) < len(found):
        raise RecipeError(f"seeds must be different whole numbers from 0, at least one, got {list(found)}")
    return found


def _whole(name: str, value: Any, low: int) -> int:
    try:
        number = index(value)
    except TypeError:
        number = low - 1
    if not low <= number <= MOST:
        got = shortened(repr(value), 40)
        raise RecipeError(f"{name.replace('_', ' ')} must be a whole number from {low} to {MOST:,}, got {got}")
    return number


def _check_finite(name: str, value: float, above: float | None) -> None:
    if not isfinite(value) or (above is not None and value <= above):
        what = "a number" if above is None else f"a number above {above:g}"
        raise RecipeError(f"{name} must be {what}, got {value:g}")
