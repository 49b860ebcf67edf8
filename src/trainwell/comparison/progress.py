"""Progress of a comparison: callbacks, progress bars, and lines of a log."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import accumulate, chain

from rich.markup import escape
from rich.progress import Progress as Bars, TaskID

from trainwell.comparison.terms import Terms
from trainwell.display import WholeBar, unknown
from trainwell.search import Watcher
from trainwell.training import Lane, PopulationProgress, Progress, WorkDone, compiling_text


class ComparisonWatcher:
    """Callbacks that report the progress of a comparison; the default ones do nothing."""

    def starts(self, terms: Terms, work: Sequence[Sequence[float]]) -> None:
        """The comparison starts.

        Args:
            terms: its settings.
            work: for each data set the FLOPs of tuning each contender, then those of all seeds, if none is left out.
        """

    def dataset(self, name: str, index: int, total: int) -> None:
        """The comparison on the data set `name` starts; `index` counts data sets from 0."""

    def tuning(self, label: str, index: int, total: int) -> Watcher:
        """Tuning of the contender `label` starts; `index` counts contenders from 0. Returns a watcher of its search."""
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Training with further seeds starts; `work` is FLOPs per member. Returns a receiver of its progress."""
        return Progress()

    def judged(self, undecided: int, total: int) -> None:
        """All `total` pairs were tested; `undecided` of them need more seeds."""

    def over(self) -> None:
        """Nothing more is trained."""


class ComparisonLog(ComparisonWatcher):
    """Reports each stage and the number of undecided pairs in one line.

    Args:
        say: writes a line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.prefix = say, ""

    def dataset(self, name: str, index: int, total: int) -> None:
        """The contenders are compared on a data set."""
        self.prefix = f"{name}: " if total > 1 else ""

    def tuning(self, label: str, index: int, total: int) -> Watcher:
        """A contender is tuned."""
        self.say(f"{self.prefix}tuning {label} ({index + 1} of {total})")
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds."""
        self.say(f"{self.prefix}{_which(seeds)} of {_counted(len(labels), 'contender')}")
        return Progress()

    def judged(self, undecided: int, total: int) -> None:
        """The differences were judged."""
        self.say(f"{self.prefix}{_open(undecided, total)}")


