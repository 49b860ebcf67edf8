"""Progress of a population on the terminal: programs compiled, networks done, time left."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.progress import BarColumn, Progress as Bars, SpinnerColumn, TextColumn, TimeRemainingColumn

from trainwell.cli.show.console import PlainConsole
from trainwell.training import STATUSES, Lane, Progress


@contextmanager
def population_progress(work: Sequence[float], *, quiet: bool) -> Iterator["PopulationProgress"]:
    """Draws a population's progress on stderr while the block lasts.

    Args:
        work: floating-point operations of each member.
        quiet: whether to draw nothing.
    """
    with work_bars(quiet=quiet) as bars:
        yield PopulationProgress(bars, work)


def work_bars(*, quiet: bool) -> Bars:
    """Bars on stderr: what is done, its share, the time left, and the task's field `last`."""
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("[dim]{task.fields[last]}"),
    )
    return Bars(*columns, console=PlainConsole(stderr=True), refresh_per_second=8, disable=quiet, expand=True)


class PopulationProgress:
    """One bar whose length is the arithmetic done; the engine calls from its threads, one at a time.

    Args:
        bars: where it is drawn.
        work: floating-point operations of each member.
        title: what stands in front of its text.
    """

    def __init__(self, bars: Bars, work: Sequence[float], title: str = "") -> None:
        self.bars, self.work, self.title = bars, work, title
        self.parts: dict[int, float] = {}
        self.over: set[int] = set()
        self.diverged: set[int] = set()
        self.callbacks = Progress(self.on_chunk, self.on_compile)
        self.task = bars.add_task(f"{title}compiling", total=sum(work), last="left")

    def on_compile(self, done: int, of: int) -> None:
        """A program is compiled."""
        if not self.parts:
            self.bars.update(self.task, description=f"{self.title}compiled {done}/{of} programs")

    def on_chunk(self, lanes: Sequence[Lane]) -> None:
        """Some members went on."""
        for lane in lanes:
            index = lane.entry.index
            share = 1.0 if lane.over else lane.step / lane.entry.points.total
            self.parts[index] = share * self.work[index]
            if lane.over:
                self.over.add(index)
                if STATUSES[lane.status] == "diverged":
                    self.diverged.add(index)
        self._show(sum(self.parts.values()))

    def finish(self) -> None:
        """All are trained, those included that an earlier process had finished."""
        self.over = set(range(len(self.work)))
        self.bars.update(self.task, last="")
        self._show(sum(self.work))

    def _show(self, done: float) -> None:
        lost = f", [red]{len(self.diverged)} diverged[/]" if self.diverged else ""
        text = f"{self.title}trained {len(self.over)}/{len(self.work)} networks{lost}"
        self.bars.update(self.task, completed=done, description=text)
