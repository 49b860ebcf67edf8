"""Table files by their suffix: delimited text and Parquet."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core.errors import DataError
from trainwell.core.reading import plain_size
from trainwell.data.columns import as_numbers
from trainwell.data.delimited_text import read_delimited

if TYPE_CHECKING:
    import polars as pl

TEXT_SUFFIXES = (".csv", ".tsv", ".tab", ".txt", ".data", ".dat")
PARQUET_SUFFIXES = (".parquet", ".pq")
SUFFIXES = (*TEXT_SUFFIXES, *PARQUET_SUFFIXES, ".npz")


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table as its file has it, columns of text that are all numbers turned into numbers."""

    table: "pl.DataFrame"
    headerless: bool


def read_table(path: Path, header: bool | None = None, known: Collection[str] = ()) -> RawTable:
    """Read a table.

    Args:
        path: the file; `check_file` has accepted it.
        header: whether delimited text has a line of column names; None tells it from the content.
        known: column names to recognise a header by.

    Raises:
        DataError: the file cannot be read as its suffix says, or has no rows.
    """
    is_text = path.suffix.lower() in TEXT_SUFFIXES
    table, has_header = read_delimited(path, header, known) if is_text else (_parquet(path), True)
    for name in table.columns:
        if name.startswith("^") and name.endswith("$"):
            raise DataError(f"{path.name} has a column named '{name}', which polars reads as a pattern: rename it")
    return RawTable(_typed_table(table) if is_text and not known else table, not has_header)


def _parquet(path: Path) -> "pl.DataFrame":
    import polars as pl

    try:
        table = pl.read_parquet(path)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).split("\n", 1)[0]
        raise DataError(f"{path.name} is no readable Parquet file ({reason}): write it again") from error
    if table.height == 0:
        raise DataError(f"{path.name} has columns and no rows: add some")
    return table


def _typed_table(cells: "pl.DataFrame") -> "pl.DataFrame":
    import polars as pl

    return pl.DataFrame([_typed(column) for column in cells])


def _typed(column: "pl.Series") -> "pl.Series":
    """Text that is all numbers as numbers."""
    import polars as pl

    numbers = column.cast(pl.Float64, strict=False)
    if numbers.null_count() > column.null_count() or column.null_count() == len(column):
        return column
    return pl.Series(column.name, as_numbers(column), nan_to_null=True)


def check_name(source: str) -> None:
    """Refuse the empty name, which would otherwise be the working folder."""
    if not source.strip():
        raise DataError("the name of the data is empty: pass the name of a built-in data set, or a file")


def check_file(path: Path) -> None:
    """Refuse what is no readable file of a known kind.

    Raises:
        DataError: missing, a folder, not readable, or of an unknown suffix.
    """
    if path.is_dir():
        raise DataError(f"{path} is a folder: pass a CSV, Parquet or NPZ file, or the name of a built-in data set")
    if not path.exists():
        raise DataError(f"there is no file {path}: check the path")
    if path.suffix.lower() not in SUFFIXES:
        raise DataError(f"{path.name} has the unknown suffix '{path.suffix}': save it as one of {', '.join(SUFFIXES)}")
    try:
        plain_size(path)  # before it is opened: a pipe would be waited for without end
        with path.open("rb"):
            pass
    except ValueError as error:
        raise DataError(f"{path} {error}: save its content to a file") from error
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror}): check its permissions") from error


def find_column(columns: list[str], wanted: str | int, what: str, file: str) -> str:
    """A column by name or by position (from 0; −1 is the last); a name wins over a position.

    Raises:
        DataError: there is no such column; the line offers the nearest name.

    Example:
        >>> find_column(["a", "b"], "-1", "target", "t.csv")
        'b'
    """
    from trainwell.core.names import nearest

    text = str(wanted)
    if text in columns:
        return text
    if text.lstrip("-").isdecimal():
        position = int(text)
        if -len(columns) <= position < len(columns):
            return columns[position]
        last = len(columns) - 1
        raise DataError(f"{file} has no column {position}: positions go from 0 to {last}, or −1 (last) to −{last + 1}")
    raise DataError(f"{file} has no column '{text}' for the {what}: {nearest(text, columns)}")
