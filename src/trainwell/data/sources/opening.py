"""What the user names, opened: a built-in set, an archive of arrays, or a table (delimited text, Parquet)."""

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
from trainwell.data.notices import Notify
from trainwell.data.sources.builtin import BUILT_IN_NAMES, load_builtin
from trainwell.data.sources.delimited_text import MOST_BYTES, read_delimited
from trainwell.data.sources.frames import Frame, frame_table, is_frame
from trainwell.data.sources.npz import read_npz
from trainwell.data.sources.raw import RawArrays, RawTable, without_given

if TYPE_CHECKING:
    import polars as pl


def _parquet(path: Path) -> "pl.DataFrame":
    """Columns of numbers, truth values, dates and so on as they are; whatever is text as text without blanks."""
    import polars as pl

    try:
        # From bytes: given a path, polars takes brackets and stars in it as a pattern for several files.
        content = io.BytesIO(read_bytes(path, MOST_BYTES))
        with _no_panic_report():
            table = pl.read_parquet(content)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError, MemoryError) as error:
        raise DataError(f"{path.name} is no readable Parquet file: write it again") from error
    if table.height == 0:
        raise DataError(f"{path.name} has columns and no rows: add some")
    return plain_texts(table)


@contextmanager
def _no_panic_report() -> Iterator[None]:
    """Without the pages that polars' Rust code writes to file 2 where a file is damaged, before the exception."""
    try:
        stderr = os.dup(2)
    except OSError:  # it is closed
        yield
        return
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123  # a device, no path
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)


TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
TABLES: Mapping[str, "Callable[[Path], pl.DataFrame]"] = {".parquet": _parquet, ".pq": _parquet}
"""What reads a table whose columns have types of their own, by the file's suffix."""
ARRAYS: Mapping[str, Callable[[Path], RawArrays]] = {".npz": read_npz}
"""What reads arrays."""


Source: TypeAlias = "str | Path | tuple[Any, Any] | Frame"
"""What data are read from: a built-in name, a file, arrays `(X, y)`, or a data frame."""
Found: TypeAlias = "str | Path | pl.DataFrame | RawArrays"


def find_source(source: Source) -> Found:
    """The name of a built-in set, the path of a file, a table, or arrays.

    Raises:
        DataError: it is none of them, or the file is a folder, not readable, or of an unknown suffix.
    """
    if isinstance(source, tuple):
        return _arrays(source)
    if is_frame(source):
        return frame_table(source)
    if isinstance(source, str | Path):
        return _name_or_file(source)
    raise DataError(
        f"{type(source).__name__} is no source of data: pass a built-in name, a file, arrays (X, y), or a data frame "
        "with its target"
    )


def _name_or_file(source: str | Path) -> str | Path:
    name = str(source)
    if not name.strip():  # it would otherwise be the working folder
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
        plain_size(path)  # before it is opened: a pipe would be waited for without end
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
            f"arrays are given as (X, y), got {len(pair)} values: from_arrays takes weights and further splits, too"
        )
    return RawArrays(*pair)


def name_of(found: Found) -> str:
    """What messages call it."""
    if isinstance(found, Path):
        return found.name
    return found if isinstance(found, str) else "arrays" if isinstance(found, RawArrays) else "frame"


def is_table(found: Found) -> "TypeGuard[Path | pl.DataFrame]":
    """Whether what `find_source` found is a table; else `read_arrays` reads it."""
    if isinstance(found, str | RawArrays):
        return False
    return not isinstance(found, Path) or found.suffix.lower() not in ARRAYS


def read_arrays(found: Found, data_dir: str | Path | None, notify: Notify | None) -> RawArrays:
    """The arrays of a built-in set, whose files may be in `data_dir`, or of a file; those that are given."""
    if isinstance(found, RawArrays):
        return found
    return (
        ARRAYS[found.suffix.lower()](found) if isinstance(found, Path) else load_builtin(str(found), data_dir, notify)
    )


def read_table(
    found: "Path | pl.DataFrame",
    header: bool | None = None,
    known: Collection[str] = (),
    missing: tuple[str, ...] | None = None,
    wanted: str = "",
) -> RawTable:
    """Read a table.

    Args:
        found: a file that `find_source` has accepted, or a table that it has made.
        header: whether delimited text has a line of column names; None tells it from the content.
        known: column names to recognise a header by.
        wanted: a name that shows a header where it occurs.
        missing: the only words that stand for missing cells, in every column; None leaves it to what a column holds.

    Raises:
        DataError: the file cannot be read as its suffix says, or has no rows.
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
        raw = replace(raw, notices=(*raw.notices, f"no cell is {' or '.join(map(repr, missing))}, given as missing"))
    return replace(raw, table=table, missing=missing)


def typed(raw: RawTable) -> RawTable:
    """The same with numbers for the columns of a text file that are all numbers."""
    columns = {}
    for name, decision in decided(raw).items():
        values, unread = read_numbers(raw.table[name], decision.reading, raw.words)
        if decision.is_number and not unread.any():
            columns[name] = values
    return raw.named(raw.table.with_columns(**columns)) if columns else raw


def find_column(columns: list[str], wanted: str | int, what: str, file: str) -> str:
    """A column by name or by position (from 0; −1 is the last); a name wins over a position.

    Raises:
        DataError: there is no such column; the line offers the nearest name.

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
        raise DataError(f"{file} has no column {position}: positions go from 0 to {last}, or −1 (last) to −{last + 1}")
    raise DataError(f"{file} has no column '{text}' for the {what}: {nearest(text, columns)}")
