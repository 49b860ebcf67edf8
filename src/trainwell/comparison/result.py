"""Results of a comparison: by contender, by pair, and over several data sets."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from jaxtyping import Float

from trainwell.comparison.terms import Terms
from trainwell.core import METRICS, MetricName, finite
from trainwell.data import Dataset
from trainwell.display import Figure, Forms, Table, styles
from trainwell.search import Candidate, SearchResult, TrialRecord, metric_of, undefined_notices
from trainwell.statistics import Interval, PairDecision, RankTest
from trainwell.training import Contender, Recipe, Runs, extreme_input

if TYPE_CHECKING:
    import polars as pl

StoppedBy = Literal["decided", "most_seeds", "time"]
"""Why no more seeds were added: every pair is decided, all seeds were used, or the time limit was reached."""


@dataclass(frozen=True, eq=False)
class Tuning:
    """How one contender was tuned.

    Attributes:
        search: the trials, one seed each.
        candidates: the best trials, trained again with new seeds; best first.
        recipe: the recipe of the first candidate.
        advice: sentences on declared ranges that seem too narrow.
        seconds: wall-clock time.
        extra: trials that were added next to the best values after the search, see `gaps_beside`.
        doubts: why a better recipe may have been missed; each continues a sentence that starts with `<contender>'s`.
        passed: former candidates, also trained again, that were replaced when extra trials were better.
    """

    search: SearchResult
    candidates: tuple[Candidate, ...]
    recipe: Recipe
    advice: tuple[str, ...]
    seconds: float
    extra: tuple[TrialRecord, ...] = ()
    doubts: tuple[str, ...] = ()
    passed: tuple[Candidate, ...] = ()

    @property
    def networks(self) -> int:
        """Number of trained networks: one per trial, and one per seed of each candidate."""
        return len(self.trials) + sum(len(one.seeds) for one in (*self.candidates, *self.passed))

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """Trials of the search, then the extra ones."""
        return (*self.search.trials, *self.extra)

    def to_json(self) -> dict[str, Any]:
        """Counts of trials, the candidates, advice and doubts as JSON values."""
        states = [trial.state for trial in self.trials]
        return {
            "trials": {"total": len(states), "extra": len(self.extra), "diverged": states.count("diverged")},
            "candidates": [
                {
                    "trial": one.trial.number,
                    "seeds": list(one.seeds),
                    "score": one.score.to_json(),
                    "diverged": one.diverged,
                    "search_value": one.trial.value,
                }
                for one in self.candidates
            ],
            "advice": list(self.advice),
            "doubts": list(self.doubts),
            "num_networks": self.networks,
            "seconds": self.seconds,
        }


@dataclass(frozen=True, eq=False)
class Summary:
    """One contender's scores over its seeds.

    Attributes:
        values: validation score per seed; a diverged run scores like guessing or worse, see `scores`.
        diverged: number of diverged runs.
        mean: mean score with its Student t interval.
        sd: standard deviation over seeds; NaN for a single seed.
        iqm: interquartile mean with its bootstrap interval.
        reached_target: share of runs that reached the target.
        steps_to_target: median number of updates until the target was reached, with its interval; infinite if most
            runs never reached it.
        epochs_to_target: the same in passes over the training split.
        seconds: time to train one network on one core, median over runs.
    """

    values: Float[np.ndarray, " n"]
    diverged: int
    mean: Interval
    sd: float
    iqm: Interval
    reached_target: Interval
    steps_to_target: Interval
    epochs_to_target: Interval
    seconds: float

    @property
    def n(self) -> int:
        """Number of seeds."""
        return len(self.values)

    def to_json(self) -> dict[str, Any]:
        """All fields as JSON values."""
        return {
            "n": self.n,
            "diverged": self.diverged,
            "mean": self.mean.to_json(),
            "sd": self.sd,
            "iqm": self.iqm.to_json(),
            "reached_target": self.reached_target.to_json(),
            "steps_to_target": self.steps_to_target.to_json(),
            "epochs_to_target": self.epochs_to_target.to_json(),
            "seconds_per_network": self.seconds,
            "values": self.values.tolist(),
        }


@dataclass(frozen=True)
class Pair:
    """The verdict on two contenders.

    Attributes:
        decision: the test result; its difference is the mean of `first` minus `second`.
        improvement: probability that `first` beats `second` with the same seed (ties count half), with its interval.
        better: index of the better contender; None unless they differ significantly.
        words: the verdict as a sentence.
        brief: the same without how the two were tuned.
        doubts: why it may be an artefact of tuning, such as `adam's learning rate lies beside an untried gap from …`.
        cancelling_failure_rate: failure rate of the better contender at which the mean difference would be 0, a failure
            scoring like a constant prediction. NaN if this rate would have shown at least one failure with 95%
            probability.
    """

    decision: PairDecision
    improvement: Interval
    better: int | None
    words: str
    brief: str
    doubts: tuple[str, ...] = ()
    cancelling_failure_rate: float = float("nan")

    @property
    def first(self) -> int:
        """Index of the first contender."""
        return self.decision.first

    @property
    def second(self) -> int:
        """Index of the second contender."""
        return self.decision.second

    @property
    def outcome(self) -> Literal["differs", "equivalent", "undecided"]:
        """Significantly different (even if by less than the margin), shown to be within the margin, or neither."""
        decision = self.decision
        return "differs" if decision.differs else "equivalent" if decision.equivalent else "undecided"

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """The test and the verdict as JSON values; contenders are given by their labels."""
        return {
            **asdict(self.decision),
            "first": labels[self.first],
            "second": labels[self.second],
            "outcome": self.outcome,
            "better": None if self.better is None else labels[self.better],
            "improvement": self.improvement.to_json(),
            "doubts": list(self.doubts),
            "cancelling_failure_rate": self.cancelling_failure_rate,
            "words": self.words,
        }


@dataclass(frozen=True)
class Seconds:
    """Wall-clock seconds of a comparison on one data set: tuning, and training with the compared seeds."""

    tuning: float
    seeds: float


@dataclass(frozen=True, eq=False, repr=False)
class Comparison(Forms):
    """Contenders compared on one data set.

    Attributes:
        dataset: the data; the test split was not used.
        terms: settings of the comparison.
        metric: the validation metric that was compared.
        contenders: the contenders before tuning.
        tunings: tuning result per contender; None for one that was not tuned.
        recipes: the recipe that each contender was trained with: tuned, or as given.
        runs: all final runs, contender by contender; each contender has the first of `seeds`, perhaps not all.
        seeds: seeds in the order in which they were added.
        looks: numbers of seeds at which tests were planned.
        margin: smallest difference that matters.
        guessing_score: score of a constant prediction; a diverged run gets this or a worse one.
        target_score: score for the time to target.
        summaries: one per contender.
        pairs: verdicts, in the order of the contenders.
        detectable_sds: difference detected with 80% power, in standard deviations of paired differences; NaN with too
            few seeds to detect any.
        stopped_by: why no more seeds were added.
        seconds: wall-clock time by stage.
    """

    dataset: Dataset
    terms: Terms
    metric: MetricName
    contenders: tuple[Contender, ...]
    tunings: tuple[Tuning | None, ...]
    recipes: tuple[Recipe, ...]
    runs: Runs
    seeds: tuple[int, ...]
    looks: tuple[int, ...]
    margin: float
    guessing_score: float
    target_score: float
    summaries: tuple[Summary, ...]
    pairs: tuple[Pair, ...]
    detectable_sds: float
    stopped_by: StoppedBy
    seconds: Seconds

    @property
    def labels(self) -> tuple[str, ...]:
        """The contenders' names."""
        return tuple(contender.label for contender in self.contenders)

    @property
    def sign(self) -> float:
        """+1 where a larger metric is better, -1 for the loss."""
        return METRICS[self.metric].sign

    @property
    def notices(self) -> list[str]:
        """Warnings: that R² is undefined, so the loss was compared, and why all contenders diverged."""
        why = extreme_input(self.dataset, self.recipes[0]) if set(self.runs.statuses) == {"diverged"} else None
        judged = METRICS[metric_of(self.dataset, self.terms.metric)]
        undefined = undefined_notices([self.dataset]) if judged.fallback else []
        return [*undefined, *([why] if why else [])]

    def ranking(self) -> list[int]:
        """Indices of contenders by mean score, best first."""
        order = METRICS[self.metric].order
        return sorted(range(len(self.contenders)), key=lambda k: order(self.summaries[k].mean.mean))

    def pair(self, first: int, second: int) -> Pair | None:
        """The verdict on two contenders, in either order; None if they were not compared."""
        return next((pair for pair in self.pairs if {pair.first, pair.second} == {first, second}), None)

    @property
    def best(self) -> tuple[int, ...]:
        """Contenders that no other beat significantly, best mean first; none if each was beaten by another."""
        beaten = {
            pair.second if pair.better == pair.first else pair.first for pair in self.pairs if pair.better is not None
        }
        return tuple(k for k in self.ranking() if k not in beaten)

    def to_json(self) -> dict[str, Any]:
        """All numbers as in `results.json` of `trainwell compare`, for this data set; non-finite ones are None."""
        found: dict[str, Any] = finite(
            {
                "data": self.dataset.name,
                "metric": self.metric,
                "margin": self.margin,
                "guessing_score": self.guessing_score,
                "target_score": self.target_score,
                "seeds": list(self.seeds),
                "looks": list(self.looks),
                "stopped_by": self.stopped_by,
                "detectable_sds": self.detectable_sds,
                "seconds": asdict(self.seconds),
                "headline": self.headline,
                "notices": self.notices,
                "contenders": [self._contender_json(k) for k in range(len(self.contenders))],
                "ranking": [self.labels[k] for k in self.ranking()],
                "unbeaten": [self.labels[k] for k in self.best],
                "pairs": [pair.to_json(self.labels) for pair in self.pairs],
            }
        )
        return found

    def _contender_json(self, k: int) -> dict[str, Any]:
        from trainwell.comparison.tables import tuned_fields, tuned_values

        tuning = self.tunings[k]
        return {
            "label": self.labels[k],
            **self.summaries[k].to_json(),
            "tuned": tuned_values(self, k, tuned_fields(self)),
            "tuning": None if tuning is None else tuning.to_json(),
            "recipe": self.recipes[k].model_dump(mode="json"),
        }

    def to_frame(self) -> "pl.DataFrame":
        """One row per contender, best first, as in `contenders.parquet`: see `Comparisons.to_frame`."""
        return Comparisons((self,), None).to_frame()

    # What follows is loaded when it is shown.

    caption = "Every run, and each contender's mean with its 95% interval; crosses diverged."

    @property
    def headline(self) -> str:
        """The main result in one to three sentences, see `words.headline`."""
        from trainwell.comparison.words import headline

        return headline(self)

    def table(self) -> Table:
        """Contenders by their mean, best first."""
        from trainwell.comparison.shown import ranking_table

        return ranking_table(self, styles(self.ranking()))

    def chart(self) -> Figure:
        """The metric of every final run, and each contender's mean with its interval."""
        from trainwell.comparison.shown import ranking_chart

        return ranking_chart(self, styles(self.ranking()))


