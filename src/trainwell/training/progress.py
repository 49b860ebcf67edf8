"""Progress of a population as a bar: programs compiled, networks done, latest scores, time left."""

from collections.abc import Iterable, Mapping, Sequence
from time import monotonic

import numpy as np
from rich.progress import Progress as Bars

from trainwell.core import METRICS
from trainwell.training.engine.engine import Progress
from trainwell.training.engine.population import Lane
from trainwell.training.results.runs import STATUSES


class WorkDone:
    """Tracks how many of a population's floating-point operations are done.

    Args:
        work: floating-point operations of each member.
    """

    def __init__(self, work: Sequence[float] = ()) -> None:
        self.work = work
        self.parts: dict[int, float] = {}

    def add(self, lanes: Iterable[Lane]) -> None:
        """Update the progress of these members."""
        for lane in lanes:
            share = 1.0 if lane.over else lane.step / lane.member.points.total
            self.parts[lane.member.index] = share * self.work[lane.member.index]

    @property
    def done(self) -> float:
        """Floating-point operations done."""
        return sum(self.parts.values())

    def left(self, members: Iterable[int]) -> float:
        """Floating-point operations that these members still have to do."""
        return sum(self.work[i] - self.parts.get(i, 0.0) for i in members)


def latest(lane: Lane) -> dict[str, float]:
    """The newest observation on the validation split that its last chunk made, by metric; empty if it made none."""
    seen = lane.seen[-1] if lane.seen else {}
    found = {name.removesuffix("/validation"): values for name, values in seen.items() if name.endswith("/validation")}
    return {name: float(values[-1]) for name, values in found.items() if name in METRICS and len(values)}


def _scores_text(scores: Iterable[Mapping[str, float]]) -> str:
    """Means over networks, e.g. `validation accuracy 0.91, loss 0.27`."""
    known: dict[str, list[float]] = {}
    for name, value in (item for each in scores for item in each.items()):
        if np.isfinite(value):
            known.setdefault(name, []).append(value)
    names = sorted(known, key=lambda name: name == "loss")
    texts = [f"{METRICS[name].title} {np.mean(known[name]):.4g}" for name in names]
    return f"validation {', '.join(texts)}" if texts else ""


class PopulationProgress:
    """A progress bar over a population's floating-point operations, with the mean scores of its networks.

    Args:
        bars: draws the bar.
        work: floating-point operations of each member.
        title: text in front of the bar's description.
    """

    def __init__(self, bars: Bars, work: Sequence[float], title: str = "") -> None:
        self.bars, self.title, self.work = bars, title, WorkDone(work)
        self.over: set[int] = set()
        self.diverged: set[int] = set()
        self.callbacks = Progress(self._on_chunk, self._on_compile)
        self.begun, self.before, self.compiling = monotonic(), 0.0, "compiling"
        self.scores: dict[int, dict[str, float]] = {}
        self.task = bars.add_task(f"{title}compiling", total=sum(work), last="", left=self._left)

    def _on_compile(self, done: int, of: int) -> None:
        self.compiling = compiling_text(done, of)
        if done == of:
            self.begun, self.before = monotonic(), self.work.done  # from then on speed is that of training
        self._show(self.work.done)

    def _left(self) -> float | None:
        """Seconds, from the speed since training began."""
        done = self.work.done - self.before
        left = sum(self.work.work) - self.work.done
        return None if self.compiling or not done else (monotonic() - self.begun) / done * left

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        self.work.add(lanes)
        over = [lane for lane in lanes if lane.over]
        self.over.update(lane.member.index for lane in over)
        self.diverged.update(lane.member.index for lane in over if STATUSES[lane.status] == "diverged")
        self.scores |= {lane.member.index: scores for lane in lanes if (scores := latest(lane))}
        self.bars.update(self.task, last=_scores_text(self.scores.values()))
        self._show(self.work.done)

    def finish(self, last: str | None = None) -> None:
        """Show all members as trained, including those that an earlier process had finished.

        Args:
            last: text that replaces the scores.
        """
        self.over, self.compiling = set(range(len(self.work.work))), ""
        if last is not None:
            self.bars.update(self.task, last=last)
        self._show(sum(self.work.work))

    def _show(self, done: float) -> None:
        lost = f", [red]{len(self.diverged)} diverged[/]" if self.diverged else ""
        text = f"{self.title}trained {len(self.over)}/{len(self.work.work)} networks{lost}"
        text = f"{self.title}{self.compiling}" if self.compiling and not self.over else text
        self.bars.update(self.task, completed=done, description=text)


def compiling_text(done: int, of: int) -> str:
    """How many programs of a population are compiled; empty when all are."""
    return "" if done == of else f"compiled {done}/{of} program{'s' if of != 1 else ''}"
