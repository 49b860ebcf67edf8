"""The parts of the data: what the program takes, how rows are dealt out to them, and how much each row counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Self

import numpy as np
from jaxtyping import Float32, Int, Int32, UInt8

from trainwell.core import DataError, nearest, stream
from trainwell.data.notices import first_row

SplitKind = Literal["stratified", "shuffled", "file order"]
Amount = float | int
Validation = Amount | Literal["test"]
"""Size of the validation split; or that it is the test set that the data bring, which leaves no test split."""
Task = Literal["classification", "regression"]
LARGEST = 1e30
"""Of a weight: sums of them stay far from the end of float32's range."""
ClassWeights = Mapping[str, float] | Mapping[int, float] | Literal["balanced"]


@dataclass(frozen=True, eq=False)
class Part:
    """Examples as they came: inputs as bytes or numbers, targets as labels or quantities."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: Float32[np.ndarray, "N"]

    def __len__(self) -> int:
        return len(self.inputs)

    def at(self, rows: Int[np.ndarray, "n"]) -> Self:
        """Some of the examples."""
        return replace(self, inputs=self.inputs[rows], targets=self.targets[rows], weights=self.weights[rows])


@dataclass(frozen=True, eq=False)
class Split(Part):
    """Examples as the program takes them.

    Attributes:
        inputs: numbers as they are, or bytes that stand for fractions of 255 (images).
        targets: class indices, or one column of standardised regression targets.
        weights: how much each example counts in the loss; ones unless asked for.
    """

    inputs: Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]
    targets: Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]


@dataclass(frozen=True)
class SplitRows:
    """Row indices of each part, ascending; `test` is empty where the data bring a test set of their own."""

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
    """Deal rows out to the three parts.

    Args:
        num_rows: N.
        validation: a fraction of all N rows in (0, 1), or a count of rows; None for no such part.
        test: the same.
        seed: the split's own seed, at least 0.
        kind: `"stratified"` (shuffled, each class in proportion to its size, and at least one example of
            each class left to training; regression is only shuffled), `"shuffled"`, or `"file order"`
            (the first rows train, the next validate, the last test).
        classes: class index of each row, for `"stratified"`; None for regression.
        class_names: labels for error messages.

    Returns:
        The rows of each part; together they are all rows, each once.

    Raises:
        DataError: too few rows, an amount out of range, or a class with one example.

    Example:
        >>> rows = split_rows(10, validation=0.2, test=3, kind="file order")
        >>> rows.validation.tolist(), rows.test.tolist()
        ([5, 6], [7, 8, 9])
    """
    if kind not in ("stratified", "shuffled", "file order"):
        raise DataError(f"unknown split '{kind}': {nearest(kind, ('stratified', 'shuffled', 'file order'))}")
    if isinstance(seed, bool) or not isinstance(seed, (int, np.integer)) or seed < 0:
        raise DataError(f"the split's seed must be a whole number from 0, got {seed!r}")
    num_test, num_validation = part_size(test, num_rows, "test"), part_size(validation, num_rows, "validation")
    num_training = num_rows - num_test - num_validation
    if num_training < 1:
        raise DataError(
            f"{num_rows} rows are too few for {num_validation} validation and {num_test} test rows with at least "
            "one left to train on: add rows, or make these parts smaller"
        )
    if kind == "stratified" and classes is not None and num_test + num_validation:
        return _stratified(classes, num_validation, num_test, seed, class_names)
    order = np.arange(num_rows) if kind == "file order" else stream(seed, "split").permutation(num_rows)
    cuts = (num_training, num_training + num_validation)
    return SplitRows(*(np.sort(part) for part in np.split(order, cuts)))


def part_size(amount: Validation | None, num_rows: int, part: str) -> int:
    """Rows of a part given as a fraction or a count; at least one."""
    if amount is None:
        return 0
    if isinstance(amount, (float, np.floating)) and 0 < amount < 1:
        return max(1, round(float(amount) * num_rows))
    if isinstance(amount, (int, np.integer)) and not isinstance(amount, bool) and amount >= 1:
        return int(amount)
    raise DataError(
        f"{part} must be a fraction in (0, 1) or a whole number of rows from 1, got {amount!r}: a split that is "
        "empty cannot be measured on; try 0.15"
    )


def _stratified(
    classes: np.ndarray, num_validation: int, num_test: int, seed: int, class_names: Sequence[str]
) -> SplitRows:
    """Shuffle the rows of each class on their own and cut them in proportion."""
    counts = np.bincount(classes, minlength=len(class_names))
    for index in np.flatnonzero(counts == 1):
        label = class_names[int(index)] if len(class_names) else index
        raise DataError(
            f"class '{label}' has one example (row {int(np.argmax(classes == index)) + 1}), and a split needs at "
            "least two of each: add examples of it, remove it, or set split (--split) to 'shuffled'"
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
    """Share `size` rows among classes in proportion to `counts`, by largest remainders, within `capacity`.

    Example:
        >>> proportional(np.array([50, 30, 20]), 5, np.array([49, 29, 19])).tolist()
        [3, 1, 1]

    Raises:
        DataError: the capacities together are less than `size`.
    """
    if size > capacity.sum():
        raise DataError(
            f"{int(counts.sum())} rows in {len(counts)} classes are too few to put {size} aside and keep one of "
            "each class to train on: add rows, or make the validation and test splits smaller"
        )
    exact = size * counts / counts.sum()
    shares = np.minimum(np.floor(exact).astype(np.int64), capacity)
    while (left := size - int(shares.sum())) > 0:
        open_classes = np.flatnonzero(shares < capacity)
        # A stable sort: equal remainders go to the earlier class, on every machine.
        wanted = open_classes[np.argsort(-(exact - shares)[open_classes], kind="stable")]
        shares[wanted[:left]] += 1
    return np.asarray(shares)


def balanced_weights(targets: Int[np.ndarray, "N"]) -> Float32[np.ndarray, "N"]:
    """Weights under which every class counts the same in total: w = N / (C · N_c) for class c.

    Args:
        targets: class indices. C is the number of classes that occur, N_c how often class c does.

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
    """The weight of each example's class: ones, balanced, or as given by label (absent labels: 1)."""
    if class_weights is None:
        return np.ones(len(targets), np.float32)
    if isinstance(class_weights, str):
        if class_weights != "balanced":
            raise DataError(f"class_weights must be 'balanced' or a weight per label, got '{class_weights}'")
        return balanced_weights(targets)
    factors = np.ones(len(class_names), np.float32)
    for label, weight in class_weights.items():
        if str(label) not in class_names:
            raise DataError(f"class_weights names no class '{label}': {nearest(str(label), class_names)}")
        if not isinstance(weight, int | float | np.number) or not 0 <= weight <= LARGEST:
            raise DataError(f"the weight of class '{label}' must be a number from 0 to {LARGEST:g}, got {weight!r}")
        factors[class_names.index(str(label))] = weight
    if not (products := factors[targets]).any():
        raise DataError("class_weights leave every training example with weight 0: give some class a positive one")
    return np.asarray(products)


def checked_sample_weights(weights: object, num_rows: int, name: str) -> Float32[np.ndarray, "N"]:
    """Sample weights as float32, or an error that says which one is no weight."""
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
        raise DataError(f"{name} are all 0: at least one example must count")
    return values.astype(np.float32)
