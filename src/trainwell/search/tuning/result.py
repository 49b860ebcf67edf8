"""What a search found, trial by trial and round by round, and what `tune` made of it: what the page is drawn from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from trainwell.core import METRICS, MetricName
from trainwell.models import Model
from trainwell.search.coarse_to_fine.ranges import Round
from trainwell.search.study.trials import TrialRecord
from trainwell.statistics import Interval
from trainwell.training import Recipe, Space, Trained


@dataclass(frozen=True)
class Seconds:
    """Where the wall-clock time of a search went.

    Attributes:
        total: of the search, without the final training.
        compiling: until the last program of each batch of trials was compiled.
        training: the rest of the time that members trained.
        overhead: asking, telling and storing.
        refit: training the best recipes again.
    """

    total: float
    compiling: float
    training: float
    overhead: float
    refit: float = 0.0


@dataclass(frozen=True)
class Importance:
    """How much an axis matters, see `importance_of`.

    Attributes:
        share: of what the axes explain of the metric, in [0, 1].
        low: of the 95% bootstrap interval.
        high: of it.
        n: trials it is computed from.
        where: when the axis is active, as `where optimizer is momentum`: its share is among those trials only. Empty
            if all trials have it; the shares of such axes sum to 1.
    """

    share: float
    low: float
    high: float
    n: int
    where: str = ""


@dataclass(frozen=True, eq=False)
class SearchResult:
    """All trials of a study.

    Attributes:
        space: what was searched.
        metric: what trials are judged by: `accuracy`, `loss` or `r2`, on validation.
        sampler: name of the sampler.
        trials: those that have ended, by number.
        rounds: the ranges of every round and why they were narrowed; empty for samplers without rounds.
        advice: declared ranges that seem too narrow, in words.
        importance: of each axis, by name, the most important first; empty with too few trials.
        seeds: of every trial.
        folds: of cross-validation; 1 is a single validation split.
        seconds: where the time went; None if other processes did the work.
        missing: trials of other processes that had not ended when this one was done.
        exhausted: whether the study's trials have all recipes of the space.
        judged: what a reader must know of how trials were judged, such as that R² is undefined in some folds.
    """

    space: Space
    metric: MetricName
    sampler: str
    trials: tuple[TrialRecord, ...]
    rounds: tuple[Round, ...]
    advice: tuple[str, ...]
    importance: Mapping[str, Importance]
    seeds: tuple[int, ...]
    folds: int
    seconds: Seconds | None
    missing: int = 0
    exhausted: bool = False
    judged: tuple[str, ...] = ()

    @property
    def sign(self) -> float:
        """+1 where a larger metric is better, -1 for the loss."""
        return METRICS[self.metric].sign

    @property
    def notices(self) -> tuple[str, ...]:
        """What is not as one would expect of how trials were judged, or of their number, in sentences."""
        found, count = [*self.judged, *filter(None, [self.missing_words])], len(self.trials)
        if self.exhausted and not self.missing:
            which = "the only recipe" if count == 1 else f"all {count} recipes"
            found.append(f"{which} of the space {'was' if count == 1 else 'were'} tried")
        return tuple(found)

    @property
    def missing_words(self) -> str:
        """What a reader must know of trials that other processes have not ended; empty if there are none."""
        if not self.missing:
            return ""
        return (
            f"{self.missing} of {len(self.trials) + self.missing} trials are missing here: other processes of the "
            "study had not ended them when this one stopped waiting; ask the same with another --out once they have"
        )

    def ranked(self) -> list[TrialRecord]:
        """Trials, best first: complete ones by the metric, then the loss; then pruned ones by how far they came."""

        def key(trial: TrialRecord) -> tuple[Any, ...]:
            order = {"complete": 0, "cut": 1, "pruned": 1, "diverged": 2}[trial.state]
            reached = -max(trial.rungs, default=0.0) if order == 1 else 0.0
            loss = trial.scores.get("loss/validation", np.nan)
            return order, reached, METRICS[self.metric].order(trial.value, loss), trial.number

        return sorted(self.trials, key=key)


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of the best recipes, trained again with fresh seeds.

    Attributes:
        trial: that proposed it; its value is of the search's seeds.
        seeds: fresh ones, none of them used in the search.
        score: the metric on validation over those seeds.
        diverged: how many of its networks did.
    """

    trial: TrialRecord
    seeds: tuple[int, ...]
    score: Interval
    diverged: int


@dataclass(frozen=True)
class Option:
    """A way to make a model of the networks that there are, judged on validation.

    Attributes:
        name: such as `best network`, `5 seeds of trial 12`, `greedy selection`.
        networks: how many.
        score: the metric on validation.
        chosen: whether the model is this one.
    """

    name: str
    networks: int
    score: float
    chosen: bool


@dataclass(frozen=True, eq=False)
class Tuned:
    """What `tune` gives back.

    Attributes:
        search: all trials.
        candidates: the best recipes trained again, best first; empty without a refit.
        options: the models considered.
        recipe: the best recipe.
        model: the chosen model; None if no network came out.
        trained: the refit population, for its curves; None without a refit.
    """

    search: SearchResult
    candidates: tuple[Candidate, ...]
    options: Sequence[Option]
    recipe: Recipe
    model: Model | None
    trained: Trained | None = field(repr=False, default=None)
