"""Progress of a population as a bar: programs compiled, networks done, time left."""

from collections.abc import Iterable, Sequence

from rich.progress import Progress as Bars

from trainwell.training.engine.engine import Progress
from trainwell.training.engine.population import Lane
from trainwell.training.results.runs import STATUSES


class WorkDone:
    """How much of a population's arithmetic is done.

    Args:
        work: floating-point operations of each member.
    """

    def __init__(self, work: Sequence[float] = ()) -> None:
        self.work = work
        self.parts: dict[int, float] = {}

    def add(self, lanes: Iterable[Lane]) -> None:
        """Some members went on."""
        for lane in lanes:
            share = 1.0 if lane.over else lane.step / lane.entry.points.total
            self.parts[lane.entry.index] = share * self.work[lane.entry.index]

    @property
    def done(self) -> float:
        """Floating-point operations done."""
        return sum(self.parts.values())

    def left(self, members: Iterable[int]) -> float:
        """Floating-point operations that some members have before them."""
        return sum(self.work[i] - self.parts.get(i, 0.0) for i in members)


class PopulationProgress:
    """One bar whose length is the arithmetic done; the engine calls from its threads, one at a time.

    Args:
        bars: where it is drawn.
        work: floating-point operations of each member.
        title: what stands in front of its text.
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
        """All are trained, those included that an earlier process had finished."""
        self.over = set(range(len(self.work.work)))
        self.bars.update(self.task, last=last)
        self._show(sum(self.work.work))

    def _show(self, done: float) -> None:
        lost = f", [red]{len(self.diverged)} diverged[/]" if self.diverged else ""
        text = f"{self.title}trained {len(self.over)}/{len(self.work.work)} networks{lost}"
        self.bars.update(self.task, completed=done, description=text)
