"""Training, validation and test split: how rows are assigned to them, and the weights of rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, Self

import numpy as np
from jaxtyping import Float32, Int, Int32, UInt8

from trainwell.core import DataError, nearest, stream
from trainwell.data.notices import first_row

SplitKind = Literal["stratified", "shuffled", "file-order"]
Amount = float | int
Validation = Amount | Literal["test"]
"""Size of the validation split; `"test"` uses the data's own test set for validation, so no test split is left."""
Task = Literal["classification", "regression"]
LARGEST = 1e30
"""The largest weight allowed, so that sums of weights stay within float32's range."""
ClassWeights = Mapping[str, float] | Mapping[int, float] | Literal["balanced"]


@dataclass(frozen=True, eq=False)
class Part:
    """Examples before encoding: inputs are bytes or numbers, targets labels or quantities."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: Float32[np.ndarray, "N"]

    def __len__(self) -> int:
        return len(self.inputs)

    @property
    def flat(self) -> np.ndarray:
        """Inputs with one row of numbers per example, `[N, D]`: images flattened."""
        return self.inputs.reshape(len(self.inputs), prod(self.inputs.shape[1:]))

    def at(self, rows: Int[np.ndarray, "n"]) -> Self:
        """The examples with these indices."""
        return replace(self, inputs=self.inputs[rows], targets=self.targets[rows], weights=self.weights[rows])


@dataclass(frozen=True, eq=False)
class Split(Part):
    """Encoded examples, ready to train on.

    Attributes:
        inputs: numbers, or bytes that stand for fractions of 255; tables `[N, D]`, images
            `[N, height, width, channels]`.
        targets: class indices, or one column of standardised regression targets.
        weights: weight of each example in the loss; ones by default.
    """

    inputs: Float32[np.ndarray, "N ..."] | UInt8[np.ndarray, "N ..."]
    targets: Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]


@dataclass(frozen=True)
class SplitRows:
    """Row indices of each split, ascending; `test` is empty if the data have their own test set."""

    training: Int[np.ndarray, "..."]
    validation: Int[np.ndarray, "..."]
    test: Int[np.ndarray, "..."]


def split_rows(
    num_rows: int,
    *,
    validation: Validation | None,
    test: Amount | None,
    seed: int = 0,
    kind: SplitKind = "stratified",
    classes: Int[np.ndarray, "N"] | None = None,
    class_names: Sequence[str] = (),
) -> SplitRows:
    """Split rows into training, validation and test.

    Args:
        num_rows: N.
        validation: a fraction of all N rows in (0, 1), or a number of rows; None for no validation split.
        test: the same for the test split.
        seed: seed of the split, at least 0.
        kind: `"stratified"` (shuffled, each class in proportion to its size, with at least one training example of
            each class; for regression the same as shuffled), `"shuffled"`, or `"file-order"` (the first rows for
            training, the next for validation, the last for test).
        classes: class index of each row, for `"stratified"`; None for regression.
        class_names: labels for error messages.

    Returns:
        The rows of each split. Every row is in exactly one of them.

    Raises:
        DataError: too few rows, a size out of range, or a class with one example.

    Example:
        >>> rows = split_rows(10, validation=0.2, test=3, kind="file-order")
        >>> rows.validation.tolist(), rows.test.tolist()
        ([5, 6], [7, 8, 9])
    """
    if kind not in ("stratified", "shuffled", "file-order"):
        raise DataError(f"unknown split '{kind}': {nearest(kind, ('stratified', 'shuffled', 'file-order'))}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DataError(f"the split's seed must be a whole number from 0, got {seed!r}")
    num_test, num_validation = part_size(test, num_rows, "test"), part_size(validation, num_rows, "validation")
    num_training = num_rows - num_test - num_validation
    if num_training < 1:
        raise DataError(
            f"{num_rows} rows are too few for {num_validation} validation rows, {num_test} test rows and at least one "
            "training row: add rows, or make these splits smaller"
        )
    if kind == "stratified" and classes is not None and num_test + num_validation:
        return _stratified(classes, num_validation, num_test, seed, class_names)
    order = np.arange(num_rows) if kind == "file-order" else stream(seed, "split").permutation(num_rows)
    cuts = (num_training, num_training + num_validation)
    return SplitRows(*(np.sort(part) for part in np.split(order, cuts)))


def part_size(amount: Validation | None, num_rows: int, part: str) -> int:
    """Number of rows of a split, given as a fraction or a number; at least 1. None gives 0."""
    if amount is None:
        return 0
    if isinstance(amount, (float, np.floating)) and 0 < amount < 1:
        return max(1, round(float(amount) * num_rows))
    if isinstance(amount, (int, np.integer)) and not isinstance(amount, bool) and amount >= 1:
        return int(amount)
    raise DataError(
        f"{part} must be a fraction in (0, 1) or a whole number of rows from 1, got {amount!r}: an empty split "
        "cannot be evaluated; try 0.15"
    )


def _stratified(
    classes: np.ndarray, num_validation: int, num_test: int, seed: int, class_names: Sequence[str]
) -> SplitRows:
    """Shuffle the rows of each class separately and split each in proportion."""
    counts = np.bincount(classes, minlength=len(class_names))
    for index in np.flatnonzero(counts == 1):
        label = class_names[int(index)] if len(class_names) else index
        raise DataError(
            f"class '{label}' has one example (row {int(np.argmax(classes == index)) + 1}), but a stratified split "
            "needs at least two per class: add examples of it, remove it, or set split (--split) to 'shuffled'"
        )
    tested = proportional(counts, num_test, np.maximum(counts - 1, 0))
    validated = proportional(counts, num_validation, np.maximum(counts - 1 - tested, 0))
    order = stream(seed, "split").permutation(len(classes))
    by_class = [order[classes[order] == index] for index in range(len(counts))]
    zipped = list(zip(by_class, tested, tested + validated, strict=True))
    return SplitRows(
        training=np.sort(np.concatenate([rows[end:] for rows, _, end in zipped])),
        validation=np.sort(np.concatenate([rows[start:end] for rows, start, end in zipped])),
        test=np.sort(np.concatenate([rows[:start] for rows, start, _ in zipped])),
    )


def proportional(counts: Int[np.ndarray, "C"], size: int, capacity: Int[np.ndarray, "C"]) -> Int[np.ndarray, "C"]:
    """Numbers of rows per class that sum to `size`, in proportion to `counts` and at most `capacity`.

    Fractions are rounded by the largest-remainder method.

    Example:
        >>> proportional(np.array([50, 30, 20]), 5, np.array([49, 29, 19])).tolist()
        [3, 1, 1]

    Raises:
        DataError: the sum of the capacities is less than `size`.
    """
    if size > capacity.sum():
        raise DataError(
            f"{int(counts.sum())} rows in {len(counts)} classes are too few to split off {size} and keep one of each "
            "class for training: add rows, or make the validation and test splits smaller"
        )
    exact = size * counts / counts.sum()
    shares = np.minimum(np.floor(exact).astype(np.int64), capacity)
    while (left := size - int(shares.sum())) > 0:
        open_classes = np.flatnonzero(shares < capacity)
        # With a stable sort, ties go to the class with the lower index, on every machine.
        wanted = open_classes[np.argsort(-(exact - shares)[open_classes], kind="stable")]
        shares[wanted[:left]] += 1
    return np.asarray(shares)


def balanced_weights(targets: Int[np.ndarray, "N"]) -> Float32[np.ndarray, "N"]:
    """Weights that give every class the same total weight: w = N / (C · N_c) for class c.

    Args:
        targets: class indices. C is the number of classes that occur, N_c the number of examples of class c.

    Returns:
        One weight per example, with mean 1.

    Example:
        >>> balanced_weights(np.array([0, 0, 0, 1])).tolist()
        [0.6666666865348816, 0.6666666865348816, 0.6666666865348816, 2.0]

    Source: King and Zeng, Logistic Regression in Rare Events Data, 2001; scikit-learn's "balanced".
    """
    _, index, counts = np.unique(targets, return_inverse=True, return_counts=True)
    weights = len(targets) / (len(counts) * counts)
    return np.asarray(weights[index], dtype=np.float32)


def class_factors(
    targets: Int[np.ndarray, "N"], class_names: Sequence[str], class_weights: ClassWeights | None
) -> Float32[np.ndarray, "N"]:
    """The weight of each example's class: 1, balanced, or as given per label (labels not given: 1)."""
    if class_weights is None:
        return np.ones(len(targets), np.float32)
    if isinstance(class_weights, str):
        if class_weights != "balanced":
            raise DataError(f"class_weights must be 'balanced' or a weight per label, got '{class_weights}'")
        return balanced_weights(targets)
    factors = np.ones(len(class_names), np.float32)
    for label, weight in class_weights.items():
        if str(label) not in class_names:
            raise DataError(f"class_weights has the unknown class '{label}': {nearest(str(label), class_names)}")
        if not isinstance(weight, int | float | np.number) or not 0 <= weight <= LARGEST:
            raise DataError(f"the weight of class '{label}' must be a number from 0 to {LARGEST:g}, got {weight!r}")
        factors[class_names.index(str(label))] = weight
    if not (products := factors[targets]).any():
        raise DataError("with these class_weights all training examples have weight 0: give some class a positive one")
    return np.asarray(products)


def checked_sample_weights(weights: object, num_rows: int, name: str) -> Float32[np.ndarray, "N"]:
    """Sample weights as float32.

    Raises:
        DataError: wrong shape or type, or a value is missing, negative or too large.
    """
    try:
        if np.ma.is_masked(weights):
            raise DataError(f"{name} have masked values: fill them in, or remove their rows")
        given = np.asarray(weights)
        if given.dtype.kind not in "biufOUST":  # dates and durations would become numbers of days
            raise DataError(f"{name} must be numbers, got {given.dtype}")
        values = given.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise DataError(f"{name} must be numbers: {error}") from error
    if values.shape != (num_rows,):
        raise DataError(f"{name} must be one number per row, {num_rows} in all, got shape {values.shape}")
    if (row := first_row(~((values >= 0) & (values <= LARGEST)))) is not None:
        raise DataError(f"{name} must be numbers from 0 to {LARGEST:g}, got {values[row]} in row {row + 1}")
    if not values.astype(np.float32).any():
        raise DataError(f"{name} are all 0: at least one must be positive")
    return values.astype(np.float32)
