"""The one door: from a name or a file to a Dataset."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from trainwell.core import DataError, nearest
from trainwell.data.arrays import checked_limit, from_arrays, raw_part
from trainwell.data.assembling import (
    Part,
    SplitOptions,
    assemble_arrays,
    assemble_table,
    checked_targets,
    coded_rows,
)
from trainwell.data.columns.columns import column_weights, decided, mostly_numbers, reading_notices, row_index
from trainwell.data.columns.spellings import given_words
from trainwell.data.dataset import Dataset
from trainwell.data.notices import Notices, Notify
from trainwell.data.preparation.table_inputs import fit_table_inputs
from trainwell.data.sources import builtin
from trainwell.data.sources.images import IMAGE_SETS, ImageSet, load_images
from trainwell.data.sources.npz import read_npz
from trainwell.data.sources.raw_table import without_blank_rows
from trainwell.data.sources.tables import check_file, check_name, find_column, read_table
from trainwell.data.split import Amount, SplitKind
from trainwell.data.target.column import label_notices, read_target
from trainwell.data.target.target import TargetCoding
from trainwell.data.weights import ClassWeights

BUILT_IN_NAMES = tuple(sorted((*builtin.NAMES, *IMAGE_SETS)))
IMAGE_VALIDATION = 1 / 6  # of MNIST's 60,000: 10,000, as many as its test set


def load_data(
    source: str | Path,
    *,
    target: str | int | None = None,
    task: str | None = None,
    data_dir: str | Path | None = None,
    header: bool | None = None,
    missing: str | Sequence[str] | None = None,
    weights: str | int | None = None,
    class_weights: ClassWeights | None = None,
    validation: Amount | None = None,
    test: Amount | None = None,
    split_seed: int = 0,
    split: SplitKind = "stratified",
    limit: int | None = None,
    notify: Notify | None = None,
) -> Dataset:
    """Load a built-in data set or a file.

    Args:
        source: a name (`digits`, `iris`, `wine`, `breast_cancer`, `diabetes`, `mnist`, `fashion-mnist`), or a CSV
            (or other delimited text), Parquet or NPZ file.
        target: the column to predict, for tables: its name, or its position from 0 (negative from the end).
        task: `"classification"` or `"regression"`; None tells it from the target (`infer_task`).
        data_dir: folder that holds `mnist/` and the like; looked into before `$TRAINWELL_DATA` and the cache.
        header: whether a text file's first line names the columns; None tells it from the content.
        missing: the words that stand for missing cells of a table, in all of its columns and no others beside empty
            cells: several in a list, or separated by commas. None takes the usual words (NA, null, ?, …) for missing
            in columns of numbers, and for values in columns of a few texts.
        weights: a column of sample weights, for tables.
        class_weights: `"balanced"`, or a weight per label; multiplied into the training split's weights.
        validation: a fraction of all rows or a count; default 0.15 (1/6 for the image sets).
        test: the same, default 0.15; not for data that bring a test set of their own.
        split_seed: the split's own seed, the same for all members.
        split: `"stratified"`, `"shuffled"` or `"file order"` (training, validation, test as the rows come).
        limit: use only the first so many (training) rows, before splitting.
        notify: called with each notice as it arises; progress of downloads shows only if it is given.

    Returns:
        The data set; its `notices` say what was done to the data.

    Raises:
        DataError: one line that says what is wrong with the data, where, and what to do.

    Example:
        >>> data = load_data("iris")
        >>> data.task, data.num_features, data.class_names
        ('classification', 4, ('setosa', 'versicolor', 'virginica'))
        >>> len(data.training), len(data.validation), len(data.open_test_split())
        (106, 22, 22)
    """
    options = SplitOptions(validation, test, split_seed, split, class_weights)
    notices = Notices(notify)
    name = str(source)
    check_name(name)
    if name in BUILT_IN_NAMES:
        _refuse(name, target=target, header=header, missing=missing, weights=weights)
        if name in IMAGE_SETS:
            return _load_image_set(IMAGE_SETS[name], data_dir, limit, options, task, notices)
        return _load_builtin(name, limit, options, task, notices)
    path = Path(source).expanduser()
    if not path.exists() and "/" not in name and not path.suffix:
        raise DataError(f"there is no data set or file '{name}': {nearest(name, BUILT_IN_NAMES)}")
    check_file(path)
    if path.suffix.lower() == ".npz":
        _refuse(path.name, target=target, header=header, missing=missing, weights=weights)
        return _load_npz(path, limit, options, task, notices)
    return _load_table(path, target, header, given_words(missing), weights, limit, options, task, notices)


def _refuse(name: str, **given: object) -> None:
    """Refuse options that mean nothing for this source, instead of ignoring them."""
    for option, value in given.items():
        if value is not None:
            raise DataError(f"{name} takes no {option} (got {value!r}): only tables do; leave it out")


def _load_builtin(name: str, limit: int | None, options: SplitOptions, task: str | None, notices: Notices) -> Dataset:
    data = builtin.load_builtin(name)
    return from_arrays(
        data.inputs,
        data.targets,
        name=name,
        task=task or data.task,
        feature_names=data.feature_names,
        class_names=data.class_names,
        limit=limit,
        **_split_arguments(options),
        notify=notices.notify,
    )


def _split_arguments(options: SplitOptions) -> dict[str, Any]:
    return {
        "validation": options.validation,
        "test": options.test,
        "split_seed": options.seed,
        "split": options.kind,
        "class_weights": options.class_weights,
    }


def _load_image_set(
    images: ImageSet,
    data_dir: str | Path | None,
    limit: int | None,
    options: SplitOptions,
    task: str | None,
    notices: Notices,
) -> Dataset:
    if options.test is not None:
        raise DataError(f"{images.name} has a test set of its own (10,000 images): leave test out")
    if task == "regression":
        raise DataError(f"{images.name} is a classification task: leave task out")
    data = load_images(images, data_dir, notices.notify)
    labels = np.array(images.class_names, dtype=object)
    count = len(data.training_inputs) if limit is None else checked_limit(limit, len(data.training_inputs))
    pixels = [f"pixel_{row}_{column}" for row, column in np.ndindex(*data.training_inputs.shape[1:])]
    validation = IMAGE_VALIDATION if options.validation is None else options.validation
    return from_arrays(
        data.training_inputs[:count],
        labels[data.training_labels[:count]],
        name=images.name,
        task="classification",
        feature_names=pixels,
        class_names=images.class_names,
        **(
            _split_arguments(options) | {"validation": validation, "test": (data.test_inputs, labels[data.test_labels])}
        ),
        notify=notices.notify,
    )


def _load_npz(path: Path, limit: int | None, options: SplitOptions, task: str | None, notices: Notices) -> Dataset:
    archive = read_npz(path)
    if archive.targets is None:
        raise DataError(f"{path.name} has inputs ({archive.input_name}) and no targets: save them as y beside X")
    own = {"validation": archive.validation, "test": archive.test}
    for part, pair in own.items():
        if pair is not None and getattr(options, part) is not None:
            raise DataError(f"{path.name} has a {part} set of its own: leave {part} out")
    if archive.ignored:
        notices.say(f"ignored {', '.join(archive.ignored)} in {path.name}")
    pool = raw_part(archive.inputs, archive.targets, None, archive.input_name, archive.target_name)
    if limit is not None:
        pool = pool.at(np.arange(checked_limit(limit, len(pool.targets))))
    parts = {
        part: None if pair is None else raw_part(*pair, None, f"{part} inputs", f"{part} targets")
        for part, pair in own.items()
    }
    return assemble_arrays(
        pool,
        name=path.stem,
        target_name=archive.target_name,
        feature_names=tuple(f"x{index}" for index in range(pool.inputs.shape[1])),
        class_names=None,
        task=task,
        options=options,
        **parts,
        notices=notices,
    )


def _load_table(
    path: Path,
    target: str | int | None,
    header: bool | None,
    missing: tuple[str, ...] | None,
    weights: str | int | None,
    limit: int | None,
    options: SplitOptions,
    task: str | None,
    notices: Notices,
) -> Dataset:
    raw = read_table(path, header, missing=missing, wanted=str(target or ""))
    notices.say(*raw.notices)
    if limit is not None:
        raw = raw.at(np.arange(checked_limit(limit, raw.table.height)))
    target_name, others = _named_columns(raw.table.columns, target, weights, path.name)
    raw, blank = without_blank_rows(raw)
    decisions = decided(raw)
    column = read_target(raw, target_name, decisions.get(target_name), task)
    if len(column.rows) < raw.table.height:
        raw = raw.at(column.rows)
        decisions = decided(raw)
    notices.say(*blank, *column.notices)
    sample_weights = np.ones(raw.table.height, np.float32)
    if weights is not None:
        sample_weights = column_weights(raw, others[1], decisions.get(others[1]))
        notices.say(
            *reading_notices((name, raw.table[name], decisions[name]) for name in others[1:] if name in decisions)
        )
    try:
        targets, decided_task = checked_targets(column.values, f"target '{target_name}'", task, notices)
    except DataError as error:  # constant, say, since one of two labels was taken for missing
        raise DataError("; ".join([str(error), *column.notices])) from error
    if decided_task == "classification" and column.labels is not None:
        targets = column.labels
    try:
        coding, rows = coded_rows(targets, target_name, decided_task, options, reading=column.reading)
    except DataError as error:  # one example of a class, say: of a price that was taken for a label
        doubt = mostly_numbers(raw, target_name, decisions.get(target_name))
        raise DataError(f"{error}; {doubt}" if doubt else str(error)) from error
    if coding is not None and targets.dtype == object:
        notices.say(*label_notices(targets, coding))
    coding = coding or TargetCoding.of_quantity(targets[rows.training], target_name, column.reading)
    unused = row_index(raw, others)
    if unused is not None:
        notices.say(f"dropped column '{unused}': it has no name and only numbers the rows; name it to use it")
    inputs, prepared, said = fit_table_inputs(raw, others, rows.training, decisions, unused)
    notices.say(*said)
    pool = Part(prepared, targets, sample_weights)
    return assemble_table(path.stem, inputs, coding, pool, rows, options, notices)


def _named_columns(
    columns: list[str], target: str | int | None, weights: str | int | None, file: str
) -> tuple[str, list[str]]:
    """The target, and the columns that are no inputs: the target, then the weights if there are any."""
    if target is None:
        raise DataError(f"{file} needs a target, the column to predict: choose one of {', '.join(columns)}")
    target_name = find_column(columns, target, "target", file)
    if weights is None:
        return target_name, [target_name]
    weights_name = find_column(columns, weights, "weights", file)
    if weights_name == target_name:
        raise DataError(f"column '{target_name}' cannot be both target and weights: name another column")
    return target_name, [target_name, weights_name]
