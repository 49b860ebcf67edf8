"""The parts of the data: what the program takes, and how rows are dealt out to them, seeded and in proportion."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Float32, Int, Int32, UInt8

from trainwell.core import DataError, nearest, stream

SplitKind = Literal["stratified", "shuffled", "file order"]
Amount = float | int


Task = Literal["classification", "regression"]


@dataclass(frozen=True, eq=False)
class Split:
    """Examples as the program takes them.

    Attributes:
        inputs: numbers as they are, or bytes that stand for fractions of 255 (images).
        targets: class indices, or one column of standardised regression targets.
        weights: how much each example counts in the loss; ones unless asked for.
    """

    inputs: Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]
    targets: Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]
    weights: Float32[np.ndarray, "N"]

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True)
class SplitRows:
    """Row indices of each part, ascending; `test` is empty where the data bring a test set of their own."""

    training: Int[np.ndarray, "..."]
    validation: Int[np.ndarray, "..."]
    test: Int[np.ndarray, "..."]


def split_rows(
    num_rows: int,
    *,
    validation: Amount | None,
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


def part_size(amount: Amount | None, num_rows: int, part: str) -> int:
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
