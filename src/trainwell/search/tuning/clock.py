"""Where a population's time goes."""

import time
from dataclasses import replace

from trainwell.training import Progress


class CompileClock:
    """Tells compiling from training: until the last program of a population is there, it is compiling."""

    def __init__(self, progress: Progress) -> None:
        self._started = self._compiled = time.perf_counter()
        self.progress = replace(progress, on_compile=self._on_compile)
        self._on = progress.on_compile

    def _on_compile(self, done: int, of: int) -> None:
        self._compiled = time.perf_counter()
        self._on(done, of)

    @property
    def compiling(self) -> float:
        """Seconds from the start to the last compiled program."""
        return self._compiled - self._started

    def training(self) -> float:
        """Seconds from there to now."""
        return time.perf_counter() - self._compiled
