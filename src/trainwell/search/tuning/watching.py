"""What a search tells while it works; a command line or a notebook draws it."""

from collections.abc import Sequence

from trainwell.search.tuning.result import TrialRecord
from trainwell.training import Progress


class Watcher:
    """Does nothing; override what is wanted. Called from the engine's threads, one at a time."""

    def batch(self, trials: Sequence[int], work: Sequence[float]) -> None:
        """A batch begins: numbers of its trials, and floating-point operations of each of its members."""

    def refit(self, work: Sequence[float]) -> None:
        """The best recipes are trained again: floating-point operations of each member."""

    def population(self) -> Progress:
        """Whom the engine tells about chunks, compiled programs and rungs of the population that begins."""
        return Progress()

    def waiting(self, trials: int) -> None:
        """Nothing is left to do but to wait for so many trials of other processes."""

    def told(self, records: Sequence[TrialRecord]) -> None:
        """Trials have ended."""
