"""Results of a search: trials, rounds, importance of hyperparameters, candidates, and the final model."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.core import METRICS, MetricName, finite
from trainwell.display import Figure, Forms, Table
from trainwell.models import Model, TestQuality
from trainwell.search.coarse_to_fine.ranges import Round
from trainwell.search.study.trials import TrialRecord
from trainwell.statistics import Interval
from trainwell.training import Recipe, Space, Trained, as_scalar

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True)
class Seconds:
    """Wall-clock seconds of a search, by stage.

    Attributes:
        total: all of the search, without the refit.
        compiling: wherever trials are trained together, from their start until their last program was compiled.
        training: from then on, until they were trained.
        overhead: the rest of `total`: sampling, storing and reporting.
        refit: training the best recipes again.
    """

    total: float
    compiling: float
    training: float
    overhead: float
    refit: float = 0.0


@dataclass(frozen=True)
class Importance:
    """The importance of one axis (hyperparameter) of the search space, see `importance_of`.

    Attributes:
        share: share of the explained variance of the metric, in [0, 1].
        low: lower end of the 95% bootstrap interval.
        high: upper end of this interval.
        n: number of trials it is computed from.
        where: condition under which the axis is active, such as `where optimizer is momentum`; only such trials are
            used. Empty if all trials have the axis; the shares of these axes sum to 1.
    """

    share: float
    low: float
    high: float
    n: int
    where: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class SearchResult:
    """All trials of a search.

    Attributes:
        space: the search space.
        metric: the optimized validation metric: `accuracy`, `loss` or `r2`.
        sampler: name of the sampler.
        trials: all trials that ended (see `TrialRecord.state`), in the order of their numbers.
        rounds: the ranges of every round and why they were narrowed; empty for samplers without rounds.
        advice: sentences on declared ranges that seem too narrow.
        importance: importance by axis name, largest first; empty with fewer than 30 trials.
        seeds: the seeds of every trial.
        folds: number of cross-validation folds; 1 is a single validation split.
        seconds: wall-clock time by stage; None if a resumed search had nothing left to do.
        missing: number of trials of other processes that had not finished when this process stopped waiting.
        exhausted: whether every recipe of the space was tried.
        validation_notices: notices on validation, such as that R² is undefined in some folds.
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
    validation_notices: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"SearchResult: {len(self.trials)} trials of {self.sampler}, ranked by {METRICS[self.metric].validation}"

    @property
    def sign(self) -> float:
        """+1 where a larger metric is better, -1 for the loss."""
        return METRICS[self.metric].sign

    @property
    def notices(self) -> tuple[str, ...]:
        """Sentences on anything unusual in how trials were validated, or in their number."""
        found, count = [*self.validation_notices, *filter(None, [self.missing_words])], len(self.trials)
        if self.exhausted and not self.missing:
            which = "the only recipe" if count == 1 else f"all {count} recipes"
            found.append(f"{which} of the space {'was' if count == 1 else 'were'} tried")
        return tuple(found)

    @property
    def missing_words(self) -> str:
        """A notice on trials that other processes had not finished; empty if there are none."""
        if not self.missing:
            return ""
        return (
            f"{self.missing} of {len(self.trials) + self.missing} trials are missing: other processes of the study had "
            "not finished them when this one stopped waiting; once they have, run it again with another folder (--out)"
        )

    def ranked(self) -> list[TrialRecord]:
        """Trials, best first: complete ones by metric, then loss; pruned and cut ones by last rung; diverged ones."""

        def key(trial: TrialRecord) -> tuple[Any, ...]:
            order = {"complete": 0, "cut": 1, "pruned": 1, "diverged": 2}[trial.state]
            reached = -max(trial.rungs, default=0.0) if order == 1 else 0.0
            loss = trial.scores.get("loss/validation", np.nan)
            return order, reached, METRICS[self.metric].order(trial.value, loss), trial.number

        return sorted(self.trials, key=key)

    def to_frame(self) -> "pl.DataFrame":
        """One row per trial, as in `trials.parquet`.

        Returns:
            Columns trial, state, value, scores such as `loss/validation`, epochs trained, and the axes of the space;
            null where a trial has none.
        """
        import polars as pl

        rows = [
            {
                "trial": trial.number,
                "state": trial.state,
                "value": trial.value,
                **trial.scores,
                "epochs": float(trial.curve.epochs[-1]) if len(trial.curve.epochs) else 0.0,
                **{name: as_scalar(trial.values.get(name)) for name in self.space.ordered},
            }
            for trial in self.trials
        ]
        return pl.DataFrame(rows, infer_schema_length=None, strict=False)

    def to_json(self) -> dict[str, Any]:
        """Metric, sampler, counts of trials, rounds, advice and importance as JSON values."""
        states = [trial.state for trial in self.trials]
        best = self.ranked()[0]
        return {
            "metric": self.metric,
            "sampler": self.sampler,
            "seeds": list(self.seeds),
            "folds": self.folds,
            "trials": {
                "total": len(states),
                "missing": self.missing,
                **{state: states.count(state) for state in ("complete", "pruned", "cut", "diverged")},
            },
            "notices": list(self.notices),
            "best_trial": {
                "number": best.number,
                "state": best.state,
                "value": best.value,
                "fields": _json(best.values),
            },
            "rounds": [_round(one) for one in self.rounds],
            "advice": list(self.advice),
            "importance": {name: asdict(one) for name, one in self.importance.items()},
        }


