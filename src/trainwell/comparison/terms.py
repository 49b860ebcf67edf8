"""Terms: what a comparison grants its contenders, and how sure its verdicts must be."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from operator import index
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from trainwell.core import FIRST, RecipeError, bounds_of, described, settings_of, shortened
from trainwell.search import MOST, JudgedBy, Plan, Rounds, Sampler, SamplerSeed
from trainwell.training import Axis, Choices, Range, Recipe

if TYPE_CHECKING:
    from trainwell.data import Dataset

LEARNING_RATES = Range(1e-5, 10.0, log=True)
WORTH = 250_000  # examples seen in training, about
FEWEST_EPOCHS, MOST_EPOCHS = 5, 30
TUNING_SEEDS_FROM = 1000


@described
@dataclass(frozen=True)
class Terms:
    """The terms of a comparison; all contenders have the same.

    A field that is tuned and which alone tells two contenders apart is what is compared, and stays. With no field to
    tune, contenders run as given.

    Raises:
        RecipeError: a number is out of range.
    """

    tune: Annotated[
        Mapping[str, Axis],
        Field(
            description="fields that are tuned for each contender, and over what",
            json_schema_extra=FIRST,
        ),
    ] = field(default_factory=lambda: {"learning_rate": LEARNING_RATES})
    trials: Annotated[
        int,
        Field(
            ge=1, description="values tried for each contender (and data set), one seed each", json_schema_extra=FIRST
        ),
    ] = 24
    rounds: Rounds = 3
    sampler: Sampler = Plan.sampler
    candidates: Annotated[
        int, Field(ge=1, description="how many of the best values are trained again; the best mean is taken")
    ] = 3
    candidate_seeds: Annotated[int, Field(ge=1, description="fresh seeds for each of them")] = 3
    seeds: Annotated[
        tuple[int, ...] | None,
        Field(
            description="seeds to compare with, all of them used; default: they are added until all is decided",
            json_schema_extra=FIRST,
        ),
    ] = None
    most_seeds: Annotated[int, Field(ge=1, description="seeds of each contender at most, where they are added")] = 30
    looks: Annotated[
        int, Field(ge=1, description="how often differences are judged while seeds are added, at most")
    ] = 4
    error_rate: Annotated[
        float,
        Field(
            description="chance of any false difference among all pairs of a data set, all looks included, and of any "
            "false equivalence"
        ),
    ] = 0.05
    margin: Annotated[
        float | None,
        Field(
            gt=0,
            description="the smallest difference that matters, in the metric's unit (0.002: 0.2 points of accuracy); "
            "default: 0.2 points of accuracy, or one validation row where that is more; 0.005 of R²; 2% of the best "
            "tuned loss",
        ),
    ] = None
    metric: JudgedBy = None
    reference: Annotated[
        str | None, Field(description="label of the contender that others are compared with; default: all pairs")
    ] = None
    target: Annotated[
        float | None,
        Field(description="score whose first observation is timed; default: the median of what tuning reached"),
    ] = None
    seconds: Annotated[
        float | None,
        Field(
            gt=0,
            description="time after which no seeds are added; tuning is not cut short, to be fair to all",
            json_schema_extra=FIRST,
        ),
    ] = None
    seed: SamplerSeed = Plan.seed

    def __post_init__(self) -> None:
        if not isinstance(self.tune, Mapping) or not all(isinstance(a, Range | Choices) for a in self.tune.values()):
            raise RecipeError("tune must say over what, as in {'learning_rate': Range(1e-4, 1, log=True)}")
        if self.seeds is not None:
            object.__setattr__(self, "seeds", _seeds(self.seeds))
        for name, setting in settings_of(Terms).items():
            if setting.annotation is int:
                object.__setattr__(self, name, _whole(name, getattr(self, name), int(bounds_of(setting)["ge"])))
        for name in ("margin", "target", "seconds"):
            if getattr(self, name) is not None:
                _check_finite(name, getattr(self, name), bounds_of(settings_of(Terms)[name]).get("gt"))
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


def default_recipe(dataset: "Dataset", **fields: Any) -> Recipe:
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
