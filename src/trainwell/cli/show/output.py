"""Where words go: results on stdout; notes, progress and errors on stderr."""

import json
import logging
import sys
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from trainwell.cli.show.streams import Guarded, one_line, plain

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

PIPE_WIDTH = 120  # columns of a table that no terminal shows


class PlainConsole(Console):
    """A console that prints any text unchanged: without Rich's markup, and with control characters written out."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **settings)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Segments of anything; Rich's own control codes pass."""
        for text, style, control in super().render(renderable, options):
            yield Segment(text if control else plain(text), style, control)

    def lines(self, texts: Iterable[str], style: str = "") -> None:
        """Sentences, one per line, which a terminal breaks where it likes."""
        for text in texts:
            self.print(text, style=style, soft_wrap=True)

    def locations(self, locations: Mapping[str, str], width: int = 0) -> None:
        """Print where files are or how they are used, one per line, after a name padded to `width` characters."""
        self.print()
        for name, location in locations.items():
            self.print(Text.assemble((f"{name:<{width}}  ", "dim"), location), soft_wrap=True)


class Messages(logging.Handler):
    """Notes to the user on stderr, also of what this library (its logger `trainwell`) and others warn of at work.

    Args:
        quiet: whether to say nothing.
    """

    def __init__(self, *, quiet: bool) -> None:
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

    def bars(self) -> "Bars":
        """Progress bars of long work, lines now and then where stderr is no terminal; nothing if quiet is wanted."""
        from trainwell.display import work_bars

        return work_bars(self.console, show=not self.quiet, lines=True)

    def log(self, text: str) -> None:
        """Print one line on stderr, unless quiet is wanted."""
        if not self.quiet:
            self.console.print(one_line(text), soft_wrap=True)

    def note(self, *texts: str) -> None:
        """Print one note per line on stderr, unless quiet is wanted."""
        for text in texts if not self.quiet else ():
            self.console.print(one_line(f"note: {text}"), style="yellow", soft_wrap=True)


def results_console() -> PlainConsole:
    """The console of stdout, wide enough for tables where it is no terminal."""
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
