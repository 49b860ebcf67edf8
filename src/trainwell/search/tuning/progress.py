"""What a search reports while it works, and its two bars: the round under way; and all of it, with the time left."""

from collections.abc import Collection, Sequence
from math import isfinite

from rich.progress import Progress as Bars

from trainwell.core import METRICS
from trainwell.display import WholeBar, unknown
from trainwell.search.study.trials import TrialRecord
from trainwell.search.tuning.plan import Plan
from trainwell.training import Lane, Progress, WorkDone, compiling_text, latest


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

    def over(self) -> None:
        """Nothing more is trained."""


class SearchProgress(Watcher):
    """A bar of the round under way, or of the final training, and one of the whole search with its time left.

    A stage (a round, the final training) is half done when its programs are compiled, the rest is its arithmetic.

    Args:
        bars: where they are drawn.
        plan: of the search, with the metric it optimizes.
    """

    def __init__(self, bars: Bars, plan: Plan) -> None:
        self.bars, self.plan, self.metric = bars, plan, METRICS[plan.metric or "loss"]
        self.score: float | None = None
        self.is_complete = False  # whether the score is that of a trial
        self.work, self.title = WorkDone(), ""
        self.alive: Collection[int] = ()
        self.stage, self.share, self.compiled, self.compiling = 0, 0.0, 0.0, ""
        stages = None if plan.num_rounds is None else plan.num_rounds + bool(plan.refit_recipes)
        self.part = bars.add_task("starting", total=1.0, last="", left=unknown)
        self.whole = WholeBar(bars, "whole search", stages, plan.seconds)

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A batch of a round's trials begins."""
        number, rounds = trials[0] // self.plan.trials_per_round + 1, self.plan.num_rounds
        of = f"/{rounds}" if rounds else ""
        self._begin(f"round {number}{of}, trials {trials[0]}–{trials[-1]}", number - 1, work)

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again."""
        self._begin("the best again, fresh seeds", self.plan.num_rounds or self.stage + 1, work)

    def population(self) -> Progress:
        """Whom the engine tells."""
        return Progress(self._on_chunk, self._on_compile, self._on_rung)

    def waiting(self, trials: int) -> None:
        """Only other processes have work left."""
        self.title = f"waiting for {trials} trial{'s' if trials > 1 else ''} of other processes"
        self.bars.update(self.part, description=self.title)

    def finished(self, records: Sequence[TrialRecord]) -> None:
        """Trials have ended: the bar is full, the best is shown."""
        complete = [trial.value for trial in records if trial.state == "complete" and isfinite(trial.value)]
        if complete:
            self.score, self.is_complete = self.metric.best(complete), True
        self.share = 1.0
        self.bars.update(self.part, completed=1.0, description=self.title)
        self._show()

    def over(self) -> None:
        """The search is over, however much of it was left out."""
        self.whole.end()

    def _begin(self, title: str, stage: int, work: Sequence[float]) -> None:
        self.title, self.stage, self.share, self.compiled = title, stage, 0.0, 0.0
        self.work, self.alive, self.compiling = WorkDone(work), range(len(work)), "compiling"
        self.bars.reset(self.part, description=f"{title}: compiling", last="", left=unknown)
        self.whole.begin(stage)

    def _on_compile(self, done: int, of: int) -> None:
        self.compiling, self.compiled = compiling_text(done, of), done / of if of else 1.0
        self._draw()

    def _on_rung(self, kept: Collection[int]) -> None:
        self.alive = set(kept)
        self._draw()

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        self.work.add(lanes)
        if not self.is_complete:
            seen = [latest(lane).get(self.metric.name) for lane in lanes]
            known = [value for value in (*seen, self.score) if value is not None and isfinite(value)]
            self.score = self.metric.best(known) if known else None
        self._draw()

    def _draw(self) -> None:
        done, training = self.work.done, f"training {len(self.alive)}/{len(self.work.work)} networks"
        share = done / (done + self.work.left(self.alive)) if done else 0.0
        self.share = max(self.share, (self.compiled + share) / 2)
        self.bars.update(self.part, completed=share, description=f"{self.title}: {self.compiling or training}")
        self._show()

    def _show(self) -> None:
        """The bar of the whole search."""
        self.whole.show(self.stage + self.share, self._best())

    def _best(self) -> str:
        if self.score is None:
            return ""
        return f"{'best' if self.is_complete else 'so far'} {self.metric.title} {self.score:.4f}"
