"""Opens a data source by name or path: a built-in set, an archive of arrays, or a table (delimited text, Parquet)."""

import io
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeGuard

from trainwell.core import DataError, nearest, plain_size, read_bytes
from trainwell.data.columns.columns import decided, plain_texts, read_numbers
from trainwell.data.sources.builtin import BUILT_IN_NAMES, load_builtin
from trainwell.data.sources.delimited_text import MOST_BYTES, read_delimited
from trainwell.data.sources.frames import Frame, frame_table, is_frame
from trainwell.data.sources.npz import read_npz
from trainwell.data.sources.raw import RawArrays, RawTable, without_given

if TYPE_CHECKING:
    import polars as pl


def _parquet(path: Path) -> "pl.DataFrame":
    """Read a Parquet file. Text columns become String without surrounding whitespace; others keep their types."""
    import polars as pl

    try:
        # From bytes, since polars treats brackets and stars in a path as a pattern.
        content = io.BytesIO(read_bytes(path, MOST_BYTES))
        with _no_panic_report():
            table = pl.read_parquet(content)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError) as error:
        raise DataError(f"{path.name} is not a readable Parquet file: write it again") from error
    if table.height == 0:
        raise DataError(f"{path.name} has columns, but no rows: add some")
    return plain_texts(table)


@contextmanager
def _no_panic_report() -> Iterator[None]:
    """Suppress the long report that polars' Rust code writes to stderr before it raises an exception."""
    try:
        stderr = os.dup(2)
    except OSError:  # stderr is closed
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a device, not a path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
TABLES: Mapping[str, "Callable[[Path], pl.DataFrame]"] = {".parquet": _parquet, ".pq": _parquet}
"""Suffix -> reader of a table that stores column types."""
ARRAYS: Mapping[str, Callable[[Path], RawArrays]] = {".npz": read_npz}
"""Suffix -> reader of arrays."""


Source: TypeAlias = "str | Path | tuple[Any, Any] | Frame"
"""A data source: a built-in name, a file, arrays `(X, y)`, or a data frame."""
Found: TypeAlias = "str | Path | pl.DataFrame | RawArrays"


def find_source(source: Source) -> Found:
    """The name of a built-in set as str, a file's path as Path, a table, or arrays.

    Raises:
        DataError: it is none of these, or it is a folder, a file that cannot be read, or a file with an unknown suffix.
    """
    if isinstance(source, tuple):
        return _arrays(source)
    if is_frame(source):
        return frame_table(source)
    if isinstance(source, str | Path):
        return _name_or_file(source)
    raise DataError(
        f"data cannot be read from {type(source).__name__}: pass a built-in name, a file, arrays (X, y), or a data "
        "frame with its target"
    )


def _name_or_file(source: str | Path) -> str | Path:
    name = str(source)
    if not name.strip():  # an empty path means the working folder
        raise DataError("the name of the data is empty: pass the name of a built-in data set, or a file")
    if name in BUILT_IN_NAMES:
        return name
    path = Path(source).expanduser()
    if path.is_dir():
        raise DataError(f"{path} is a folder: pass a CSV, Parquet or NPZ file, or the name of a built-in data set")
    if not path.exists():
        if "/" not in name and not path.suffix:
            raise DataError(f"there is no data set or file '{name}': {nearest(name, BUILT_IN_NAMES)}")
        raise DataError(f"there is no file {path}: check the path")
    suffixes = (*TEXT_SUFFIXES, *TABLES, *ARRAYS)
    if path.suffix.lower() not in suffixes:
        raise DataError(f"{path.name} has the unknown suffix '{path.suffix}': save it as one of {', '.join(suffixes)}")
    try:
        plain_size(path)  # opening a pipe could block forever
        with path.open("rb"):
            pass
    except ValueError as error:
        raise DataError(f"{path} {error}: save its content to a file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): check its permissions") from error
    return path


def _arrays(pair: tuple[Any, ...]) -> RawArrays:
    if len(pair) != 2:
        raise DataError(
            f"arrays must be (X, y), got {len(pair)} values: use from_arrays to pass weights and further splits"
        )
    return RawArrays(*pair)


def name_of(found: Found) -> str:
    """The source's name in messages."""
    if isinstance(found, Path):
        return found.name
    return found if isinstance(found, str) else "arrays" if isinstance(found, RawArrays) else "frame"


def is_table(found: Found) -> "TypeGuard[Path | pl.DataFrame]":
    """Whether a result of `find_source` is a table (for `read_table`) and not arrays (for `read_arrays`)."""
    if isinstance(found, str | RawArrays):
        return False
    return not isinstance(found, Path) or found.suffix.lower() not in ARRAYS


def read_arrays(found: Found, data_dir: str | Path | None, *, show_progress: bool) -> RawArrays:
    """The arrays of a file or of a built-in set, whose files are searched in `data_dir` first. Arrays are unchanged."""
    if isinstance(found, RawArrays):
        return found
    if isinstance(found, Path):
        return ARRAYS[found.suffix.lower()](found)
    return load_builtin(str(found), data_dir, show_progress=show_progress)


def read_table(
    found: "Path | pl.DataFrame",
    header: bool | None = None,
    known: Collection[str] = (),
    missing: tuple[str, ...] | None = None,
    wanted: str = "",
) -> RawTable:
    """Read a table.

    Args:
        found: a file or a table, from `find_source`.
        header: whether delimited text has a line of column names; None infers it from the content.
        known: column names of the training data; a first line with any of them is a header.
        wanted: a column name; a first line that contains it is a header.
        missing: the only words that mark missing cells, in every column; None decides by the column's content.

    Returns:
        The table.

    Raises:
        DataError: the content does not match the suffix, or there are no rows.
    """
    if not isinstance(found, Path):
        raw = RawTable(found)
    elif read := TABLES.get(found.suffix.lower()):
        raw = RawTable(read(found))
    else:
        raw = read_delimited(found, header, known, wanted)
    for name in raw.table.columns:
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise DataError(f"{name_of(found)} has a column named '{name}', which polars reads as a pattern: rename it")
    table = without_given(raw.table, missing or ())
    if missing and not known and table.null_count().equals(raw.table.null_count()):
        raw = replace(raw, notices=(*raw.notices, f"no cell is {' or '.join(map(repr, missing))} (option missing)"))
    return replace(raw, table=table, missing=missing)


def typed(raw: RawTable) -> RawTable:
    """The table with float64 columns in place of the text columns whose cells are all numbers."""
    columns = {}
    for name, decision in decided(raw).items():
        values, unread = read_numbers(raw.table[name], decision.reading, raw.words)
        if decision.is_number and not unread.any():
            columns[name] = values
    return raw.named(raw.table.with_columns(**columns)) if columns else raw


def find_column(columns: list[str], wanted: str | int, what: str, file: str) -> str:
    """The name of a column given by name or by index (from 0; −1 is the last). Names take precedence.

    Raises:
        DataError: there is no such column; the message suggests similar names.

    Example:
        >>> find_column(["a", "b"], "-1", "target", "t.csv")
        'b'
    """
    text = str(wanted)
    if text in columns:
        return text
    if re.fullmatch(r"-?\d{1,9}", text):
        position = int(text)
        if -len(columns) <= position < len(columns):
            return columns[position]
        last = len(columns) - 1
        raise DataError(f"{file} has no column {position}: use 0 to {last}, or −1 (the last) to −{last + 1}")
    raise DataError(f"{file} has no column '{text}' for the {what}: {nearest(text, columns)}")
