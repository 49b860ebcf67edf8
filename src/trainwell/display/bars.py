"""Progress bars of long work, in a terminal and in a notebook."""

from time import monotonic
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress as Bars, SpinnerColumn, TaskID, TextColumn, TimeRemainingColumn

REDRAWN = 0.25  # seconds


class NotebookBars(Bars):
    """Bars in the output of a notebook's cell, redrawn in place; Rich's own need the package ipywidgets there."""

    _handle: Any = None
    _drawn = 0.0

    def start(self) -> None:
        """Show the bars."""
        from IPython.display import display

        if not self.disable and self._handle is None:
            self._handle = display(self, display_id=True)

    def stop(self) -> None:
        """Show them for the last time."""
        self._drawn = 0.0
        self.refresh()

    def update(self, task_id: TaskID, **changes: Any) -> None:
        """Change a bar."""
        super().update(task_id, **changes)
        self.refresh()

    def refresh(self) -> None:
        """Draw again, but not too often."""
        if self._handle is not None and monotonic() - self._drawn > REDRAWN:
            self._handle.update(self)
            self._drawn = monotonic()


def work_bars(console: Console | None = None, *, show: bool = True) -> Bars:
    """Bars on stderr or in a notebook: what is done, its share, the time left, and the task's field `last`.

    Args:
        console: where they are drawn; None for stderr, or the notebook. Nothing is drawn where nobody would see it.
        show: whether to draw at all; see `disable` of what is returned.
    """
    console = console or Console(stderr=True)
    columns = (
        SpinnerColumn(finished_text="[green]✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
        TextColumn("[dim]{task.fields[last]}"),
    )
    seen = show and (console.is_terminal or console.is_jupyter)
    kind = NotebookBars if console.is_jupyter else Bars
    return kind(*columns, console=console, refresh_per_second=8, disable=not seen, expand=True)
