"""Progress of a population as a bar: programs compiled, networks done, time left."""

from collections.abc import Iterable, Sequence

from rich.progress import Progress as Bars

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
            share = 1.0 if lane.over else lane.step / lane.entry.points.total
            self.parts[lane.entry.index] = share * self.work[lane.entry.index]

    @property
    def done(self) -> float:
        """Floating-point operations done."""
        return sum(self.parts.values())

    def left(self, members: Iterable[int]) -> float:
        """Floating-point operations that these members still have to do."""
        return sum(self.work[i] - self.parts.get(i, 0.0) for i in members)


class PopulationProgress:
    """A progress bar over a population's floating-point operations.

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
        self.task = bars.add_task(f"{title}compiling", total=sum(work), last="left")

    def _on_compile(self, done: int, of: int) -> None:
        if not self.work.parts:
            self.bars.update(self.task, description=f"{self.title}compiled {done}/{of} programs")

    def _on_chunk(self, lanes: Sequence[Lane]) -> None:
        self.work.add(lanes)
        over = [lane for lane in lanes if lane.over]
        self.over.update(lane.entry.index for lane in over)
        self.diverged.update(lane.entry.index for lane in over if STATUSES[lane.status] == "diverged")
        self._show(self.work.done)

    def finish(self, last: str = "") -> None:
        """Show all members as trained, including those that an earlier process had finished."""
        self.over = set(range(len(self.work.work)))
        self.bars.update(self.task, last=last)
        self._show(sum(self.work.work))

    def _show(self, done: float) -> None:
        lost = f", [red]{len(self.diverged)} diverged[/]" if self.diverged else ""
        text = f"{self.title}trained {len(self.over)}/{len(self.work.work)} networks{lost}"
        self.bars.update(self.task, completed=done, description=text)
