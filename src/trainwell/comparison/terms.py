"""Settings of a comparison: the tuning budget of each contender, seeds, and error rates."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from trainwell.core import FIRST, RecipeError, bounds_of, checked_seeds, described, settings_of, shortened
from trainwell.search import MOST, JudgedBy, Plan, Rounds, Sampler, SamplerSeed
from trainwell.training import Axis, Choices, Range, Recipe

if TYPE_CHECKING:
    from trainwell.data import Dataset

LEARNING_RATES = Range(1e-5, 10.0, log=True)
EXAMPLES = 250_000  # default length of training, in examples
FEWEST_EPOCHS, MOST_EPOCHS = 5, 30
TUNING_SEEDS_FROM = 1000


@described
@dataclass(frozen=True)
class Terms:
    """Settings of a comparison, the same for all contenders.

    If two contenders differ only in fields of `tune`, their given values of these fields are compared, and not tuned.
    With an empty `tune`, contenders run as given.

    Raises:
        RecipeError: a setting is out of range.
    """

    tune: Annotated[
        Mapping[str, Axis],
        Field(
            description="fields to tune for each contender, and their ranges",
            json_schema_extra=FIRST,
        ),
    ] = field(default_factory=lambda: {"learning_rate": LEARNING_RATES})
    trials: Annotated[
        int,
        Field(ge=1, description="trials for each contender and data set, one seed each", json_schema_extra=FIRST),
    ] = 24
    rounds: Rounds = 3
    sampler: Sampler = Plan.sampler
    candidates: Annotated[
        int, Field(ge=1, description="number of best trials to train again; the one with the best mean is used")
    ] = 3
    candidate_seeds: Annotated[int, Field(ge=1, description="new seeds for each of these best trials")] = 3
    seeds: Annotated[
        tuple[int, ...] | None,
        Field(
            description="seeds to compare with, all are used; default: seeds are added until all pairs are decided or "
            "most_seeds is reached",
            json_schema_extra=FIRST,
        ),
    ] = None
    most_seeds: Annotated[int, Field(ge=1, description="most seeds per contender, where seeds are added")] = 30
    looks: Annotated[int, Field(ge=1, description="how often pairs are tested while seeds are added, at most")] = 4
    error_rate: Annotated[
        float,
        Field(
            description="probability of any false difference among all pairs of a data set, over all looks, and of any "
            "false equivalence"
        ),
    ] = 0.05
    margin: Annotated[
        float | None,
        Field(
            gt=0,
            description="the smallest difference that matters, in the metric's unit (0.002: 0.2 points of accuracy); "
            "default: 0.2 points of accuracy, or one validation row if that is more; 0.005 of R²; 2% of the best "
            "tuned loss",
        ),
    ] = None
    metric: JudgedBy = None
    reference: Annotated[
        str | None, Field(description="label of the contender to compare all others with; default: all pairs")
    ] = None
    target_score: Annotated[
        float | None,
        Field(description="score for measuring the time to target; default: the median of the tuned scores"),
    ] = None
    seconds: Annotated[
        float | None,
        Field(
            gt=0,
            description="time limit, after which no seeds are added; tuning, to be fair, is never cut short",
            json_schema_extra=FIRST,
        ),
    ] = None
    sampler_seed: SamplerSeed = Plan.sampler_seed

    def __post_init__(self) -> None:
        if not isinstance(self.tune, Mapping) or not all(isinstance(a, Range | Choices) for a in self.tune.values()):
            raise RecipeError("tune must map fields to ranges, as in {'learning_rate': Range(1e-4, 1, log=True)}")
        if self.seeds is not None:
            object.__setattr__(self, "seeds", checked_seeds(self.seeds, RecipeError))
        for name, setting in settings_of(Terms).items():
            if setting.annotation is int:
                object.__setattr__(self, name, _whole(name, getattr(self, name), int(bounds_of(setting)["ge"])))
        for name in ("margin", "target_score", "seconds"):
            if getattr(self, name) is not None:
                _check_finite(
                    name.replace("_", " "), getattr(self, name), bounds_of(settings_of(Terms)[name]).get("gt")
                )
        if not 0 < self.error_rate < 1:
            raise RecipeError(f"the error rate must be between 0 and 1, got {self.error_rate:g}: 0.05 means 5%")

    @property
    def tuning_seeds(self) -> tuple[int, ...]:
        """The seed of all trials, then the seeds of the candidates; none of them is used for the comparison itself."""
        used = set(self.seeds or range(self.most_seeds))
        free = (seed for seed in range(TUNING_SEEDS_FROM, TUNING_SEEDS_FROM + 2**20) if seed not in used)
        return tuple(next(free) for _ in range(1 + self.candidate_seeds))

    def to_json(self) -> dict[str, Any]:
        """All settings as JSON values."""
        plain = {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "tune"}
        return {"tune": {name: str(axis) for name, axis in self.tune.items()}, **plain}


def default_recipe(dataset: "Dataset", **fields: Any) -> Recipe:
    """The recipe that contenders change by default: it trains for about 250,000 examples, which is 5 to 30 epochs.

    On small data, where this gives few updates, batches are smaller and there are more epochs (see `fitting`).

    Args:
        dataset: the size of its training split decides batch size and number of epochs.
        **fields: recipe fields that replace the defaults.

    Example:
        >>> from trainwell.data import load_data
        >>> recipe = default_recipe(load_data("iris"))
        >>> recipe.batch_size, recipe.epochs
        (16, 86.0)
    """
    from trainwell.training import fitting  # which knows the update rules, and so loads JAX

    rows = len(dataset.training)
    epochs = min(max(round(EXAMPLES / rows), FEWEST_EPOCHS), MOST_EPOCHS)
    # The last weights count, unless `patience` is set: the best of many scores on few rows favours unsteady training.
    return fitting(rows, usual_epochs=epochs, **{"restore_best": None, **fields})


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
