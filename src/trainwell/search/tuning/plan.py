"""Settings of a search: number of trials, metric, time limit. Imports no heavy package, so that `--help` is fast."""

from dataclasses import dataclass, field
from math import ceil
from typing import Annotated

from pydantic import Field

from trainwell.core import FIRST, MetricName, SearchError, bounds_of, checked_seeds, described, settings_of, shortened

MOST = 1_000_000
"""Upper limit of all counts, so that a typing error is reported and does not fill the memory."""

TRIALS = 100
"""Default number of trials."""

Sampler = Annotated[
    str,
    Field(
        description="who proposes trials: coarse_to_fine (in ranges narrowed around good trials, most by a Gaussian "
        "process), coarse_to_fine_uniform (the same ranges, at random), random, grid, quasi_random; Optuna's tpe, gp "
        "(needs PyTorch), cma_es (needs cmaes)",
    ),
]
SamplerSeed = Annotated[int, Field(ge=0, description="seed of the sampler's draws")]
Rounds = Annotated[int, Field(ge=1, description="rounds of trials; coarse to fine narrows the ranges after each")]
JudgedBy = Annotated[
    MetricName | None,
    Field(
        description="metric to optimize on the validation split; default: accuracy, or r2 for regression",
        json_schema_extra=FIRST,
    ),
]


@dataclass(frozen=True)
class Halving:
    """Successive halving: at each rung the best 1/reduction of the trials continue, the others are pruned.

    Trials that are trained together are compared: those of a round, with a time limit perhaps fewer. The last rung is
    at 1/reduction of the training budget. With reduction 3 and 2 rungs, a third of the trials continue after 1/9 of
    the budget, and a ninth after 1/3.

    Args:
        reduction: factor between rungs, at least 2.
        rungs: number of rungs, at least 1.

    Raises:
        SearchError: an argument is out of range.

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
        """Shares of the training budget at which the rungs are."""
        return tuple(float(self.reduction) ** (rung - self.rungs) for rung in range(self.rungs))


@described
@dataclass(frozen=True)
class Plan:
    """Settings of a search. At most one of `trials` and `seconds` may be None.

    Trials of a round (trials / rounds, rounded up) are trained together, unless a time limit leaves time for fewer.

    Raises:
        SearchError: a setting is out of range.
    """

    trials: Annotated[
        int | None,
        Field(
            ge=1,
            description="number of trials, each with a different recipe; with only a time limit, as many as fit",
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
            description="folds of cross-validation, 1 for a single validation split; default: 5 if it has under 200 "
            "rows (fewer folds if a class has fewer rows), else 1",
        ),
    ] = None
    metric: JudgedBy = None
    sampler: Sampler = "coarse_to_fine"
    halving: Annotated[Halving | None, Field(description="prune poor trials by successive halving")] = field(
        default_factory=Halving
    )
    seconds: Annotated[
        float | None,
        Field(description="time limit; networks still training then are stopped", json_schema_extra=FIRST),
    ] = None
    sampler_seed: SamplerSeed = 0
    refit_recipes: Annotated[
        int,
        Field(
            ge=0, description="number of best recipes to train again; 0: none, the search's own networks make the model"
        ),
    ] = 3
    refit_seeds: Annotated[int, Field(ge=1, description="new seeds for each of these best recipes")] = 5

    def __post_init__(self) -> None:
        for name, setting in settings_of(Plan).items():
            low, value = bounds_of(setting).get("ge"), getattr(self, name)
            if low is None or value is None:
                continue
            if value < low:
                raise SearchError(f"{name.replace('_', ' ')} must be at least {low}, got {value}")
            if name != "sampler_seed" and value > MOST:
                got = shortened(str(value), 40)
                raise SearchError(f"{name.replace('_', ' ')} must be at most {MOST:,}, got {got}")
        object.__setattr__(self, "seeds", checked_seeds(self.seeds, SearchError))
        if self.seconds is not None and not self.seconds > 0:
            raise SearchError(f"the time limit must be above 0 seconds, got {self.seconds:g}")
        if self.trials is None and self.seconds is None:
            raise SearchError("a search needs an end: give a number of trials or a time limit")
        if self.trials is not None and self.rounds > self.trials:
            raise SearchError(f"{self.trials} trials cannot make {self.rounds} rounds: ask for fewer rounds")

    @property
    def trials_per_round(self) -> int:
        """Number of trials of a round, which are trained together if there is time."""
        return ceil((TRIALS if self.trials is None else self.trials) / self.rounds)

    @property
    def num_rounds(self) -> int | None:
        """Number of rounds; None without a number of trials."""
        return None if self.trials is None else ceil(self.trials / self.trials_per_round)