@dataclass(frozen=True, eq=False)
class Across:
    """Results over several data sets.

    Attributes:
        ranks: mean rank of each contender over data sets, Friedman's test and the critical difference.
        improvement: probability that the row's contender beats the column's, averaged over data sets; NaN on the
            diagonal.
        improvement_low: lower end of its stratified bootstrap interval.
        improvement_high: upper end of this interval.
        normalised: scores per contender and data set, 0 for guessing, 1 for the mean of the best contender.
        aggregates: interquartile mean of `normalised` per contender, with its stratified bootstrap interval.
        thresholds: normalised scores at which the profiles are evaluated.
        profiles: share of runs above each threshold, per contender.
        profiles_low: lower end of its stratified bootstrap interval.
        profiles_high: upper end of this interval.
    """

    ranks: RankTest
    improvement: Float[np.ndarray, "K K"]
    improvement_low: Float[np.ndarray, "K K"]
    improvement_high: Float[np.ndarray, "K K"]
    normalised: tuple[tuple[np.ndarray, ...], ...]
    aggregates: tuple[Interval, ...]
    thresholds: Float[np.ndarray, " X"]
    profiles: Float[np.ndarray, "K X"]
    profiles_low: Float[np.ndarray, "K X"]
    profiles_high: Float[np.ndarray, "K X"]

    def to_json(self, labels: Sequence[str]) -> dict[str, Any]:
        """All fields as JSON values; contenders are given by their labels."""
        ranks = self.ranks
        return {
            "mean_ranks": dict(zip(labels, map(float, ranks.ranks), strict=True)),
            "friedman_p": ranks.friedman_p,
            "critical_difference": ranks.critical_difference,
            "groups_without_difference": [[labels[k] for k in group] for group in ranks.groups],
            "normalised_iqm": {label: one.to_json() for label, one in zip(labels, self.aggregates, strict=True)},
            "improvement": {
                "mean": self.improvement.tolist(),
                "low": self.improvement_low.tolist(),
                "high": self.improvement_high.tolist(),
            },
            "profiles": {
                "thresholds": self.thresholds.tolist(),
                "mean": dict(zip(labels, self.profiles.tolist(), strict=True)),
                "low": dict(zip(labels, self.profiles_low.tolist(), strict=True)),
                "high": dict(zip(labels, self.profiles_high.tolist(), strict=True)),
            },
        }


