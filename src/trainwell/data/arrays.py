"""Datasets from arrays in memory."""

from collections.abc import Sequence

import numpy as np

from trainwell.core import DataError
from trainwell.data.assembling import Part, SplitOptions, assemble_arrays
from trainwell.data.dataset import Dataset
from trainwell.data.notices import Notices, Notify
from trainwell.data.preparation.array_inputs import as_array, checked_inputs
from trainwell.data.split import Amount, SplitKind
from trainwell.data.target.target import label_array, label_text, present_target, text_labels
from trainwell.data.weights import ClassWeights, checked_sample_weights

OwnSplit = tuple[object, object] | tuple[object, object, object]


def from_arrays(
    inputs: object,
    targets: object,
    *,
    name: str = "arrays",
    task: str | None = None,
    feature_names: Sequence[str] | None = None,
    target_name: str = "target",
    class_names: Sequence[object] | None = None,
    sample_weights: object = None,
    class_weights: ClassWeights | None = None,
    validation: Amount | OwnSplit | None = None,
    test: Amount | OwnSplit | None = None,
    split_seed: int = 0,
    split: SplitKind = "stratified",
    limit: int | None = None,
    notify: Notify | None = None,
) -> Dataset:
    """A Dataset from arrays.

    Args:
        inputs: `[N, D]` or `[N, ...]` (flattened) numbers, none missing or infinite. `uint8` is kept as bytes, which
            the program takes as fractions of 255; everything else becomes float32.
        targets: `[N]` or `[N, 1]` labels (text or numbers) or quantities.
        name: the data set's name.
        task: `"classification"` or `"regression"`; None tells it from the targets.
        feature_names: D names; by default `x0`, `x1`, ….
        target_name: the target's name.
        class_names: the labels of the classes in the order of their indices; by default those that occur, sorted.
        sample_weights: `[N]` numbers from 0, ones by default.
        class_weights: `"balanced"`, or a weight per label; multiplied into the training split's weights.
        validation: a fraction of the rows or a count (default 0.15), or a split of its own `(inputs, targets)` or
            `(inputs, targets, weights)`.
        test: the same.
        split_seed: the split's own seed.
        split: `"stratified"`, `"shuffled"` or `"file order"` (training, validation, test as the rows come).
        limit: use only the first so many rows, before splitting.
        notify: called with each notice as it arises.

    Returns:
        The data set.

    Raises:
        DataError: the arrays do not fit together, cannot be split, or hold values that cannot be used.

    Example:
        >>> import numpy as np
        >>> data = from_arrays(np.arange(40.0).reshape(20, 2), ["cat", "dog"] * 10)
        >>> data.class_names, data.training.inputs.shape, len(data.validation), len(data.open_test_split())
        (('cat', 'dog'), (14, 2), 3, 3)
    """
    pool = raw_part(inputs, targets, sample_weights, "inputs", "targets")
    if limit is not None:
        pool = pool.at(np.arange(checked_limit(limit, len(pool.targets))))
    own_validation, validation_size = _own_or_size(validation, "validation")
    own_test, test_size = _own_or_size(test, "test")
    names = tuple(feature_names) if feature_names is not None else _numbered(pool.inputs.shape[1])
    if len(names) != pool.inputs.shape[1] or len(set(names)) != len(names):
        raise DataError(
            f"feature_names must be {pool.inputs.shape[1]} different names, one per column, got {len(names)} "
            f"({len(set(names))} different)"
        )
    return assemble_arrays(
        pool,
        name=name,
        target_name=target_name,
        feature_names=names,
        class_names=None if class_names is None else [label_text(name) for name in class_names],
        task=task,
        options=SplitOptions(validation_size, test_size, split_seed, split, class_weights),
        validation=own_validation,
        test=own_test,
        notices=Notices(notify),
    )


def raw_part(inputs: object, targets: object, weights: object, inputs_name: str, targets_name: str) -> Part:
    """Inputs and targets of one length, checked but not encoded."""
    rows = checked_inputs(inputs, inputs_name)
    values = text_labels(as_array(targets, targets_name), targets_name)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"{targets_name} must be one label or quantity per row, got shape {values.shape}: turn one-hot rows into "
            "labels with argmax(axis=1)"
        )
    if values.dtype.kind not in "biufOUST":
        raise DataError(f"{targets_name} must be labels or numbers, got {values.dtype}")
    values = label_array(values)
    if len(values) != len(rows):
        raise DataError(f"{inputs_name} have {len(rows)} rows and {targets_name} {len(values)}: they must be as many")
    values = present_target(values, targets_name)
    if weights is None:
        return Part(rows, values, np.ones(len(rows), np.float32))
    return Part(rows, values, checked_sample_weights(weights, len(rows), "sample weights"))


def checked_limit(limit: int, num_rows: int) -> int:
    """A limit within the rows there are."""
    if isinstance(limit, bool) or limit < 1:
        raise DataError(f"limit must be a number of rows from 1, got {limit!r}")
    return min(int(limit), num_rows)


def _own_or_size(value: Amount | OwnSplit | None, what: str) -> tuple[Part | None, Amount | None]:
    """A split of its own, or the size of one to be split off."""
    if not isinstance(value, tuple):
        return None, value
    if len(value) not in (2, 3):
        raise DataError(f"{what} must be (inputs, targets) or (inputs, targets, weights), got {len(value)} values")
    weights = value[2] if len(value) == 3 else None
    return raw_part(value[0], value[1], weights, f"{what} inputs", f"{what} targets"), None


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"x{index}" for index in range(width))
