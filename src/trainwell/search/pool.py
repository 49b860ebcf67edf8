"""What trials are judged on: a validation split, or the folds of a cross-validation together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from trainwell.data import Dataset, Folds, folds_of
from trainwell.models import Model, TrainedNetwork

FEW = 200  # validation rows; of fewer a single split says too little
FOLDS = 5


@dataclass(frozen=True, eq=False)
class Pool:
    """The datasets of a search, and how outputs on their validation parts are put together.

    Attributes:
        dataset: as it was loaded; its test split is not touched.
        folds: None for the single validation split.
    """

    dataset: Dataset
    folds: Folds | None

    @classmethod
    def of(cls, dataset: Dataset, folds: int | None) -> "Pool":
        """The pool of a dataset.

        Args:
            dataset: with training and validation splits.
            folds: of the cross-validation; 1 for the validation split; None chooses: 5 where the split has fewer than
                200 rows and there are rows enough for it.

        Raises:
            DataError: there are too few rows for so many folds.
        """
        if folds is None:
            folds = FOLDS if len(dataset.validation) < FEW and _enough(dataset) else 1
        return cls(dataset, None if folds == 1 else folds_of(dataset, folds))

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


def _enough(dataset: Dataset) -> bool:
    if dataset.task == "regression":
        return len(dataset.training) + len(dataset.validation) >= 2 * FOLDS
    targets = np.concatenate([dataset.training.targets, dataset.validation.targets])
    sizes = np.bincount(targets, minlength=dataset.num_outputs)
    return bool((sizes[sizes > 0] >= FOLDS).all())
