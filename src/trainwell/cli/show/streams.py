"""Output streams: control characters in names cannot steer a terminal, and a stream that fails loses no results."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TextIO
from unicodedata import category

from trainwell.core import TrainwellError, shortened, system_words

MOST = 2_000
"""Characters of a line; of a longer one, such as a file that is quoted whole, beginning and end are shown."""


class OutputError(TrainwellError):
    """The results cannot be written to stdout."""


def plain(text: str) -> str:
    r"""Text whose control characters, but for line ends, are written out; so are characters without a glyph.

    Example:
        >>> plain("a\x1b[2Jb")
        'a\\x1b[2Jb'
    """
    if text.isprintable():
        return text
    return "".join(c if c == "\n" or c.isprintable() or category(c) == "Zs" else _written(c) for c in text)


def _written(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")


def one_line(text: str) -> str:
    """Plain text of one line that a person can read to its end, whatever it quotes."""
    return plain(" ".join(shortened(text, MOST).splitlines()))


class Guarded:
    """A stream that escapes characters its encoding does not have, and reports in one line if it cannot be written.

    Args:
        stream: stdout or stderr.
        lost: what becomes of an error of the system; it may raise another one. What is written after it goes nowhere.
    """

    def __init__(self, stream: TextIO, lost: Callable[[OSError], None]) -> None:
        self._stream, self._lost = stream, lost

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        """Write text."""
        self._try(lambda: self._write(text))
        return len(text)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError as error:
            self._stream.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))

    def write_data(self, text: str) -> None:
        """Write text that another program reads, as it is and in UTF-8; a terminal gets it plain."""
        buffer = getattr(self._stream, "buffer", None)
        if buffer is None or self._stream.isatty():
            self.write(plain(text))
            return
        self.flush()
        self._try(lambda: buffer.write(text.encode()))

    def flush(self) -> None:
        """Flush the stream below."""
        self._try(self._stream.flush)

    def _try(self, act: Callable[[], object]) -> None:
        try:
            act()
        except OSError as error:
            with suppress(OSError, ValueError):  # so that nothing is left that Python would try again at its end
                os.dup2(os.open(os.devnull, os.O_WRONLY), self._stream.fileno())
            self._lost(error)


def _stdout_lost(error: OSError) -> None:
    if isinstance(error, BrokenPipeError):  # its reader had enough
        raise error
    raise OutputError(f"stdout cannot be written: {system_words(error)}") from None


def _stderr_lost(error: OSError) -> None:
    """There is nobody to say it to, and no reason to end the work."""


@contextmanager
def guarded_streams() -> Iterator[None]:
    """Guard stdout and stderr while the block lasts; streams that were closed lead nowhere, not into the next file."""
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # gets the lowest number that is free: this one
    before = sys.stdout, sys.stderr
    out, err = (
        open(number, "w", encoding="utf-8", closefd=False) if stream is None else stream  # noqa: SIM115  # kept open
        for number, stream in enumerate(before, 1)
    )
    sys.stdout, sys.stderr = Guarded(out, _stdout_lost), Guarded(err, _stderr_lost)
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
