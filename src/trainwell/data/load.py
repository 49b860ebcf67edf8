"""Loads a Dataset from a name, a file or arrays in memory."""

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from trainwell.core import DataError
from trainwell.data.assembling import (
    SplitOptions,
    assemble_arrays,
    checked_targets,
    coded_rows,
    finish,
    no_test_set,
    raw_part,
)
from trainwell.data.columns.columns import column_weights, decided, reading_notices, row_index, why_not_numbers
from trainwell.data.columns.spellings import given_words
from trainwell.data.dataset import Dataset
from trainwell.data.notices import Notices
from trainwell.data.preparation.fitted import FittedInputs
from trainwell.data.preparation.inputs import fit_table_inputs
from trainwell.data.preparation.preparation import Preparation
from trainwell.data.sources.builtin import IMAGE_SETS
from trainwell.data.sources.frames import is_frame, with_target
from trainwell.data.sources.opening import (
    Source,
    find_column,
    find_source,
    is_table,
    name_of,
    read_arrays,
    read_table,
)
from trainwell.data.sources.raw import RawArrays, RawTable, without_blank_rows
from trainwell.data.split import Amount, ClassWeights, Part, SplitKind, Validation
from trainwell.data.target.column import label_notices, read_target
from trainwell.data.target.target import label_text

IMAGE_VALIDATION = 1 / 6  # 10,000 of MNIST's 60,000 training images, the size of its test set
OwnSplit = tuple[object, object] | tuple[object, object, object]
LOG = logging.getLogger("trainwell")


def load_data(
    source: Source,
    *,
    target: str | int | None = None,
    task: str | None = None,
    data_dir: str | Path | None = None,
    header: bool | None = None,
    missing: str | Sequence[str] | None = None,
    weights: str | int | None = None,
    class_weights: ClassWeights | None = None,
    validation: Validation | None = None,
    test: Amount | None = None,
    split_seed: int = 0,
    split: SplitKind = "stratified",
    limit: int | None = None,
    like: FittedInputs | None = None,
    show_progress: bool = True,
) -> Dataset:
    """Load a built-in data set, a file, arrays or a data frame.

    Args:
        source: a name (`digits`, `iris`, `wine`, `breast_cancer`, `diabetes`, `mnist`, `fashion-mnist`), or a CSV
            (or other delimited text), Parquet or NPZ file; arrays `(X, y)`; a data frame of polars or pandas.
        target: the column to predict, for tables: its name or its index (from 0; negative from the end).
        task: `"classification"` or `"regression"`; None infers it from the target (`infer_task`).
        data_dir: folder with `mnist/` or `fashion-mnist/`; searched before `$TRAINWELL_DATA` and the cache.
        header: whether the first line of a text file names the columns; None infers it from the content.
        missing: words that mark missing cells, as a list or separated by commas. Then only these words and empty cells
            are missing, in all columns. None treats the usual words (NA, null, ?, …) as missing in numeric columns,
            but as categories in columns with few different texts.
        weights: a column of sample weights, for tables.
        class_weights: `"balanced"`, or a weight per label; multiplied with the training split's weights.
        validation: a fraction of all rows, or a number of rows; default 0.15 (1/6 for the image sets). `"test"`
            validates on the data's own test set and trains on all other rows; then no unused data are left, and
            scores are optimistic.
        test: a fraction or a number of rows, default 0.15; not for data that have their own test set.
        split_seed: seed of the split, the same for all networks.
        split: `"stratified"`, `"shuffled"` or `"file-order"` (training, validation, test in the order of the rows).
        limit: use only this many rows, the first ones of the file, before splitting. For the image sets this limits
            the training images, not the test images.
        like: prepare inputs exactly as those of another network were, without fitting to these data (`Start.inputs`).
        show_progress: whether to show the progress of downloads, in a terminal.

    Returns:
        The data set; its `notices` tell what was done to the data.

    Raises:
        DataError: one line that tells what is wrong with the data, where, and what to do.

    Example:
        >>> data = load_data("iris")
        >>> data.task, data.num_features, data.class_names
        ('classification', 4, ('setosa', 'versicolor', 'virginica'))
        >>> len(data.training), len(data.validation), len(data.open_test_split())
        (106, 22, 22)
        >>> load_data(([[0.0], [1.0]] * 20, ["no", "yes"] * 20)).class_names
        ('no', 'yes')
    """
    options = SplitOptions(validation, test, split_seed, split, class_weights, limit)
    notices = Notices()
    if isinstance(source, tuple) and len(source) == 2 and is_frame(source[0]):
        if target is not None:
            raise DataError(f"the target is y of (X, y): leave target out (got {target!r})")
        source, target = with_target(*source)
    found = find_source(source)
    name = Path(name_of(found))
    if is_table(found) and options.validates_on_test:
        raise no_test_set(name.name)
    if is_table(found):
        words = like.missing if missing is None and like is not None else given_words(missing)
        raw = read_table(found, header, missing=words, wanted=str(target or ""))
        return _load_table(name, raw, target, weights, options, task, notices, like)
    for option, value in {"target": target, "header": header, "missing": missing, "weights": weights}.items():
        if value is not None:  # it would have no effect
            raise DataError(f"{name.name} takes no {option} (got {value!r}): only tables do; leave it out")
    if found in IMAGE_SETS:
        if test is not None:
            raise DataError(f"{found} has a test set of its own (10,000 images): leave test out")
        if task == "regression":
            raise DataError(f"{found} is a classification task: leave task out")
        options = replace(options, validation=IMAGE_VALIDATION if validation is None else validation)
    arrays = read_arrays(found, data_dir, show_progress=show_progress)
    return _load_arrays(name, arrays, options, task, notices, like)


