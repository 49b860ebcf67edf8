"""What all trials of a search have in common."""

from collections.abc import Sequence
from dataclasses import dataclass

from trainwell.core import METRICS, METRICS_OF, MetricName, undefined_r2
from trainwell.data import Dataset
from trainwell.search.errors import SearchError
from trainwell.search.tuning.halving import Halving


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
    metric: MetricName
    seeds: tuple[int, ...]
    halving: Halving | None
    rules: tuple[str, ...]

    @property
    def sign(self) -> float:
        """+1 where a larger metric is better, -1 for the loss."""
        return METRICS[self.metric].sign

    def trial_of(self, trials: int) -> list[int]:
        """The trial of each member of a population, in the order of `train_on`."""
        return [trial for _ in self.datasets for trial in range(trials) for _ in self.seeds]


def metric_of(dataset: Dataset, wanted: str | None) -> MetricName:
    """The metric to judge by: as asked, else accuracy for classification and R² for regression.

    Raises:
        SearchError: it is unknown, or not for this task.
    """
    usable = METRICS_OF[dataset.task]
    for metric in usable:
        if wanted in (None, metric):
            return metric
    raise SearchError(f"metric '{wanted}' is not for {dataset.task}: use {' or '.join(usable)}")


def defined_metric(datasets: Sequence[Dataset], metric: MetricName) -> MetricName:
    """What can be judged by: the loss in place of R² where that is undefined on every validation split.

    Args:
        datasets: one, or the folds of a cross-validation.
        metric: to judge by, see `metric_of`.
    """
    instead = METRICS[metric].instead
    return instead if instead and all(_whys(datasets)) else metric


def undefined_notices(datasets: Sequence[Dataset]) -> list[str]:
    """What a reader must know where R² is undefined on some or all validation splits; empty for classification."""
    whys = _whys(datasets)
    missing = [why for why in whys if why]
    if not missing:
        return []
    if len(missing) == len(whys):
        where = "on the validation split" if len(whys) == 1 else f"in all {len(whys)} folds"
        return [f"R² is undefined {where} ({missing[0]}): the loss is judged by"]
    return [
        f"R² is undefined in {len(missing)} of {len(whys)} folds ({missing[0]}): "
        f"a trial's R² is the mean over the other {len(whys) - len(missing)}, and where it is undefined the loss says "
        "which weights are best"
    ]


def _whys(datasets: Sequence[Dataset]) -> list[str | None]:
    """Per dataset, why R² is undefined on its validation split."""
    if datasets[0].task == "classification":
        return [None]
    return [undefined_r2(data.validation.targets, data.validation.weights) for data in datasets]
