"""What a searcher is to the benchmark: it is asked for parameters and told their scores."""

from typing import Protocol

from tasks import Params


class Contender(Protocol):
    """One search. Scores are to be maximised."""

    @property
    def batch(self) -> int:
        """How many trials it is asked for before it is told their scores."""

    def ask(self, count: int) -> list[Params]:
        """The next trials' parameters."""

    def tell(self, scores: list[float]) -> None:
        """The scores of the trials last asked for."""
