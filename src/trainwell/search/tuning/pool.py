"""What trials are judged on: a validation split, or the folds of a cross-validation together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.core import METRICS, DataError, MetricName
from trainwell.data import Dataset, Folds, folds_of
from trainwell.models import Model, TrainedNetwork
from trainwell.search.tuning.setting import undefined_notices

FEW = 200  # validation rows; of fewer a single split says too little
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Pool:
    """The datasets of a search, and how outputs on their validation parts are put together.

    Attributes:
        dataset: as it was loaded; its test split is not touched.
        folds: None for the single validation split.
        chosen: what is to be said where fewer folds than usual were chosen.
    """

    dataset: Dataset
    folds: Folds | None
    chosen: tuple[str, ...] = ()

    @classmethod
    def of(cls, dataset: Dataset, folds: int | None) -> "Pool":
        """The pool of a dataset.

        Args:
            dataset: with training and validation splits.
            folds: of the cross-validation; 1 for the validation split; None chooses: where the split has fewer than
                200 rows 5, or as many as the smallest class has rows, where that is fewer.

        Raises:
            DataError: there are too few rows for so many folds.
        """
        if folds is not None:
            return cls(dataset, None if folds == 1 else folds_of(dataset, folds))
        if len(dataset.validation) >= FEW:
            return cls(dataset, None)
        most, why = _most_folds(dataset)
        try:
            found = folds_of(dataset, most) if most > 1 else None
        except DataError as error:  # a fold in which no row has a weight
            found, why = None, str(error)
        return cls(dataset, found, () if most == FOLDS and found else (_fewer(dataset, found, why),))

    def notices(self, metric: MetricName) -> tuple[str, ...]:
        """What a reader must know of how trials are judged by a metric: too few rows, or where R² is undefined.

        Args:
            metric: that was asked for.
        """
        return (*self.chosen, *(undefined_notices(self.datasets) if METRICS[metric].instead else ()))

    @property
    def datasets(self) -> tuple[Dataset, ...]:
        """What members are trained on."""
        return (self.dataset,) if self.folds is None else self.folds.datasets

    @property
    def targets(self) -> np.ndarray:
        """Of all validation rows."""
        return self.dataset.validation.targets if self.folds is None else self.folds.targets

    @property
    def weights(self) -> np.ndarray:
        """Of all validation rows."""
        return self.dataset.validation.weights if self.folds is None else self.folds.weights

    def outputs(self, networks: Sequence[TrainedNetwork]) -> Float[np.ndarray, "N C"]:
        """Outputs for all validation rows, each by the network that was not trained on it.

        Args:
            networks: one per dataset.
        """
        each = [
            Model.of_networks(data, [network], {}).outputs(data.validation.inputs)
            for data, network in zip(self.datasets, networks, strict=True)
        ]
        return each[0] if self.folds is None else self.folds.together(each)


def _most_folds(dataset: Dataset) -> tuple[int, str]:
    """As many folds as there are rows for, at most 5, and why not more."""
    if dataset.task == "regression":
        count = len(dataset.training) + len(dataset.validation)
        return min(FOLDS, count // 2), f"there are only {count} training and validation rows"
    targets = np.concatenate([dataset.training.targets, dataset.validation.targets])
    sizes = np.bincount(targets, minlength=dataset.num_outputs)
    sizes[sizes == 0] = len(targets)  # a class of which only the test split has rows
    fewest = int(sizes.min())
    name = dataset.class_names[int(sizes.argmin())]
    rows = "one training or validation row" if fewest == 1 else f"{fewest} training and validation rows"
    return min(FOLDS, fewest), f"class '{name}' has only {rows}"


def _fewer(dataset: Dataset, folds: Folds | None, why: str) -> str:
    """What a reader must know where there are fewer folds than usual."""
    instead = f"on {len(folds)} folds" if folds else f"on one split of {len(dataset.validation)} rows"
    return f"trials are judged {instead}, not on {FOLDS} folds: {why}"
