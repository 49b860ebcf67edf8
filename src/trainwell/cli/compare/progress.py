"""Progress of a comparison on the terminal: contenders tuned, seeds trained, pairs still open."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.markup import escape
from rich.progress import Progress as Bars, TaskID

from trainwell.cli.show.progress import PopulationProgress, work_bars
from trainwell.comparison import ComparisonWatcher
from trainwell.search import Watcher
from trainwell.training import Lane, Progress


@contextmanager
def comparison_progress(rounds: int, *, quiet: bool) -> Iterator["ComparisonProgress"]:
    """Draws a comparison's progress on stderr while the block lasts.

    Args:
        rounds: in which each contender's trials are trained.
        quiet: whether to draw nothing.
    """
    with work_bars(quiet=quiet) as bars:
        yield ComparisonProgress(bars, rounds)


class ComparisonProgress(ComparisonWatcher):
    """Per data set one bar for the tuning of all contenders, and one for every batch of seeds."""

    def __init__(self, bars: Bars, rounds: int) -> None:
        self.bars, self.rounds = bars, rounds
        self.prefix = ""
        self.tuned: TaskID | None = None
        self.population: PopulationProgress | None = None

    def dataset(self, name: str, place: int, of: int) -> None:
        """The contenders are compared on a data set."""
        self.prefix = f"{escape(name)}: " if of > 1 else ""

    def tuning(self, label: str, place: int, of: int) -> Watcher:
        """A contender is tuned."""
        if self.tuned is None:
            self.tuned = self.bars.add_task(f"{self.prefix}tuning", total=of, last="")
        title = f"{self.prefix}tuning {escape(label)} ({place + 1}/{of})"
        return TuningProgress(self.bars, self.tuned, title, place, self.rounds)

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds."""
        if self.tuned is not None:
            total = next(task.total for task in self.bars.tasks if task.id == self.tuned)
            text = f"{self.prefix}tuned {total:g} contenders"
            self.bars.update(self.tuned, completed=total, description=text, last="")
            self.tuned = None
        which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}–{seeds[-1]}"
        whose = f"{len(labels)} contender{'s' if len(labels) != 1 else ''}"
        self.population = PopulationProgress(self.bars, work, f"{self.prefix}{which}, {whose}: ")
        return self.population.callbacks

    def judged(self, undecided: int, of: int) -> None:
        """The differences were judged."""
        if self.population is not None:  # None where an earlier process had trained these seeds
            self.population.finish()
            text = f"{undecided} of {of} pair{'s' if of != 1 else ''} undecided"
            self.bars.update(self.population.task, last=text)
        self.population = None


class TuningProgress(Watcher):
    """One contender's part of the bar: a share for each round, and one for training the best again."""

    def __init__(self, bars: Bars, task: TaskID, title: str, place: int, rounds: int) -> None:
        self.bars, self.task, self.title, self.place, self.rounds = bars, task, title, place, rounds
        self.begun, self.drawn = 0, 0.0
        self.work: Sequence[float] = ()
        self.parts: dict[int, float] = {}

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A round of trials begins; after the best were trained again, further ones beside them."""
        if self.begun > self.rounds:
            self._begin(self.rounds + 1, "beside the best", work)
            return
        self._begin(min(self.begun + 1, self.rounds), f"round {self.begun + 1}/{self.rounds}", work)

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again."""
        self._begin(self.rounds + 1, "the best again", work)

    def population(self) -> Progress:
        """Whom the engine tells."""
        return Progress(self._on_chunk)

    def _begin(self, part: int, what: str, work: Sequence[float]) -> None:
        self.begun, self.work, self.parts = part, work, {}
        self.bars.update(self.task, description=f"{self.title}: {what}")
        self._draw()

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            share = 1.0 if lane.over else lane.step / lane.entry.points.total
            self.parts[lane.entry.index] = share * self.work[lane.entry.index]
        self._draw()

    def _draw(self) -> None:
        share = sum(self.parts.values()) / sum(self.work) if sum(self.work) else 1.0
        # Nobody knows beforehand whether further trials follow: meanwhile the bar stays where it was.
        self.drawn = max(self.drawn, (self.begun - 1 + share) / (self.rounds + 1))
        self.bars.update(self.task, completed=self.place + self.drawn)