def _json(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _round(one: Round) -> dict[str, Any]:
    return {
        "number": one.number,
        "trials": [one.first_trial, one.last_trial],
        "ranges": {
            name: {"low": extent.low, "high": extent.high}
            if extent.choices is None
            else {"choices": list(extent.choices)}
            for name, extent in one.extents.items()
        },
        "reasons": dict(one.reasons),
    }


@dataclass(frozen=True, eq=False)
class Candidate:
    """One of the best recipes, trained again with new seeds.

    Attributes:
        trial: the trial that the recipe is from.
        seeds: the new seeds; the search did not use them.
        score: mean validation metric over these seeds, with its interval; diverged seeds are left out.
        diverged: number of diverged seeds.
    """

    trial: TrialRecord
    seeds: tuple[int, ...]
    score: Interval
    diverged: int

    def to_json(self) -> dict[str, Any]:
        """The trial's values, its score with the new seeds, and its score in the search, as JSON values."""
        return {
            "trial": self.trial.number,
            "fields": _json(self.trial.values),
            "seeds": list(self.seeds),
            **self.score.to_json(),
            "diverged": self.diverged,
            "search_value": self.trial.value,
        }


@dataclass(frozen=True)
class ConsideredModel:
    """A model that was considered: one network or an ensemble of the available networks.

    Attributes:
        name: `best network` (with folds the best recipe and seed), `average of the best`, `greedy selection`, or `wide
            average`.
        num_networks: number of different networks; with folds one per fold of each recipe and seed.
        score: validation metric.
        chosen: whether it became the model.
    """

    name: str
    num_networks: int
    score: float
    chosen: bool


@dataclass(frozen=True, eq=False, repr=False)
class Tuned(Forms):
    """The result of `tune`.

    Attributes:
        search: all trials.
        candidates: the best recipes trained again, best first; empty without a refit.
        considered: all models that were considered.
        recipe: the best recipe.
        model: the selected model; None if there is no network.
        trained: the refit population (of the first fold), with its curves; None without a refit.
    """

    search: SearchResult
    candidates: tuple[Candidate, ...]
    considered: Sequence[ConsideredModel]
    recipe: Recipe
    model: Model | None
    trained: Trained | None = field(repr=False, default=None)

    def to_json(self, test: TestQuality | None = None) -> dict[str, Any]:
        """All numbers as in `results.json` of `trainwell tune`; non-finite ones are None.

        Args:
            test: the model's quality on the test split, if that was read.
        """
        seconds = self.search.seconds
        found: dict[str, Any] = finite(
            {
                **self.search.to_json(),
                "candidates": [one.to_json() for one in self.candidates],
                "models_considered": [asdict(one) for one in self.considered],
                "recipe": self.recipe.model_dump(mode="json"),
                "model": None if self.model is None else {"folder": "model", "num_networks": len(self.model.networks)},
                "test": None if test is None else test.to_json(),
                "search_seconds": seconds.total if seconds else None,
                "compile_seconds": seconds.compiling if seconds else None,
                "training_seconds": seconds.training if seconds else None,
                "search_overhead_seconds": seconds.overhead if seconds else None,
                "refit_seconds": seconds.refit if seconds else None,
            }
        )
        return found

    def to_frame(self) -> "pl.DataFrame":
        """One row per trial, see `SearchResult.to_frame`."""
        return self.search.to_frame()

    # What follows is loaded when it is shown.

    caption = "Every trial, and the best so far; hollow ones were pruned, crosses diverged."

    @property
    def headline(self) -> str:
        """The best recipe and its score with new seeds, in a sentence."""
        from trainwell.search.tuning.shown import best_sentence

        return best_sentence(self)

    def table(self) -> Table:
        """The best recipes trained again with fresh seeds; without a refit the best trials."""
        from trainwell.search.tuning.shown import best_table, candidates_table

        return candidates_table(self) if self.candidates else best_table(self.search, 10)

    def chart(self) -> Figure:
        """Every trial, and the best so far."""
        from trainwell.search.tuning.shown import trials_chart

        return trials_chart(self.search)
