"""Where words go: results on stdout; notes, progress and errors on stderr."""

import json
import logging
import sys
import warnings
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from trainwell.cli.show.streams import Guarded, one_line, plain

if TYPE_CHECKING:
    from rich.console import Console

PIPE_WIDTH = 120  # columns of a table that no terminal shows


class Messages(logging.Handler):
    """Notes to the user on stderr, also of what this library (its logger `trainwell`) and others warn of at work.

    Args:
        quiet: whether to say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
        from trainwell.cli.show.console import PlainConsole

        super().__init__()
        self.quiet, self.console = quiet, PlainConsole(stderr=True)
        self._warned: set[str] = set()
        logging.getLogger("trainwell").handlers = [self]
        warnings.showwarning = lambda message, *where, **more: self.note(str(message))

    def emit(self, record: logging.LogRecord) -> None:
        """Show what was logged as a note, once."""
        if (text := record.getMessage()) not in self._warned:
            self._warned.add(text)
            self.note(text)

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
        self.console.print(one_line(text), soft_wrap=True)

    def note(self, text: str) -> None:
        """One line the user may want to know."""
        if not self.quiet:
            self.console.print(one_line(f"note: {text}"), style="yellow", soft_wrap=True)


def results_console() -> "Console":
    """The console of stdout, wide enough for tables where it is no terminal."""
    from trainwell.cli.show.console import PlainConsole

    console = PlainConsole()
    return console if console.is_terminal else PlainConsole(width=PIPE_WIDTH)


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    echo(json.dumps(value, indent=2, allow_nan=False) + "\n")


def echo(text: str) -> None:
    """Text on stdout, its control characters written out."""
    sys.stdout.write(plain(text))


def print_data(text: str) -> None:
    """Text for other programs on stdout."""
    cast(Guarded, sys.stdout).write_data(text)