@dataclass(frozen=True, eq=False, repr=False)
class Comparisons(Forms):
    """The same contenders on several data sets.

    Attributes:
        parts: one comparison per data set.
        across: results over all data sets; None for a single one.
    """

    parts: tuple[Comparison, ...]
    across: Across | None

    @property
    def labels(self) -> tuple[str, ...]:
        """The contenders' names, the same on all data sets."""
        return self.parts[0].labels

    def to_json(self) -> dict[str, Any]:
        """All numbers as in `results.json` of `trainwell compare`; non-finite ones are None.

        Returns:
            `headline`, `terms`, `data_sets` (see `Comparison.to_json`), and `across`, all of them together; None for a
            single one.
        """
        found: dict[str, Any] = finite(
            {
                "headline": self.headline,
                "terms": self.parts[0].terms.to_json(),
                "data_sets": [part.to_json() for part in self.parts],
                "across": None if self.across is None else self.across.to_json(self.labels),
            }
        )
        return found

    def to_frame(self) -> "pl.DataFrame":
        """One row per data set and contender, best first, as in `contenders.parquet`; see `TABLES` for other tables."""
        from trainwell.comparison.tables import contenders_table

        return contenders_table(self)

    @property
    def headline(self) -> str:
        """The main result over all data sets, see `words.headlines`."""
        from trainwell.comparison.words import headlines

        return headlines(self)

    def table(self) -> Table:
        """Contenders by mean score, best first; over several data sets by mean rank."""
        from trainwell.comparison.shown import across_table, rank_order

        if self.across is None:
            return self.parts[0].table()
        return across_table(self, styles(rank_order(self.across)))

    def chart(self) -> Figure:
        """See `Comparison.chart`; over several data sets mean ranks, with groups that do not differ significantly."""
        from trainwell.comparison.shown import across_chart, rank_order, short_names

        if self.across is None:
            return self.parts[0].chart()
        return across_chart(self.across, short_names(self.parts[0]), styles(rank_order(self.across)))
