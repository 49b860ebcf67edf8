"""Who works on a shared study: a process with trials says so again and again; one that falls silent is given up."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

WORKER = "worker"  # attribute of a trial: who trains it
BEAT = 10.0  # seconds between two signs of life
SILENT = 60.0  # seconds without one after which a process is taken for dead
OVER = 0.0  # the last sign of one that has ended or was stopped


def lease_of(worker: str) -> str:
    """The attribute of the study under which a process gives signs of life; databases limit its length."""
    return f"lease {sha256(worker.encode()).hexdigest()[:16]}"


class Lease:
    """This process's signs of life, from the first `begin` to `end`.

    Args:
        study: it works on.
        worker: its name; None if no other process looks.
    """

    def __init__(self, study: Study, worker: str | None) -> None:
        self._study, self._worker = study, worker
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Give the first sign, and more from another thread; nothing if that was done."""
        if self._worker is not None and self._thread is None:
            self._say(time.time())
            self._thread = threading.Thread(target=self._beat, daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Say that no more will come; trials that are still running then are not waited for."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._try_to_say(OVER)

    def _say(self, sign: float) -> None:
        self._study.set_user_attr(lease_of(self._worker or ""), sign)

    def _try_to_say(self, sign: float) -> None:
        # A database may be locked once, and the next sign gets through; of one that is lost, the next trial tells.
        with suppress(Exception):
            self._say(sign)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            self._try_to_say(time.time())
        self._study._storage.remove_session()


class Others:
    """The trials of other processes, and which of these are alive: whose signs change, by this process's clock.

    Args:
        study: they work on, too.
        worker: this process's name.
    """

    def __init__(self, study: Study, worker: str | None) -> None:
        self._study, self._worker = study, worker
        self._heard: dict[str, tuple[object, float]] = {}

    def awaited(self, trials: Sequence[FrozenTrial]) -> list[int]:
        """Those of the running trials that others are still training, as far as is known."""
        if self._worker is None:
            return []
        signs, now, found = self._study.user_attrs, time.monotonic(), []
        for trial in trials:
            owner = str(trial.user_attrs.get(WORKER, ""))
            if trial.state != TrialState.RUNNING or owner == self._worker:
                continue
            sign = signs.get(lease_of(owner))
            if self._heard.get(owner, (None, 0.0))[0] != sign or owner not in self._heard:
                self._heard[owner] = (sign, now)
            if sign != OVER and now - self._heard[owner][1] < SILENT:
                found.append(trial.number)
        return found
