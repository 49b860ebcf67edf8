"""Callbacks that report the progress of a comparison."""

from collections.abc import Sequence

from trainwell.search import Watcher
from trainwell.training import Progress


class ComparisonWatcher:
    """Callbacks that report the progress of a comparison; the default ones do nothing."""

    def dataset(self, name: str, index: int, total: int) -> None:
        """The comparison on the data set `name` starts; `index` counts data sets from 0."""

    def tuning(self, label: str, index: int, total: int) -> Watcher:
        """Tuning of the contender `label` starts; `index` counts contenders from 0. Returns a watcher of its search."""
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Training with further seeds starts; `work` is FLOPs per member. Returns a receiver of its progress."""
        return Progress()

    def judged(self, undecided: int, total: int) -> None:
        """All `total` pairs were tested; `undecided` of them need more seeds."""
