"""Reads rows to predict on, with or without targets, and prepares them like the training data."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

import numpy as np
from jaxtyping import Float32, Int32, Int64, UInt8

from trainwell.core import DataError
from trainwell.data.columns.spellings import given_words
from trainwell.data.preparation.inputs import TableInputs, as_array
from trainwell.data.preparation.preparation import Preparation
from trainwell.data.preparation.steps import Numbers
from trainwell.data.sources.delimited_text import names_column
from trainwell.data.sources.opening import (
    Source,
    find_column,
    find_source,
    is_table,
    name_of,
    read_arrays,
    read_table,
    typed,
)
from trainwell.data.sources.raw import RawTable
from trainwell.data.target.column import target_values
from trainwell.data.target.target import TargetCoding, label_array, label_text, missing as is_missing

if TYPE_CHECKING:
    import polars as pl

ORDER = "columns are matched by position"


class Reading(TypedDict, total=False):
    """How rows to predict on are read; see `load_rows`."""

    data_dir: str | Path | None
    header: bool | None
    missing: str | Sequence[str] | None


@dataclass(frozen=True, eq=False)
class PreparedRows:
    """Rows prepared for prediction.

    Attributes:
        inputs: a network's inputs.
        targets: class indices or standardised quantities of the rows in `scored`; None if there are none.
        scored: indices of the rows with a known target, ascending; empty if the source has no targets.
        notices: differences from the training data.
        kept: the requested columns of the source (`keep`), unchanged; None if none were requested.
    """

    inputs: Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]
    targets: Int32[np.ndarray, "S"] | Float32[np.ndarray, "S 1"] | None
    scored: Int64[np.ndarray, "S"]
    notices: tuple[str, ...]
    kept: "pl.DataFrame | None" = None


def load_rows(
    source: "Source | np.ndarray",
    preparation: Preparation,
    *,
    data_dir: str | Path | None = None,
    header: bool | None = None,
    missing: str | Sequence[str] | None = None,
    keep: Sequence[str | int] = (),
    show_progress: bool = True,
) -> PreparedRows:
    """Read rows to predict on.

    Args:
        source: a file or a data frame as `load_data` takes it, with or without the target; an array of inputs; or a
            built-in name. Of data with a test set of their own (image sets, NPZ with `x_test`), only this is read.
        preparation: of the trained model.
        data_dir: folder of the image sets.
        header: whether the first line of a text file names the columns; None looks for known names in it.
        missing: see `load_data`; None uses the setting of training.
        keep: columns of a table to return unchanged, such as row ids: names, or indices (from 0; negative from the
            end).
        show_progress: whether to show the progress of downloads, in a terminal.

    Returns:
        The prepared rows.

    Raises:
        DataError: the rows do not fit the preparation, or there is no such column to keep.
    """
    if isinstance(source, np.ndarray | list):
        source = (as_array(source, "rows"), None)
    found = find_source(source)
    if is_table(found):
        read = _table_rows(found, preparation, header, given_words(missing))
    else:
        arrays = read_arrays(found, data_dir, show_progress=show_progress)
        read = _Read(*(arrays.test or (arrays.inputs, arrays.targets)))
    kept = _kept(read, keep, name_of(found))
    inputs, notices = preparation.transform(read.rows)
    notices = (*read.notices, *notices)
    scored, targets = np.zeros(0, np.int64), read.targets
    if targets is not None:
        targets = label_array(targets, preparation.targets.name)
        scored = np.flatnonzero(preparation.targets.known(targets)).astype(np.int64)
        if len(scored) < len(targets):
            notices = (*notices, _unscored(targets, scored, preparation.targets))
    encoded = None if targets is None or not len(scored) else preparation.targets.encode(targets[scored])
    return PreparedRows(inputs, encoded, scored, notices, kept)


def _unscored(targets: np.ndarray, scored: np.ndarray, coding: TargetCoding) -> str:
    """A notice about rows whose target is missing or unknown."""
    unknown = ~is_missing(targets)
    unknown[scored] = False
    why = []
    if absent := len(targets) - len(scored) - int(unknown.sum()):
        why.append(f"{absent} have no target")
    if unknown.any():
        row = int(np.argmax(unknown))
        what = "a class not in the training data" if coding.task == "classification" else "no finite number"
        why.append(f"{int(unknown.sum())} have {what} (first '{label_text(targets[row])}' in row {row + 1})")
    count = len(targets) - len(scored)
    return f"target '{coding.name}': {count} of {len(targets)} rows are predicted but not scored: {', '.join(why)}"


@dataclass(frozen=True, eq=False)
class _Read:
    """Raw rows, their raw targets if there are any, and the table that they come from."""

    rows: "RawTable | np.ndarray"
    targets: np.ndarray | None
    table: "pl.DataFrame | None" = None
    notices: tuple[str, ...] = ()


def _table_rows(
    found: "Path | pl.DataFrame", preparation: Preparation, header: bool | None, missing: tuple[str, ...] | None
) -> _Read:
    """Read a table and separate its target column."""
    inputs, target, name = preparation.inputs, preparation.targets.name, name_of(found)
    if isinstance(inputs, TableInputs):
        missing = inputs.missing if missing is None else missing
        bare = inputs.headerless and header is None
        raw = read_table(found, False if bare else header, inputs.columns, missing)
        raw = _without_header(raw, inputs, name) if bare and raw.is_text else raw
        table = inputs.named(raw.table)
        if not raw.headerless and table.columns != raw.table.columns:
            notice = f"{name} has column names, the training file had none: {ORDER}"
            raw = replace(raw, notices=(*raw.notices, notice))
        raw = raw.named(table)
    else:
        raw = typed(read_table(found, header, (*inputs.feature_names, target), missing))
    targets, messages = target_values(raw, preparation.targets) if target in raw.table.columns else (None, [])
    rows = raw.named(raw.table.select([name for name in raw.table.columns if name != target]))
    return _Read(rows, targets, raw.table, (*raw.notices, *messages))


def _without_header(raw: RawTable, inputs: TableInputs, file: str) -> RawTable:
    """Remove a header line although the training file had none: a first line with text in a column of numbers."""
    table = inputs.named(raw.table)
    names = [name for step in inputs.steps if isinstance(step, Numbers) for name in step.columns]
    if table.height == 1 or not any(names_column(table[name]) for name in names if name in table.columns):
        return raw
    notice = (
        f"the first line of {file} is taken as column names, but the training file had none: {ORDER} "
        "(if it is a row, read the file without a header: --no-header)"
    )
    return replace(raw, table=raw.table.slice(1), notices=(*raw.notices, notice))


def _kept(read: _Read, keep: Sequence[str | int], source: str) -> "pl.DataFrame | None":
    """The columns that the user asked to keep."""
    if not keep:
        return None
    if read.table is None:
        raise DataError(f"{source} has no named columns to keep: only tables (CSV, Parquet) have")
    names = [find_column(read.table.columns, name, "kept column", source) for name in keep]
    return read.table.select(list(dict.fromkeys(names)))
