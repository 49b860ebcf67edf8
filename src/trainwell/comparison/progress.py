"""What a comparison reports while it works."""

from collections.abc import Sequence

from trainwell.search import Watcher
from trainwell.training import Progress


class ComparisonWatcher:
    """Does nothing; override what is wanted."""

    def dataset(self, name: str, place: int, of: int) -> None:
        """The contenders are compared on a data set: its name, its place from 0 among how many."""

    def tuning(self, label: str, place: int, of: int) -> Watcher:
        """A contender is tuned: its name, its place from 0 among how many. Returns whom its search tells."""
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds: floating-point operations of each member. Returns whom to tell."""
        return Progress()

    def judged(self, undecided: int, of: int) -> None:
        """The differences were judged: how many pairs are open among how many."""
