"""Ctrl-C that is heard whenever it comes."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGINT

AGAIN_SECONDS = 0.05


@contextmanager
def heard_interrupts() -> Iterator[None]:
    """Raise a Ctrl-C again that Python drops, while the block lasts.

    Python ignores exceptions in callbacks of its garbage collector, of which JAX has one: a Ctrl-C while memory is
    collected, as it is all the time while packages are imported, would have no effect.
    """
    before = sys.unraisablehook

    def hook(lost: "sys.UnraisableHookArgs") -> None:
        if lost.exc_type is KeyboardInterrupt:
            again = threading.Timer(AGAIN_SECONDS, _interrupt)  # not here, where it would be dropped once more
            again.daemon = True
            again.start()
        else:
            before(lost)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before


def _interrupt() -> None:
    """Ctrl-C for the main thread, even where it waits for a lock."""
    import _thread
    import signal

    if hasattr(signal, "pthread_kill"):
        signal.pthread_kill(threading.main_thread().ident or 0, SIGINT)
    else:
        _thread.interrupt_main()
