"""What all trials of a search have in common."""

from dataclasses import dataclass
from typing import Literal

from trainwell.data import Dataset
from trainwell.search.errors import SearchError
from trainwell.search.halving import Halving

Metric = Literal["accuracy", "loss", "r2"]


@dataclass(frozen=True, eq=False)
class Setting:
    """How every trial is trained and judged.

    Attributes:
        datasets: one, or the folds of a cross-validation.
        metric: judged on validation.
        seeds: of every trial: the same for all, so that trials are compared on common random numbers.
        halving: how poor trials stop early; None trains all to the end.
        rules: optimizers that any trial may have; compiled into every program, so that later rounds find them there.
    """

    datasets: tuple[Dataset, ...]
    metric: Metric
    seeds: tuple[int, ...]
    halving: Halving | None
    rules: tuple[str, ...]

    @property
    def sign(self) -> float:
        """+1 where a larger metric is better, -1 for the loss."""
        return -1.0 if self.metric == "loss" else 1.0

    def trial_of(self, trials: int) -> list[int]:
        """The trial of each member of a population, in the order of `train_on`."""
        return [trial for _ in self.datasets for trial in range(trials) for _ in self.seeds]


def metric_of(dataset: Dataset, wanted: str | None) -> Metric:
    """The metric to judge by: as asked, else accuracy for classification and R² for regression.

    Raises:
        SearchError: it is unknown, or not for this task.
    """
    own: Metric = "accuracy" if dataset.task == "classification" else "r2"
    if wanted is None or wanted == own:
        return own
    if wanted == "loss":
        return "loss"
    raise SearchError(f"metric '{wanted}' is not for {dataset.task}: use {own} or loss")
