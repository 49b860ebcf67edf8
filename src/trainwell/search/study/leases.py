"""Heartbeats of the processes that share a study: if a process stops sending them, its trials are not waited for."""

import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from hashlib import sha256

from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

WORKER = "worker"  # trial attribute: name of the process that trains it
BEAT = 10.0  # seconds between two heartbeats
TIMEOUT = 60.0  # seconds without a heartbeat after which a process counts as dead
OVER = 0.0  # heartbeat value of a process that has ended


def lease_of(worker: str) -> str:
    """The study attribute with the heartbeats of a process; a hash, as databases limit the length of names."""
    return f"lease {sha256(worker.encode()).hexdigest()[:16]}"


class Lease:
    """Sends the heartbeats of this process from `begin` to `end`.

    Args:
        study: the shared study.
        worker: name of this process; None if the study is not shared, then nothing is sent.
    """

    def __init__(self, study: Study, worker: str | None) -> None:
        self._study, self._worker = study, worker
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def begin(self) -> None:
        """Send the first heartbeat and start a thread that sends further ones, unless it is running already."""
        if self._worker is not None and self._thread is None:
            self._send(time.time())
            self._thread = threading.Thread(target=self._beat, daemon=True)
            self._thread.start()

    def end(self) -> None:
        """Stop sending and record that this process has ended, so that others do not wait for its trials."""
        if self._thread is not None:
            self._stop.set()
            self._thread.join()
            self._try_to_send(OVER)

    def _send(self, beat: float) -> None:
        self._study.set_user_attr(lease_of(self._worker or ""), beat)

    def _try_to_send(self, beat: float) -> None:
        # If the database is locked, the next heartbeat follows; if it is lost, the next trial raises the error.
        with suppress(Exception):
            self._send(beat)

    def _beat(self) -> None:
        while not self._stop.wait(BEAT):
            self._try_to_send(time.time())
        self._study._storage.remove_session()


class Others:
    """The running trials of other processes.

    A process is alive while its heartbeat changes, measured by the clock of this process.

    Args:
        study: the shared study.
        worker: name of this process; None if the study is not shared.
    """

    def __init__(self, study: Study, worker: str | None) -> None:
        self._study, self._worker = study, worker
        self._last: dict[str, tuple[object, float]] = {}  # last heartbeat of each process, and when it changed

    def awaited(self, trials: Sequence[FrozenTrial]) -> list[int]:
        """Numbers of the running trials that belong to other processes which are alive."""
        if self._worker is None:
            return []
        beats, now, found = self._study.user_attrs, time.monotonic(), []
        for trial in trials:
            owner = str(trial.user_attrs.get(WORKER, ""))
            if trial.state != TrialState.RUNNING or owner == self._worker:
                continue
            beat = beats.get(lease_of(owner))
            if self._last.get(owner, (None, 0.0))[0] != beat or owner not in self._last:
                self._last[owner] = (beat, now)
            if beat != OVER and now - self._last[owner][1] < TIMEOUT:
                found.append(trial.number)
        return found
