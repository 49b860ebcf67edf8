"""Arrays, tables and images to a Dataset: encode the target, split, prepare, weigh."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from trainwell.core import DataError
from trainwell.data.columns.number_reading import PLAIN, NumberReading
from trainwell.data.dataset import Dataset
from trainwell.data.notices import Notices
from trainwell.data.preparation.array_inputs import ArrayInputs, shortened
from trainwell.data.preparation.offsets import Offsets
from trainwell.data.preparation.preparation import Preparation
from trainwell.data.preparation.table_inputs import TableInputs
from trainwell.data.split import Amount, Split, SplitKind, SplitRows, Task, split_rows
from trainwell.data.target.target import TargetCoding, checked_target, checked_task, quantities
from trainwell.data.weights import ClassWeights, class_factors

DEFAULT_PART = 0.15


@dataclass(frozen=True)
class SplitOptions:
    """How rows become three splits, and how much each counts.

    Attributes:
        validation: fraction of all rows, or count; None for the default.
        test: the same; must be None where the data bring a test set.
        seed: the split's own seed.
        kind: `"stratified"`, `"shuffled"` or `"file order"`.
        class_weights: of the training split.
    """

    validation: Amount | None = None
    test: Amount | None = None
    seed: int = 0
    kind: SplitKind = "stratified"
    class_weights: ClassWeights | None = None


@dataclass(frozen=True, eq=False)
class Part:
    """Raw examples: inputs as bytes or numbers, targets as they came."""

    inputs: np.ndarray
    targets: np.ndarray
    weights: Float32[np.ndarray, "N"]

    def at(self, rows: np.ndarray) -> "Part":
        """Some of the examples."""
        return Part(self.inputs[rows], self.targets[rows], self.weights[rows])


def checked_targets(targets: np.ndarray, name: str, task: str | None, notices: Notices) -> tuple[np.ndarray, Task]:
    """Targets to learn from, and the task; said in a notice where it was told from numbers."""
    targets = checked_target(targets, name)
    decided = checked_task(task, targets)
    if task is None and targets.dtype.kind in "iuf":
        count = len(np.unique(targets))
        notices.say(
            f"taken as {decided}, since {name} has {count} distinct numbers: set the task (--task) to decide otherwise"
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
) -> tuple[TargetCoding | None, SplitRows]:
    """Rows of each split, and for classification the classes (of all rows: a label set is no statistic)."""
    coding = TargetCoding.of_classes(targets, name, class_names, reading) if task == "classification" else None
    validation = None if has_validation else (DEFAULT_PART if options.validation is None else options.validation)
    test = None if has_test else (DEFAULT_PART if options.test is None else options.test)
    rows = split_rows(
        len(targets),
        validation=validation,
        test=test,
        seed=options.seed,
        kind=options.kind,
        classes=None if coding is None else np.asarray(coding.encode(targets)),
        class_names=() if coding is None else coding.class_names,
    )
    return coding, rows


def assemble_arrays(
    pool: Part,
    *,
    name: str,
    target_name: str,
    feature_names: tuple[str, ...],
    class_names: Sequence[str] | None,
    task: str | None,
    options: SplitOptions,
    validation: Part | None,
    test: Part | None,
    notices: Notices,
) -> Dataset:
    """A Dataset from arrays that are inputs already; `validation` and `test` are their own sets, if any."""
    for part, what in ((validation, "validation"), (test, "test")):
        if part is not None and _form(part) != _form(pool):
            raise DataError(
                f"{what} inputs are {_form(part)}, and the training inputs {_form(pool)}: they must be alike"
            )
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
    coding = coding or TargetCoding.of_quantity(targets[rows.training], target_name)
    inputs = _fitted(pool.inputs, rows.training, feature_names)
    notices.say(*inputs.offsets.notices(feature_names))
    pool = _cast(Part(pool.inputs, targets, pool.weights), inputs)
    parts = (
        pool.at(rows.training),
        pool.at(rows.validation) if validation is None else _cast(validation, inputs),
        pool.at(rows.test) if test is None else _cast(test, inputs),
    )
    return finish(name, Preparation(inputs, coding), parts, options, notices)


def _form(part: Part) -> str:
    return f"{part.inputs.shape[1]} columns of {'bytes' if part.inputs.dtype == np.uint8 else 'numbers'}"


def _fitted(pool: np.ndarray, training: np.ndarray, feature_names: tuple[str, ...]) -> ArrayInputs:
    """The preparation of arrays, its offsets decided from the training rows."""
    is_bytes = pool.dtype == np.uint8
    return ArrayInputs(feature_names, is_bytes, Offsets() if is_bytes else Offsets.of(pool[training]))


def _cast(part: Part, inputs: ArrayInputs) -> Part:
    return part if inputs.is_bytes else Part(inputs.cast(part.inputs), part.targets, part.weights)


def assemble_table(
    name: str,
    inputs: TableInputs,
    coding: TargetCoding,
    pool: Part,
    rows: SplitRows,
    options: SplitOptions,
    notices: Notices,
) -> Dataset:
    """A Dataset from a table whose inputs are prepared."""
    parts = (pool.at(rows.training), pool.at(rows.validation), pool.at(rows.test))
    return finish(name, Preparation(inputs, coding), parts, options, notices)


def finish(
    name: str,
    preparation: Preparation,
    parts: tuple[Part, Part, Part],
    options: SplitOptions,
    notices: Notices,
) -> Dataset:
    """Encode the targets of the three parts, and weigh the training part by class."""
    training, validation, test = (_encoded(part, preparation) for part in parts)
    own_weights = None if options.class_weights is None else training.weights
    if preparation.task == "classification":
        factors = class_factors(training.targets, preparation.class_names, options.class_weights)
        training = Split(training.inputs, training.targets, training.weights * factors)
    elif options.class_weights is not None:
        raise DataError("class_weights need classes, and the task is regression: use sample weights")
    notices.say(*_unlearned(training, preparation))
    for split, part in ((training, "training"), (validation, "validation"), (test, "test")):
        if not split.weights.any():
            raise DataError(f"every row of the {part} split has weight 0: give some a positive one, or split otherwise")
    return Dataset(
        name=name,
        task=preparation.task,
        training=training,
        validation=validation,
        feature_names=preparation.feature_names,
        class_names=preparation.class_names,
        preparation=preparation,
        notices=tuple(notices.said),
        _test=test,
        _own_weights=own_weights,
    )


def _unlearned(training: Split, preparation: Preparation) -> list[str]:
    """A notice on classes that no training row has."""
    learned = set(np.unique(training.targets).tolist())
    absent = [name for index, name in enumerate(preparation.class_names) if index not in learned]
    if not absent:
        return []
    what = f"classes {shortened(absent)} have" if len(absent) > 1 else f"class {shortened(absent)} has"
    return [f"{what} no row in the training split and cannot be learned: --split stratified keeps one of each"]


def _encoded(part: Part, preparation: Preparation) -> Split:
    return Split(np.ascontiguousarray(part.inputs), preparation.encode_targets(part.targets), part.weights)
