"""k-fold cross-validation: k datasets of the same rows, each with another validation split."""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float32, Int, Int32

from trainwell.core import DataError, stream
from trainwell.data.dataset import Dataset
from trainwell.data.split import Split


@dataclass(frozen=True, eq=False)
class Folds:
    """The k datasets of a cross-validation.

    They share one pool of rows: the original training rows, then the original validation rows. Each row of the pool is
    in the validation split of exactly one fold.

    Attributes:
        datasets: one per fold, with the name, preparation and test split of the original.
        rows: per fold, the pool indices of its validation rows, ascending.
        targets: of the pool.
        weights: of the pool, without class weights, as in a validation split.
    """

    datasets: tuple[Dataset, ...]
    rows: tuple[Int[np.ndarray, " V"], ...]
    targets: Int32[np.ndarray, " N"] | Float32[np.ndarray, "N 1"]
    weights: Float32[np.ndarray, " N"]

    def __len__(self) -> int:
        return len(self.datasets)

    def together(self, outputs: list[np.ndarray]) -> np.ndarray:
        """The outputs on all folds' validation rows as one array, in the order of the pool.

        Args:
            outputs: one array `[V, C]` per fold.

        Returns:
            `[N, C]`: for every row the output of the network that was not trained on it.
        """
        pool = np.empty((len(self.targets), *outputs[0].shape[1:]), np.result_type(*outputs))
        for rows, values in zip(self.rows, outputs, strict=True):
            pool[rows] = values
        return pool


def folds_of(dataset: Dataset, count: int, seed: int = 0) -> Folds:
    """Split the training and validation rows into k folds, stratified by class.

    The preparation (categories, medians, scale of the target) remains that of the original training split, so it was
    fitted on some validation rows of each fold, but never on a test row. The scaling of inputs is computed for each
    fold from its training split. Sizes of folds differ by at most one row.

    Args:
        dataset: its test split is not used, and is the test split of every fold.
        count: number of folds k, at least 2.
        seed: of the shuffle, at least 0.

    Returns:
        The folds.

    Raises:
        DataError: `count` is less than 2 or more than the number of rows (of the smallest class), a fold would have
            only rows of weight 0, or the validation split is the test set.

    Example:
        >>> from trainwell.data import load_data
        >>> folds = folds_of(load_data("iris"), 4)
        >>> [len(data.validation) for data in folds.datasets], len(folds.targets)
        ([32, 32, 32, 32], 128)

    Source: Stone (1974), "Cross-validatory choice and assessment of statistical predictions".
    """
    if dataset.validates_on_test:
        raise DataError(
            "folds would train on the test set, which is used as the validation split: use a single split (folds 1), "
            "or give the validation split a size"
        )
    parts = (dataset.training, dataset.validation)
    inputs, targets = (np.concatenate([getattr(part, name) for part in parts]) for name in ("inputs", "targets"))
    _check(dataset, targets, count, seed)
    weights, factors = _weights(dataset)
    pool = Split(inputs, targets, weights)
    rows = _validation_rows(dataset, targets, count, seed)
    datasets = []
    for number, held_out in enumerate(rows):
        fit = np.delete(np.arange(len(pool)), held_out)
        own, validation = weights[fit], pool.at(held_out)
        training = Split(inputs[fit], targets[fit], own * factors[fit])
        if not (training.weights.any() and validation.weights.any()):
            raise DataError(f"fold {number + 1} of {count} has only rows of weight 0: use fewer folds")
        datasets.append(replace(dataset, training=training, validation=validation, _own_weights=own))
    return Folds(tuple(datasets), tuple(rows), targets, weights)


def _check(dataset: Dataset, targets: np.ndarray, count: int, seed: int) -> None:
    for value, name, low in ((count, "the number of folds", 2), (seed, "the seed of the folds", 0)):
        if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < low:
            raise DataError(f"{name} must be a whole number from {low}, got {value!r}")
    if count > len(targets):
        raise DataError(f"{count} folds need at least {count} rows (training and validation), got {len(targets)}")
    sizes = np.bincount(targets, minlength=len(dataset.class_names)).tolist() if dataset.class_names else []
    for name, size in zip(dataset.class_names, sizes, strict=True):
        if 0 < size < count:  # 0: the class occurs only in the test split
            fewer = f"use at most {size} folds" if size > 1 else "use a single validation split"
            raise DataError(
                f"class '{name}' has {size} training and validation rows, too few for {count} folds: {fewer}, or add "
                "rows of it"
            )


def _weights(dataset: Dataset) -> tuple[Float32[np.ndarray, " N"], Float32[np.ndarray, " N"]]:
    """Per row of the pool: its weight without class weights, and the weight of its class."""
    training, validation = dataset.training, dataset.validation
    own = training.weights if dataset._own_weights is None else dataset._own_weights
    weights = np.concatenate([own, validation.weights])
    if dataset._own_weights is None:
        return weights, np.ones_like(weights)
    by_class = np.ones(len(dataset.class_names), np.float32)
    counts = own > 0
    by_class[training.targets[counts]] = training.weights[counts] / own[counts]
    return weights, by_class[np.concatenate([training.targets, validation.targets])]


def _validation_rows(dataset: Dataset, targets: np.ndarray, count: int, seed: int) -> list[Int[np.ndarray, " V"]]:
    from sklearn.model_selection import KFold, StratifiedKFold

    kind = StratifiedKFold if dataset.task == "classification" else KFold
    shuffle = int(stream(seed, "folds").integers(2**32))
    dealt = kind(count, shuffle=True, random_state=shuffle).split(np.zeros(len(targets)), targets)
    return [np.sort(rows) for _, rows in dealt]
