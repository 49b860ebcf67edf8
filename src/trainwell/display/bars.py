"""Progress bars of long work in a terminal and in a notebook, and as lines in a pipe."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress as Bars, ProgressColumn, SpinnerColumn, Task, TaskID, TextColumn
from rich.table import Column
from rich.text import Text

REDRAWN = 0.25  # seconds
LINE_SECONDS = 30.0  # between two lines where no terminal shows bars
SOON = 0.01  # share of a work from which on the time of all can be estimated


class TimeLeft(ProgressColumn):
    """How long a bar's work still takes, by the function in its field `left`; how long it took, when it is done."""

    def render(self, task: Task) -> Text:
        """The time, as `1:05 left`; the elapsed time while the remaining time is unknown."""
        return Text(_time_text(task), style="progress.remaining")


def _time_text(task: Task) -> str:
    if task.finished:
        return _clock(task.finished_time or 0.0)
    left = task.fields["left"]() if "left" in task.fields else task.time_remaining
    return _clock(task.elapsed or 0.0) if left is None else f"{_clock(left)} left"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class WholeBar:
    """The bar of all of a long work that has parts, with the time left: the rest at the pace of what was done so far.

    Args:
        bars: where it is drawn.
        title: what is done.
        total: size of the work, in any unit; None if only the time limit ends it.
        seconds: time limit, from the first part on; None without.
    """

    def __init__(self, bars: Bars, title: str, total: float | None, seconds: float | None = None) -> None:
        self.bars, self.total, self.seconds = bars, total, seconds
        self.done = self.skipped = self.uncut = 0.0
        self.started = self.updated = monotonic()
        self.has_begun = False
        self.task = bars.add_task(title, total=1.0, last="", left=self.left)

    def begin(self, at: float, uncut: float = 0.0) -> None:
        """A part begins.

        Args:
            at: what is done before it. What was not done so far counts as left out, or as done by an earlier process.
            uncut: work from here on that is done even beyond the time limit.
        """
        if not self.has_begun:
            self.started, self.has_begun = monotonic(), True
        self.skipped, self.uncut = self.skipped + max(at - self.done, 0.0), uncut
        self.show(at)

    def show(self, done: float, last: str | None = None) -> None:
        """Draw the bar.

        Args:
            done: what is done of the work.
            last: text behind the time left; None keeps it.
        """
        self.done, self.updated = max(done, self.done), monotonic()
        passed, of = (self.updated - self.started, self.seconds or 1.0) if self.total is None else (done, self.total)
        text: dict[str, Any] = {} if last is None else {"last": last}
        self.bars.update(self.task, completed=min(passed / of, 1.0) if of else 1.0, **text)

    def end(self) -> None:
        """Everything is done, or left out."""
        self.total = self.done
        self.show(self.done)

    def left(self) -> float | None:
        """Seconds left, within the time limit; None before that can be said."""
        now = monotonic()
        most = None if self.seconds is None else max(self.seconds - (now - self.started), 0.0)
        worked = self.done - self.skipped
        if self.total is None or worked < SOON * self.total or not worked:
            return most
        pace = (self.updated - self.started) / worked
        left = max(pace * (self.total - self.done) - (now - self.updated), 0.0)
        return left if most is None else min(left, max(most, pace * self.uncut))


def unknown() -> None:
    """The time left of a part, of which the bar of the whole has more to say."""


class DrawnBars(Bars):
    """Bars that are drawn when they change: Rich's own are drawn by a thread, in a terminal."""

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """Change fields of one task, such as `completed`, and redraw."""
        super().update(task_id, **changes)
        self.refresh()


class LineBars(DrawnBars):
    """Bars where no terminal shows them: a line now and then, on what changed last."""

    _written = monotonic()

    def start(self) -> None:
        """From now on lines are due."""
        self._written = monotonic()

    def stop(self) -> None:
        """Nothing is left to be shown."""

    def refresh(self) -> None:
        """Write a line for each bar under way, if it is time."""
        if monotonic() - self._written > LINE_SECONDS and not self.disable:
            self._written = monotonic()
            for task in self.tasks:
                if not task.finished:
                    parts = [Text.from_markup(task.description).plain, f"{task.percentage:.0f}%", _time_text(task)]
                    parts += [task.fields["last"]] if task.fields["last"] else []
                    self.console.print(Text(", ".join(parts)), soft_wrap=True)


class NotebookBars(DrawnBars):
    """Bars in the output of a notebook's cell, redrawn in place; Rich's own need the package ipywidgets there."""

    _handle: Any = None
    _drawn = 0.0

    def start(self) -> None:
        """Show the bars."""
        from IPython.display import display

        draw: Callable[..., Any] = display  # which has no hints where IPython is installed
        if not self.disable and self._handle is None:
            self._handle = draw(self, display_id=True)

    def stop(self) -> None:
        """Draw the final state, at once."""
        self._drawn = 0.0
        self.refresh()

    def refresh(self) -> None:
        """Redraw the output, at most once in `REDRAWN` seconds."""
        if self._handle is not None and monotonic() - self._drawn > REDRAWN:
            self._handle.update(self)
            self._drawn = monotonic()


def work_bars(console: Console | None = None, *, show: bool = True, lines: bool = False) -> Bars:
    """Bars on stderr or in a notebook: what is done, its share, the time left, and the task's field `last`.

    Args:
        console: where they are drawn; None for stderr, or the notebook. Nothing is drawn where nobody would see it.
        show: whether to draw at all; see `disable` of what is returned.
        lines: whether to write a line now and then where no terminal shows bars.
    """
    console = console or Console(stderr=True)
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%", table_column=Column(no_wrap=True)),
        TimeLeft(table_column=Column(no_wrap=True)),
        TextColumn("[dim]{task.fields[last]}"),
    )
    seen = show and (console.is_terminal or console.is_jupyter or lines)
    kind = NotebookBars if console.is_jupyter else Bars if console.is_terminal else LineBars
    return kind(*columns, console=console, refresh_per_second=8, disable=not seen, expand=True)