Data: TypeAlias = "Source | Dataset"
"""What `train`, `tune` and `compare` take: a data set, or what `load_data` makes one of."""


def as_dataset(data: Data, target: str | int | None = None) -> Dataset:
    """The data set that is given, or what `load_data` makes of it; its notices go to the logger `trainwell`.

    Args:
        data: see `Data`.
        target: the column to predict, of tables.

    Raises:
        DataError: see `load_data`; or a data set is given with a target, which it has.
    """
    if isinstance(data, Dataset):
        if target is not None:
            raise DataError(f"{data.name} is loaded and has its target: leave target out (got {target!r})")
        return data
    found = load_data(data, target=target)
    for notice in found.notices:
        LOG.warning(notice)
    return found


def _load_arrays(
    path: Path,
    arrays: RawArrays,
    options: SplitOptions,
    task: str | None,
    notices: Notices,
    like: FittedInputs | None,
) -> Dataset:
    if arrays.targets is None:
        raise DataError(f"{path.name} has inputs ({arrays.input_name}), but no targets: save them as y beside X")
    own = {"validation": arrays.validation, "test": arrays.test}
    for part, pair in own.items():
        if pair is not None and getattr(options, part) is not None:
            raise DataError(f"{path.name} has a {part} set of its own: leave {part} out")
    if arrays.ignored:
        notices.add(f"ignored {', '.join(arrays.ignored)} in {path.name}")
    pool = raw_part(arrays.inputs, arrays.targets, None, arrays.input_name, arrays.target_name)
    validation, test = (
        None if pair is None else raw_part(*pair, None, f"{part} inputs", f"{part} targets")
        for part, pair in own.items()
    )
    return assemble_arrays(
        path.stem,
        pool,
        validation,
        test,
        target_name=arrays.target_name,
        feature_names=arrays.feature_names,
        class_names=arrays.class_names,
        task=task or arrays.task,
        options=options,
        notices=notices,
        like=like,
    )


def _load_table(
    path: Path,
    raw: RawTable,
    target: str | int | None,
    weights: str | int | None,
    options: SplitOptions,
    task: str | None,
    notices: Notices,
    like: FittedInputs | None,
) -> Dataset:
    notices.add(*raw.notices)
    if options.limit is not None:
        raw = raw.at(options.used(raw.table.height, notices))
    target_name, others = _named_columns(raw.table.columns, target, weights, path.name)
    raw, blank = without_blank_rows(raw)
    decisions = decided(raw)
    column = read_target(raw, target_name, decisions.get(target_name), task)
    if len(column.rows) < raw.table.height:
        raw = raw.at(column.rows)
        decisions = decided(raw)
    notices.add(*blank, *column.notices)
    sample_weights = np.ones(raw.table.height, np.float32)
    if weights is not None:
        sample_weights = column_weights(raw, others[1], decisions.get(others[1]))
        notices.add(
            *reading_notices((name, raw.table[name], decisions[name]) for name in others[1:] if name in decisions)
        )
    try:
        targets, decided_task = checked_targets(column.values, f"target '{target_name}'", task, notices)
    except DataError as error:  # for example constant, because one of two labels was taken as missing
        raise DataError("; ".join([str(error), *column.notices])) from error
    if decided_task == "classification" and column.labels is not None:
        targets = column.labels
    try:
        coding, rows = coded_rows(targets, target_name, decided_task, options, reading=column.reading)
    except DataError as error:  # for example a class with one row, because prices were taken as labels
        doubt = why_not_numbers(raw, target_name, decisions.get(target_name))
        raise DataError(f"{error}; {doubt}" if doubt else str(error)) from error
    if decided_task == "classification" and targets.dtype == object:
        notices.add(*label_notices(targets, coding))
    unused = None if like is not None else row_index(raw, others)
    if unused is not None:
        notices.add(f"dropped column '{unused}': it has no name and only row numbers; give it a name to use it")
    inputs, prepared, messages = (
        fit_table_inputs(raw, others, rows.training, decisions, unused) if like is None else like.of_table(raw, others)
    )
    notices.add(*messages)
    pool = Part(prepared, targets, sample_weights)
    parts = (pool.at(rows.training), pool.at(rows.validation), pool.at(rows.test))
    return finish(path.stem, Preparation(inputs, coding), parts, options, notices, like)


