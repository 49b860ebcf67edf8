"""Ctrl-C that is heard whenever it comes: the first ends the work when that is safe, the second at once."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from trainwell.cli.show.streams import plain

AGAIN_SECONDS = 0.05
PATIENCE_SECONDS = 0.3  # after which a first Ctrl-C that had no effect yet is answered
STOPPED = 130  # the exit code, as of a shell
ANSWER = "stopping after this program; Ctrl-C again to stop now"


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


class Interrupts:
    """Handles Ctrl-C in a thread of its own, since a program that compiles blocks the other threads.

    Attributes:
        advice: how to resume; a second Ctrl-C prints it before it ends the process.
    """

    def __init__(self) -> None:
        self.advice = ""
        self._presses = self._repeated = 0
        self._answer = threading.Timer(PATIENCE_SECONDS, _say, [ANSWER])
        self._answer.daemon = True

    def listen(self, pipe: int) -> None:
        """Read the numbers of signals until the pipe is closed."""
        with os.fdopen(pipe, "rb", buffering=0) as signals:
            while number := signals.read(1):
                if number[0] == signal.SIGINT:
                    self._heard()
        self._answer.cancel()

    def repeat(self) -> None:
        """Raise one again that Python dropped."""
        self._repeated += 1
        again = threading.Timer(AGAIN_SECONDS, _interrupt)  # not here, where it would be dropped once more
        again.daemon = True
        again.start()

    def _heard(self) -> None:
        if self._repeated:
            self._repeated -= 1
            return
        self._presses += 1
        if self._presses == 1 and sys.stderr.isatty():
            self._answer.start()
        elif self._presses > 1:  # every file is whole at any moment, so nothing but the time since the last is lost
            show_cursor = "\r\x1b[2K\x1b[?25h" if sys.stderr.isatty() else ""  # which progress bars hide
            with suppress(OSError):  # past Rich, which the main thread may hold
                os.write(2, f"{show_cursor}trainwell: stopped at once{plain(self.advice)}\n".encode())
            os._exit(STOPPED)


current = Interrupts()
"""Of the command that runs."""


@contextmanager
def heard_interrupts() -> Iterator[None]:
    """Hear every Ctrl-C while the block lasts, those included that Python drops.

    Python ignores exceptions in callbacks of its garbage collector, of which JAX has one: a Ctrl-C while memory is
    collected, as it is all the time while packages are imported, would have no effect.
    """
    global current
    current = Interrupts()
    before = sys.unraisablehook

    def hook(lost: "sys.UnraisableHookArgs") -> None:
        if lost.exc_type is KeyboardInterrupt:
            current.repeat()
        else:
            before(lost)

    sys.unraisablehook = hook
    try:
        with _listened_to(current):
            yield
    finally:
        sys.unraisablehook = before


@contextmanager
def _listened_to(interrupts: Interrupts) -> Iterator[None]:
    hears = threading.current_thread() is threading.main_thread()  # others get no signals
    if not (hears and hasattr(os, "set_blocking")):  # Windows has it from Python 3.12 on
        yield
        return
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    threading.Thread(target=interrupts.listen, args=[reader], daemon=True).start()
    before = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        os.close(writer)


def _interrupt() -> None:
    """Ctrl-C for the main thread, even where it waits for a lock."""
    import _thread

    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
    else:
        _thread.interrupt_main()
