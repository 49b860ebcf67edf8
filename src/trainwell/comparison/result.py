"""What a comparison tells while it works, and what it found: by contender, by pair, and over several data sets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float

from trainwell.comparison.terms import Terms
from trainwell.core import METRICS, MetricName
from trainwell.data import Dataset
from trainwell.search import Candidate, SearchResult, TrialRecord, Watcher, metric_of, undefined_notices
from trainwell.statistics import Interval, PairDecision, RankTest
from trainwell.training import Contender, Progress, Recipe, Runs, extreme_input

Ending = Literal["decided", "seeds", "time"]
"""Why no more seeds were added: every pair is decided; all seeds were used; the time limit."""


class ComparisonWatcher:
    """Does nothing; override what is wanted."""

    def dataset(self, name: str, place: int, of: int) -> None:
        """The contenders are compared on a data set: its name, its place from 0 among how many."""

    def tuning(self, label: str, place: int, of: int) -> Watcher:
        """A contender is tuned: its name, its place from 0 among how many. Returns whom its search tells."""
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds: floating-point operations of each member. Returns whom to tell."""
        return Progress()

    def judged(self, undecided: int, of: int) -> None:
        """The differences were judged: how many pairs are open among how many."""


@dataclass(frozen=True, eq=False)
class Tuning:
    """How one contender's numbers were found.

    Attributes:
        search: the trials, one seed each.
        candidates: the best of them, trained again with fresh seeds; best first.
        recipe: of the first candidate.
        advice: declared ranges that seem too narrow, in words.
        seconds: wall-clock time.
        further: trials beyond the search's, beside the best values: see `gaps_beside`.
        doubts: why a better recipe may not have been found, as words that go after the contender's name and `'s`.
        passed: trained again, too, before further trials were better.
    """

    search: SearchResult
    candidates: tuple[Candidate, ...]
    recipe: Recipe
    advice: tuple[str, ...]
    seconds: float
    further: tuple[TrialRecord, ...] = ()
    doubts: tuple[str, ...] = ()
    passed: tuple[Candidate, ...] = ()

    @property
    def networks(self) -> int:
        """How many were trained: one per trial, and the seeds of those trained again."""
        return len(self.trials) + sum(len(one.seeds) for one in (*self.candidates, *self.passed))

    @property
    def trials(self) -> tuple[TrialRecord, ...]:
        """Those of the search, and the further ones."""
        return (*self.search.trials, *self.further)


@dataclass(frozen=True, eq=False)
class Summary:
    """What one contender came to, over its seeds.

    Attributes:
        values: the metric of each seed, in their order; diverged runs count as the worst, see `scores`.
        diverged: how many of the runs did.
        mean: with its Student t interval.
        sd: standard deviation over seeds; NaN with one.
        iqm: interquartile mean with its bootstrap interval.
        reached: share of runs that reached the target.
        steps_to_target: median number of updates until then with its interval; infinite where most never do.
        epochs_to_target: the same in passes over the training split.
        seconds: of training one network on one core, median over its runs.
    """

    values: Float[np.ndarray, " n"]
    diverged: int
    mean: Interval
    sd: float
    iqm: Interval
    reached: Interval
    steps_to_target: Interval
    epochs_to_target: Interval
    seconds: float

    @property
    def n(self) -> int:
        """Number of seeds."""
        return len(self.values)


@dataclass(frozen=True)
class Pair:
    """The verdict on two contenders.

    Attributes:
        decision: the test; its difference is that of `first` minus `second`.
        improvement: chance that `first` is better than `second` with the same seed, ties half; with its interval.
        better: index of the better one; None unless they differ.
        words: the verdict as a sentence.
        doubts: why it may be an artefact of tuning, such as `adam's learning rate lies beside an untried gap from …`.
        undone_by: share of runs of the one ahead which, were they failures that count as guessing, would make the mean
            difference 0, if so few may stay unseen with so many seeds (a chance above 5%); else NaN.
    """

    decision: PairDecision
    improvement: Interval
    better: int | None
    words: str
    doubts: tuple[str, ...] = ()
    undone_by: float = float("nan")

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
        """Told apart (by more or less than the margin), shown to be within the margin, or neither."""
        decision = self.decision
        return "differs" if decision.differs else "equivalent" if decision.equivalent else "undecided"


@dataclass(frozen=True)
class Seconds:
    """Where the wall-clock time of a comparison on one data set went."""

    tuning: float
    seeds: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Contenders compared on one data set.

    Attributes:
        dataset: the data; the test split was not touched.
        terms: what was granted.
        metric: what contenders are judged by, on validation.
        contenders: as they were given.
        tunings: how each one's numbers were found; None for one that ran as given.
        recipes: with which each was trained: tuned, or as given.
        runs: all final runs, contender by contender, each with the first of `seeds`.
        seeds: in the order in which they were added.
        looks: numbers of seeds at which differences were planned to be judged.
        margin: differences below it do not matter.
        guess: the score of always predicting the same, the best that a diverged run can count as.
        target: score whose first observation is timed.
        summaries: per contender.
        pairs: those asked about, in the order of the contenders.
        detectable: difference that would have been found with 80% power, in typical standard deviations of pairs; NaN
            where there are too few seeds for any.
        ending: why no more seeds were added.
        seconds: where the time went.
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
    guess: float
    target: float
    summaries: tuple[Summary, ...]
    pairs: tuple[Pair, ...]
    detectable: float
    ending: Ending
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
        """What a reader must know of how contenders were judged, and why none was any good."""
        why = extreme_input(self.dataset, self.recipes[0]) if set(self.runs.statuses) == {"diverged"} else None
        judged = METRICS[metric_of(self.dataset, self.terms.metric)]
        undefined = undefined_notices([self.dataset]) if judged.instead else []
        return [*undefined, *([why] if why else [])]

    def ranking(self) -> list[int]:
        """Contenders by their mean, best first."""
        order = METRICS[self.metric].order
        return sorted(range(len(self.contenders)), key=lambda k: order(self.summaries[k].mean.mean))

    def pair(self, first: int, second: int) -> Pair | None:
        """The verdict on two contenders, in either order; None if it was not asked for."""
        return next((pair for pair in self.pairs if {pair.first, pair.second} == {first, second}), None)

    @property
    def best(self) -> tuple[int, ...]:
        """Those that no other was shown to beat, best mean first; none where they beat each other in a circle."""
        beaten = {
            pair.second if pair.better == pair.first else pair.first for pair in self.pairs if pair.better is not None
        }
        return tuple(k for k in self.ranking() if k not in beaten)


@dataclass(frozen=True, eq=False)
class Across:
    """Several data sets together.

    Attributes:
        ranks: mean rank of each contender over data sets, Friedman's test and the critical difference.
        improvement: chance that the row's contender is better than the column's, mean over data sets; NaN on the
            diagonal.
        improvement_low: lower end of its stratified bootstrap interval.
        improvement_high: upper end.
        normalised: per contender and data set, its results from 0 (guessing) to 1 (the best contender's mean).
        aggregates: per contender, interquartile mean of those with its stratified bootstrap interval.
        thresholds: scores at which the profiles are given.
        profiles: per contender, share of runs above each threshold.
        profiles_low: lower end of its stratified bootstrap interval.
        profiles_high: upper end.
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


@dataclass(frozen=True, eq=False)
class Comparisons:
    """The same contenders on several data sets.

    Attributes:
        parts: one comparison per data set.
        across: all of them together; None for a single one.
    """

    parts: tuple[Comparison, ...]
    across: Across | None