def _named_columns(
    columns: list[str], target: str | int | None, weights: str | int | None, file: str
) -> tuple[str, list[str]]:
    """The target's name, and the names of all columns that are not inputs: the target, then the weights if given."""
    if target is None:
        raise DataError(f"{file} needs a target, the column to predict: choose one of {', '.join(columns)}")
    target_name = find_column(columns, target, "target", file)
    if weights is None:
        return target_name, [target_name]
    weights_name = find_column(columns, weights, "weights", file)
    if weights_name == target_name:
        raise DataError(f"column '{target_name}' cannot be both target and weights: name another column")
    return target_name, [target_name, weights_name]


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
    validation: Validation | OwnSplit | None = None,
    test: Amount | OwnSplit | None = None,
    split_seed: int = 0,
    split: SplitKind = "stratified",
    limit: int | None = None,
    like: FittedInputs | None = None,
) -> Dataset:
    """A Dataset from arrays.

    Args:
        inputs: numbers `[N, D]`, or rows of another shape, such as images `[N, height, width, channels]`; none missing
            or infinite. `uint8` values are stored as bytes and used as fractions of 255; all other types become
            float32.
        targets: `[N]` or `[N, 1]` labels (text or numbers) or quantities.
        name: the data set's name.
        task: `"classification"` or `"regression"`; None infers it from the targets.
        feature_names: D names; by default `x0`, `x1`, ….
        target_name: the target's name.
        class_names: label of each class index; by default the sorted labels that occur.
        sample_weights: `[N]` numbers, at least 0; ones by default.
        class_weights: `"balanced"`, or a weight per label; multiplied with the training split's weights.
        validation: a fraction or number of rows (default 0.15), or a given set `(inputs, targets)` or
            `(inputs, targets, weights)`; `"test"` validates on the given test set, see `load_data`.
        test: a fraction or number of rows (default 0.15), or a given set.
        split_seed: seed of the split.
        split: `"stratified"`, `"shuffled"` or `"file-order"` (training, validation, test in the order of the rows).
        limit: use only this many rows, the first ones, before splitting. Given validation and test sets are not
            limited.
        like: see `load_data`.

    Returns:
        The data set.

    Raises:
        DataError: the arrays do not match, cannot be split, or have values that cannot be used.

    Example:
        >>> import numpy as np
        >>> data = from_arrays(np.arange(40.0).reshape(20, 2), ["cat", "dog"] * 10)
        >>> data.class_names, data.training.inputs.shape, len(data.validation), len(data.open_test_split())
        (('cat', 'dog'), (14, 2), 3, 3)
    """
    own_validation, validation_size = _own_or_size(validation, "validation")
    own_test, test_size = _own_or_size(test, "test")
    if test_size == "test":
        raise DataError("test must be a fraction, a number of rows, or a set (inputs, targets), got 'test'")
    return assemble_arrays(
        name,
        raw_part(inputs, targets, sample_weights, "inputs", "targets"),
        own_validation,
        own_test,
        target_name=target_name,
        feature_names=feature_names,
        class_names=None if class_names is None else [label_text(name) for name in class_names],
        task=task,
        options=SplitOptions(validation_size, test_size, split_seed, split, class_weights, limit),
        notices=Notices(),
        like=like,
    )


def _own_or_size(value: Validation | OwnSplit | None, what: str) -> tuple[Part | None, Validation | None]:
    """A given set and None, or None and the size of the split."""
    if not isinstance(value, tuple):
        return None, value
    if len(value) not in (2, 3):
        raise DataError(f"{what} must be (inputs, targets) or (inputs, targets, weights), got {len(value)} values")
    weights = value[2] if len(value) == 3 else None
    return raw_part(value[0], value[1], weights, f"{what} inputs", f"{what} targets"), None
