"""A comparison's progress as lines of a log: one per stage, where no terminal shows bars."""

from collections.abc import Callable, Sequence

from trainwell.comparison import ComparisonWatcher
from trainwell.search import Watcher
from trainwell.training import Progress


class ComparisonLog(ComparisonWatcher):
    """Says what begins, and how many pairs are open after each look.

    Args:
        say: writes one line.
    """

    def __init__(self, say: Callable[[str], None]) -> None:
        self.say, self.prefix = say, ""

    def dataset(self, name: str, place: int, of: int) -> None:
        """The contenders are compared on a data set."""
        self.prefix = f"{name}: " if of > 1 else ""

    def tuning(self, label: str, place: int, of: int) -> Watcher:
        """A contender is tuned."""
        self.say(f"{self.prefix}tuning {label} ({place + 1} of {of})")
        return Watcher()

    def seeds(self, seeds: Sequence[int], labels: Sequence[str], work: Sequence[float]) -> Progress:
        """Contenders are trained with further seeds."""
        which = f"seed {seeds[0]}" if len(seeds) == 1 else f"seeds {seeds[0]}–{seeds[-1]}"
        self.say(f"{self.prefix}{which} of {len(labels)} contender{'s' if len(labels) != 1 else ''}")
        return Progress()

    def judged(self, undecided: int, of: int) -> None:
        """The differences were judged."""
        self.say(f"{self.prefix}{undecided} of {of} pair{'s' if of != 1 else ''} undecided")
