"""Makes a Dataset of arrays, tables and images: checks, encodes the target, splits, prepares, weights classes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from jaxtyping import Int

from trainwell.core import DataError, nearest, value_text
from trainwell.data.columns.number_reading import PLAIN, NumberReading
from trainwell.data.dataset import TEST_SPLIT_USED, Dataset
from trainwell.data.notices import Notices, shortened
from trainwell.data.preparation.fitted import FITTED_NOTICE, FittedInputs
from trainwell.data.preparation.inputs import ArrayInputs, as_array, checked_inputs
from trainwell.data.preparation.offsets import Offsets
from trainwell.data.preparation.preparation import Preparation
from trainwell.data.split import (
    Amount,
    ClassWeights,
    Part,
    Split,
    SplitKind,
    SplitRows,
    Task,
    Validation,
    checked_sample_weights,
    class_factors,
    split_rows,
)
from trainwell.data.target.target import (
    TargetCoding,
    checked_target,
    infer_task,
    label_array,
    present_target,
    quantities,
)

DEFAULT_PART = 0.15


@dataclass(frozen=True)
class SplitOptions:
    """How rows are split and weighted.

    Attributes:
        validation: fraction of all rows, or number of rows; `"test"` validates on the data's own test set; None is the
            default.
        test: fraction or number of rows; must be None if the data have their own test set.
        seed: seed of the split.
        kind: `"stratified"`, `"shuffled"` or `"file-order"`.
        class_weights: of the training split.
        limit: use only this many rows, the first ones of the source; None uses all.
    """

    validation: Validation | None = None
    test: Amount | None = None
    seed: int = 0
    kind: SplitKind = "stratified"
    class_weights: ClassWeights | None = None
    limit: int | None = None

    @property
    def validates_on_test(self) -> bool:
        """Whether the data's own test set is used as the validation split."""
        return self.validation == "test"

    def used(self, num_rows: int, notices: Notices) -> Int[np.ndarray, "n"]:
        """The indices of the first `limit` rows, with a notice if other rows are ignored."""
        if self.limit is None:
            return np.arange(num_rows)
        if isinstance(self.limit, bool) or self.limit < 1:
            raise DataError(f"limit must be a number of rows from 1, got {self.limit!r}")
        if self.limit < num_rows:
            notices.add(f"only the first {self.limit:,} of {num_rows:,} rows are used, in the file's order (limit)")
        return np.arange(min(int(self.limit), num_rows))


def raw_part(inputs: object, targets: object, weights: object, inputs_name: str, targets_name: str) -> Part:
    """Inputs, targets and weights, checked (same length, no missing values) but not encoded."""
    rows = checked_inputs(inputs, inputs_name)
    values = label_array(as_array(targets, targets_name), targets_name)
    if values.dtype.kind not in "biufOUST":
        raise DataError(f"{targets_name} must be labels or numbers, got {values.dtype}")
    if len(values) != len(rows):
        raise DataError(f"{inputs_name} have {len(rows)} rows, but {targets_name} {len(values)}: they must be equal")
    values = present_target(values, targets_name)
    ones = np.ones(len(rows), np.float32)
    return Part(rows, values, ones if weights is None else checked_sample_weights(weights, len(rows), "sample weights"))


def checked_targets(targets: np.ndarray, name: str, task: str | None, notices: Notices) -> tuple[np.ndarray, Task]:
    """The targets and the task, with a notice if the task was inferred from numbers."""
    targets = checked_target(targets, name)
    if task not in (None, "classification", "regression"):
        raise DataError(f"unknown task '{task}': {nearest(task, ('classification', 'regression'))}")
    decided = infer_task(targets) if task is None else cast("Task", task)
    if task is None and targets.dtype.kind in "iuf":
        count = len(np.unique(targets))
        notices.add(
            f"the task is {decided}, because {name} has {count} distinct numbers: set the task (--task) to change it"
        )
    return (quantities(targets, name) if decided == "regression" else targets), decided


def coded_rows(
    targets: np.ndarray,
    name: str,
    task: Task,
    options: SplitOptions,
    *,
    class_names: Sequence[str] | None = None,
    has_validation: bool = False,
    has_test: bool = False,
    reading: NumberReading = PLAIN,
) -> tuple[TargetCoding, SplitRows]:
    """How targets are encoded, and the rows of each split.

    Classes are taken from all rows, not only the training rows, so that every split can be encoded.
    """
    coding = TargetCoding.of_classes(targets, name, class_names, reading) if task == "classification" else None
    validation = DEFAULT_PART if options.validation is None else options.validation
    test = DEFAULT_PART if options.test is None else options.test
    rows = split_rows(
        len(targets),
        validation=None if has_validation else validation,
        test=None if has_test else test,
        seed=options.seed,
        kind=options.kind,
        classes=None if coding is None else np.asarray(coding.encode(targets)),
        class_names=() if coding is None else coding.class_names,
    )
    return coding or TargetCoding.of_quantity(targets[rows.training], name, reading), rows


