"""How to search: how many trials, judged how, for how long. Loads no heavy package, as `--help` shows it."""

from dataclasses import dataclass, field
from math import ceil
from typing import Annotated

from pydantic import Field

from trainwell.core import FIRST, MetricName, SearchError, bounds_of, described, settings_of, shortened

MOST = 1_000_000
"""Of everything that is counted: more would only be noticed when memory ends."""

TRIALS = 100
"""Unless somebody says."""

Sampler = Annotated[
    str,
    Field(
        description="who proposes trials",
        examples=[
            *("coarse_to_fine", "coarse_to_fine_uniform", "random", "grid", "quasi_random", "tpe", "gp", "cma_es"),
        ],
    ),
]
SamplerSeed = Annotated[int, Field(ge=0, description="seed of the sampler's draws")]
Rounds = Annotated[int, Field(ge=1, description="rounds in which ranges are narrowed, coarse to fine, at most")]
JudgedBy = Annotated[
    MetricName | None,
    Field(
        description="what networks are judged by on the validation split; default: accuracy, or r2 for regression",
        json_schema_extra=FIRST,
    ),
]


@dataclass(frozen=True)
class Halving:
    """At each rung the better 1/reduction of a batch's trials go on; the last rung is at 1/reduction of the budget.

    With 3 and 2: after 1/9 of the budget a third of the trials go on, after 1/3 a ninth.

    Args:
        reduction: at least 2.
        rungs: at least 1.

    Raises:
        SearchError: a number is out of range.

    Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016,
    Figure 3; with a reduction other than 2: Li et al., "Hyperband", 2018, Algorithm 1, inner loop.
    """

    reduction: int = 3
    rungs: int = 2

    def __post_init__(self) -> None:
        if self.reduction < 2 or self.rungs < 1:
            raise SearchError(
                f"halving needs a reduction of at least 2 and at least one rung, got {self.reduction} and "
                f"{self.rungs}: try 3 and 2"
            )

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the budget at which trials are looked at."""
        return tuple(float(self.reduction) ** (rung - self.rungs) for rung in range(self.rungs))


@described
@dataclass(frozen=True)
class Plan:
    """How to search. `trials` or `seconds` may be None, not both; trials / rounds, rounded up, are trained together.

    Raises:
        SearchError: a number is out of range.
    """

    trials: Annotated[
        int | None,
        Field(
            ge=1,
            description="trials in all, each of another recipe; with a time alone, as many as it allows",
            json_schema_extra=FIRST,
        ),
    ] = TRIALS
    rounds: Rounds = 8
    seeds: Annotated[tuple[int, ...], Field(description="seeds of every trial (and fold)", json_schema_extra=FIRST)] = (
        0,
    )
    folds: Annotated[
        int | None,
        Field(
            ge=1,
            description="folds of cross-validation, 1 for the validation split alone; default: 5 if that has under 200 "
            "rows, or as many as the smallest class has rows",
        ),
    ] = None
    metric: JudgedBy = None
    sampler: Sampler = "coarse_to_fine"
    halving: Annotated[Halving | None, Field(description="stop poor trials early, by successive halving")] = field(
        default_factory=Halving
    )
    seconds: Annotated[
        float | None,
        Field(
            description="how long it may take in all; what is being trained then is finished", json_schema_extra=FIRST
        ),
    ] = None
    seed: SamplerSeed = 0
    refit_recipes: Annotated[
        int, Field(ge=0, description="how many of the best recipes are trained again; 0 keeps the search's networks")
    ] = 3
    refit_seeds: Annotated[int, Field(ge=1, description="fresh seeds for each of them")] = 5

    def __post_init__(self) -> None:
        for name, setting in settings_of(Plan).items():
            low, value = bounds_of(setting).get("ge"), getattr(self, name)
            if low is None or value is None:
                continue
            if value < low:
                raise SearchError(f"{name.replace('_', ' ')} must be at least {low}, got {value}")
            if name != "seed" and value > MOST:
                got = shortened(str(value), 40)
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
