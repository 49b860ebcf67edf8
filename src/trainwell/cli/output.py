"""Where words go: results on stdout; notes, progress and errors on stderr."""

import json
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120  # columns of a table that no terminal shows


class Messages(logging.Handler):
    """Notes to the user on stderr, also of what the library warns of while it works (its logger `trainwell`).

    Args:
        quiet: whether to say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        from rich.console import Console

        super().__init__()
        self.quiet, self.console = quiet, Console(stderr=True)
        logging.getLogger("trainwell").handlers = [self]

    def emit(self, record: logging.LogRecord) -> None:
        """Show what was logged as a note."""
        self.note(record.getMessage())

    @property
    def shows_progress(self) -> bool:
        """Whether anybody would see a progress bar."""
        return not self.quiet and self.console.is_terminal

    @property
    def shows_log(self) -> bool:
        """Whether progress is to be told in lines: there is no terminal, and silence was not asked for."""
        return not self.quiet and not self.console.is_terminal

    def log(self, text: str) -> None:
        """One line on what begins or was found."""
        self.console.print(text, markup=False, highlight=False, soft_wrap=True)

    def note(self, text: str) -> None:
        """One line the user may want to know."""
        if not self.quiet:
            self.console.print(f"note: {text}", style="yellow", markup=False, highlight=False, soft_wrap=True)


def results_console() -> "Console":
    """The console of stdout, wide enough for tables where it is no terminal."""
    from rich.console import Console

    console = Console()
    return console if console.is_terminal else Console(width=PIPE_WIDTH)


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    typer.echo(json.dumps(value, indent=2, allow_nan=False))