def assemble_arrays(
    name: str,
    pool: Part,
    validation: Part | None,
    test: Part | None,
    *,
    target_name: str,
    feature_names: Sequence[str] | None,
    class_names: Sequence[str] | None,
    task: str | None,
    options: SplitOptions,
    notices: Notices,
    like: FittedInputs | None = None,
) -> Dataset:
    """A Dataset from numeric arrays. `validation` and `test` are given sets, or None if they are split off `pool`."""
    pool = pool.at(options.used(len(pool), notices))
    shape, width = pool.inputs.shape[1:], pool.flat.shape[1]
    fitted = None if like is None else like.of_arrays(pool.inputs)
    names = tuple(f"x{index}" for index in range(width)) if feature_names is None else tuple(feature_names)
    if len(names) != width or len(set(names)) != len(names):
        raise DataError(
            f"feature_names must be {width} different names, one per column, got {len(names)} "
            f"({len(set(names))} different)"
        )
    for part, what in ((validation, "validation"), (test, "test")):
        if part is not None and _form(part) != _form(pool):
            raise DataError(
                f"{what} inputs are {_form(part)}, but the training inputs {_form(pool)}: they must be the same"
            )
    if options.validates_on_test:
        if test is None:
            raise no_test_set(name)
        validation, test = test, test.at(np.arange(0))
        notices.add(TEST_SPLIT_USED)
    targets, decided = checked_targets(pool.targets, target_name, task, notices)
    coding, rows = coded_rows(
        targets,
        target_name,
        decided,
        options,
        class_names=class_names,
        has_validation=validation is not None,
        has_test=test is not None,
    )
    is_bytes = pool.inputs.dtype == np.uint8
    if fitted is None:
        offsets = Offsets() if is_bytes else Offsets.of(pool.flat[rows.training])
        inputs = ArrayInputs(names, is_bytes, offsets, shape if len(shape) > 1 else None)
        notices.add(*offsets.notices(names))
    else:
        inputs = fitted
        notices.add(FITTED_NOTICE)
    pool = _cast(Part(pool.inputs, targets, pool.weights), inputs)
    parts = (
        pool.at(rows.training),
        pool.at(rows.validation) if validation is None else _cast(validation, inputs),
        pool.at(rows.test) if test is None else _cast(test, inputs),
    )
    return finish(name, Preparation(inputs, coding), parts, options, notices, like)


def no_test_set(name: str) -> DataError:
    """The error for validation on the test set of data that have none."""
    return DataError(
        f"{name} has no test set of its own, so validation cannot be 'test': give the size of the validation split as "
        "a fraction or a number of rows"
    )


def _form(part: Part) -> str:
    shape = part.inputs.shape[1:]
    size = f"{shape[0]} columns" if len(shape) == 1 else value_text(shape)
    return f"{size} of {'bytes' if part.inputs.dtype == np.uint8 else 'numbers'}"


def _cast(part: Part, inputs: ArrayInputs) -> Part:
    return part if inputs.is_bytes else Part(inputs.cast(part.inputs), part.targets, part.weights)


def finish(
    name: str,
    preparation: Preparation,
    parts: tuple[Part, Part, Part],
    options: SplitOptions,
    notices: Notices,
    like: FittedInputs | None = None,
) -> Dataset:
    """A Dataset of three prepared parts: encodes their targets and applies class weights to the training part."""
    training, validation, test = (
        Split(np.ascontiguousarray(part.inputs), preparation.targets.encode(part.targets), part.weights)
        for part in parts
    )
    own_weights = None if options.class_weights is None else training.weights
    if preparation.task == "classification":
        factors = class_factors(training.targets, preparation.class_names, options.class_weights)
        training = Split(training.inputs, training.targets, training.weights * factors)
    elif options.class_weights is not None:
        raise DataError("class_weights need classes, but the task is regression: use sample weights")
    learned = set(np.unique(training.targets).tolist())
    if absent := [name for index, name in enumerate(preparation.class_names) if index not in learned]:
        what = f"classes {shortened(absent)} have" if len(absent) > 1 else f"class {shortened(absent)} has"
        notices.add(
            f"{what} no row in the training split and cannot be learned: a stratified split (--split stratified) keeps "
            "one of each"
        )
    for split, part in ((training, "training"), (validation, "validation"), (test, "test")):
        closed = part == "test" and options.validates_on_test
        if not closed and not split.weights.any():
            raise DataError(
                f"every row of the {part} split has weight 0: give some rows a positive weight, or change the split"
            )
    return Dataset(
        name=name,
        task=preparation.task,
        training=training,
        validation=validation,
        feature_names=preparation.feature_names,
        class_names=preparation.class_names,
        preparation=preparation,
        notices=tuple(notices.collected),
        validates_on_test=options.validates_on_test,
        _test=test,
        _own_weights=own_weights,
        _fitted=like,
    )
