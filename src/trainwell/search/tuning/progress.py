"""Progress of a search: callbacks, and progress bars with the best trial so far, running networks and time left."""

from collections.abc import Collection, Sequence

from rich.progress import Progress as Bars

from trainwell.core import METRICS
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.plan import Plan
from trainwell.training import Lane, Progress, WorkDone


class Watcher:
    """Callbacks that report the progress of a search; the default ones do nothing.

    They are called from the engine's threads, never two at a time.
    """

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A batch starts: the numbers of its trials, and FLOPs per member."""

    def refit(self, work: Sequence[float]) -> None:
        """Training of the best recipes with new seeds starts: FLOPs per member."""

    def population(self) -> Progress:
        """A population starts. Returns the receiver of its progress (chunks, compiled programs, rungs)."""
        return Progress()

    def waiting(self, trials: int) -> None:
        """This process is waiting for this number of trials of other processes."""

    def finished(self, records: Sequence[TrialRecord]) -> None:
        """Trials have finished; `records` are all finished trials so far."""


class SearchProgress(Watcher):
    """Progress bars: one per round and one for training the best recipes again; their unit is FLOPs.

    Args:
        bars: the Rich progress display.
        plan: settings of the search, with the metric that is optimized.
    """

    def __init__(self, bars: Bars, plan: Plan) -> None:
        self.bars, self.plan = bars, plan
        self.best: TrialRecord | None = None
        self.work = WorkDone()
        self.alive: Collection[int] = ()
        self.title = ""
        self.task = bars.add_task("starting", total=None, last="")

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A round of trials starts."""
        number, rounds = trials[0] // self.plan.trials_per_round + 1, self.plan.num_rounds
        of = f"/{rounds}" if rounds else ""
        self._begin(f"round {number}{of}, trials {trials[0]}–{trials[-1]}", work)

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again."""
        self._begin("the best again, fresh seeds", work)

    def population(self) -> Progress:
        """A population starts. Returns the receiver of its progress."""
        return Progress(self._on_chunk, self._on_compile, self._on_rung)

    def waiting(self, trials: int) -> None:
        """This process is waiting for trials of other processes."""
        title = f"waiting for {trials} trial{'s' if trials > 1 else ''} of other processes"
        if self.title and not self.title.startswith("waiting"):
            self.task = self.bars.add_task(title, total=None, last=self._best())
        self.title = title
        self.bars.update(self.task, description=title)

    def finished(self, records: Sequence[TrialRecord]) -> None:
        """Trials have finished: fill the bar and show the best trial so far."""
        complete = [trial for trial in records if trial.state == "complete"]
        order = METRICS[self.plan.metric or "loss"].order
        self.best = min(complete, key=lambda trial: order(trial.value), default=None)
        self.bars.update(self.task, total=1.0, completed=1.0, description=self.title, last=self._best())

    def _begin(self, title: str, work: Sequence[float]) -> None:
        if self.title:
            self.task = self.bars.add_task(title, total=sum(work), last=self._best())
        self.title, self.work, self.alive = title, WorkDone(work), range(len(work))
        self.bars.update(self.task, description=f"{title}: compiling", total=sum(work), completed=0)

    def _on_compile(self, done: int, of: int) -> None:
        if not self.work.parts:
            self.bars.update(self.task, description=f"{self.title}: compiled {done}/{of}")

    def _on_rung(self, survivors: Collection[int]) -> None:
        self.alive = set(survivors)
        self._draw()

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        self.work.add(lanes)
        self._draw()

    def _draw(self) -> None:
        done = self.work.done
        text = f"{self.title}: {len(self.alive)}/{len(self.work.work)} alive"
        self.bars.update(self.task, total=done + self.work.left(self.alive), completed=done, description=text)

    def _best(self) -> str:
        if self.best is None:
            return ""
        name = METRICS[self.plan.metric or "loss"].title
        return f"best {name} {self.best.value:.4f}"