class ComparisonProgress(ComparisonWatcher):
    """Progress bars: one of all, and for each data set one for tuning all contenders and one for every batch of seeds.

    Args:
        bars: the Rich progress display.
    """

    def __init__(self, bars: Bars) -> None:
        self.bars, self.prefix = bars, ""
        self.tuned: TaskID | None = None
        self.population: PopulationProgress | None = None

    def starts(self, terms: Terms, work: Sequence[Sequence[float]]) -> None:
        """The comparison starts."""
        self.seeds_of_all = terms.seeds or range(terms.most_seeds)
        self.rounds, self.work = min(terms.rounds, terms.trials), work
        *self.before, total = accumulate(chain.from_iterable(work), initial=0.0)
        self.whole = WholeBar(self.bars, "whole comparison", total, terms.seconds)
        self.whole.show(0.0, f"with {'' if terms.seeds else 'up to '}{_counted(len(self.seeds_of_all), 'seed')}")

    def dataset(self, name: str, index: int, total: int) -> None:
        """The contenders are compared on a data set."""
        self.prefix, self.index = f"{escape(name)}: " if total > 1 else "", index

    def over(self) -> None:
        """The comparison is over, however many seeds were left out."""
        self.whole.end()

    def _begin(self, part: int, share: float = 0.0, of: float = 1.0) -> Callable[[float], None]:
        """Start a part of the work on the data set.

        Args:
            part: index of the contender that is tuned; the number of contenders for training with seeds.
            share: share of this part that is done already.
            of: share of this part that starts now.

        Returns:
            A function that updates the bar of the whole comparison: it takes how much is done of what starts now, from
            0 to 1.
        """
        own = self.work[self.index]
        at = self.before[sum(map(len, self.work[: self.index])) + part] + share * own[part]
        tuning = chain(own[part:-1], *(later[:-1] for later in self.work[self.index + 1 :]))
        self.whole.begin(at, uncut=sum(tuning))
        return lambda done: self.whole.show(at + done * of * own[part])

    def tuning(self, label: str, index: int, total: int) -> Watcher:
        """A contender is tuned."""
        if self.tuned is None:
            self.tuned = self.bars.add_task(f"{self.prefix}tuning", total=total, last="", left=unknown)
        title = f"{self.prefix}tuning {escape(label)} ({index + 1}/{total})"
        return TuningProgress(self.bars, self.tuned, title, index, self.rounds, self._begin(index))

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds."""
        if self.tuned is not None:
            total = next(task.total for task in self.bars.tasks if task.id == self.tuned)
            text = f"{self.prefix}tuned {total:g} contenders"
            self.bars.update(self.tuned, completed=total, description=text, last="")
            self.tuned = None
        title = f"{self.prefix}{_which(seeds)}, {_counted(len(labels), 'contender')}: "
        self.population = own = PopulationProgress(self.bars, work, title)
        of = len(self.seeds_of_all)
        show = self._begin(len(self.work[self.index]) - 1, self.seeds_of_all.index(seeds[0]) / of, len(seeds) / of)

        def on_chunk(lanes: Sequence[Lane]) -> None:
            own.callbacks.on_chunk(lanes)
            show(own.work.done / sum(work))

        return replace(own.callbacks, on_chunk=on_chunk)

    def judged(self, undecided: int, total: int) -> None:
        """The differences were judged."""
        if self.population is not None:  # None if an earlier process had trained these seeds
            self.population.finish(_open(undecided, total))
        self.population = None


class TuningProgress(Watcher):
    """One contender's part of the tuning bar: an equal share for each round, and one for training the best again."""

    def __init__(
        self, bars: Bars, task: TaskID, title: str, index: int, rounds: int, show: Callable[[float], None]
    ) -> None:
        self.bars, self.task, self.title, self.index, self.rounds, self.show = bars, task, title, index, rounds, show
        self.begun, self.drawn, self.work, self.what = 0, 0.0, WorkDone(), ""

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A round of trials starts, or a batch of extra trials next to the best values."""
        if self.begun > self.rounds:
            self._begin(self.rounds + 1, "beside the best", work)
            return
        self._begin(min(self.begun + 1, self.rounds), f"round {self.begun + 1}/{self.rounds}", work)

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again."""
        self._begin(self.rounds + 1, "the best again", work)

    def population(self) -> Progress:
        """A population starts. Returns the receiver of its progress."""
        return Progress(self._on_chunk, self._on_compile)

    def _begin(self, part: int, what: str, work: Sequence[float]) -> None:
        self.begun, self.work, self.what = part, WorkDone(work), what
        self.bars.update(self.task, description=f"{self.title}: {what}")
        self._draw()

    def _on_compile(self, done: int, of: int) -> None:
        compiling = compiling_text(done, of)
        self.bars.update(self.task, description=f"{self.title}: {self.what}{compiling and f', {compiling}'}")

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        self.work.add(lanes)
        self._draw()

    def _draw(self) -> None:
        total = sum(self.work.work)
        share = self.work.done / total if total else 1.0
        # It is unknown whether extra trials follow, so during these the bar does not move.
        self.drawn = max(self.drawn, (self.begun - 1 + share) / (self.rounds + 1))
        self.bars.update(self.task, completed=self.index + self.drawn)
        self.show(self.drawn)


def _which(seeds: Sequence[int]) -> str:
    return f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}–{seeds[-1]}"


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"


def _open(undecided: int, total: int) -> str:
    return f"{undecided} of {_counted(total, 'pair')} undecided"
