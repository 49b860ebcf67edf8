"""Delimited text (CSV, TSV and their kin) to a table of text: separator and header told from the content."""

import csv
import io
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import TYPE_CHECKING

from trainwell.core.errors import DataError
from trainwell.data.columns import as_texts

if TYPE_CHECKING:
    import polars as pl

# Where two fit equally well, the earlier: semicolons and tabs hardly occur by chance, commas do ("1,5;2,5").
SEPARATORS = ("\t", ";", ",", "|")
SAMPLE_LINES = 100
DECIMAL_COMMA = r"^([+-]?\d*),(\d+)$"


def read_delimited(path: Path, header: bool | None = None, known: Collection[str] = ()) -> "tuple[pl.DataFrame, bool]":
    """Read delimited text, every cell as stripped text and null where it is missing.

    Args:
        path: the file, UTF-8, with commas, semicolons, tabs or bars between the cells.
        header: whether the first line names the columns; None tells it from the content.
        known: column names that would be recognised as a header.

    Returns:
        The table, and whether it had a header. Without one, columns are `column_0`, `column_1`, ….

    Raises:
        DataError: not text, empty, lines of different length, no rows, or a column name twice.
    """
    text = _text(path)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs a line of column names and rows")
    separator = sniff_separator(text)
    cells = _cells(text, separator, path.name)
    if header is None:
        header = bool(set(_first_row(cells)) & set(known)) if known else looks_like_header(cells)
    if header:
        cells = _named(cells, path.name)
    else:
        cells = cells.rename({name: f"column_{index}" for index, name in enumerate(cells.columns)})
    if separator == ";":
        cells = _decimal_points(cells)
    return cells, header


def _text(path: Path) -> str:
    """The file's text with Unix line ends, or an error that says what the file holds instead."""
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path.name} is UTF-16 text: save it as UTF-8")
    if b"\0" in content:
        raise DataError(
            f"{path.name} is no text file (byte 0 at position {content.index(0)}): pass CSV, Parquet or NPZ"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is no UTF-8 text (byte 0x{content[error.start]:02x} at position {error.start}): save it as "
            "UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def sniff_separator(text: str) -> str:
    r"""The separator that cuts most lines into the same number of cells, more than one.

    Example:
        >>> sniff_separator("a;b\n1,5;2\n2,5;3\n")
        ';'
    """
    lines = [line for line in text.split("\n", SAMPLE_LINES + 1)[: SAMPLE_LINES + 1] if line.strip()][:SAMPLE_LINES]
    best, best_share = ",", 0.0
    for separator in SEPARATORS:
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator) if row)
        width, count = widths.most_common(1)[0]
        share = count / widths.total()
        if width > 1 and share > best_share:
            best, best_share = separator, share
    return best


def _cells(text: str, separator: str, name: str) -> "pl.DataFrame":
    """All lines as cells of text; a header is still the first row."""
    import polars as pl

    widths = _check_widths(text, separator, name)
    if widths is None:
        text = "\n".join(line for line in text.split("\n") if line.strip()) + "\n"
    try:
        cells = pl.read_csv(
            io.BytesIO(text.encode()),
            separator=separator,
            has_header=False,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except pl.exceptions.PolarsError as error:
        reason = str(error).split("\n", 1)[0]
        raise DataError(f"{name} cannot be read as delimited text ({reason}): check its quotes") from error
    if widths is not None:
        if len(widths) != cells.height:
            raise DataError(f"{name} has quotes within cells that cannot be told apart: double them, or remove them")
        cells = cells.filter(pl.Series(widths) > 0)
    return pl.DataFrame([as_texts(column) for column in cells])


def _check_widths(text: str, separator: str, name: str) -> list[int] | None:
    """Refuse lines of different length, which polars would fill up; the widths of all records if any is quoted."""
    if '"' not in text:
        expected = 0
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                width = line.count(separator) + 1
                expected = expected or width
                _same_width(width, expected, number, name)
        return None
    widths: list[int] = []
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            blank = not row or (len(row) == 1 and not row[0].strip())
            widths.append(0 if blank else len(row))
            if not blank:
                _same_width(len(row), next(width for width in widths if width), reader.line_num, name)
    except csv.Error as error:
        raise DataError(f"{name}, line {reader.line_num}: {error}") from error
    return widths


def _same_width(width: int, expected: int, line: int, name: str) -> None:
    if width != expected:
        raise DataError(
            f"{name}, line {line} has {width} cells and the first line {expected}: put the missing ones in (they may "
            "be empty), and quote cells that contain the separator"
        )


def _first_row(cells: "pl.DataFrame") -> list[str]:
    return [cell or "" for cell in cells.row(0)]


def looks_like_header(cells: "pl.DataFrame") -> bool:
    """Whether the first row names the columns.

    It does if some column has text there and numbers below. It does not if any cell of it is a number, or
    all are missing. Where everything is text, names do not occur again in their own column, values do.
    """
    import polars as pl

    first = _first_row(cells)
    numeric = cells.select(pl.all().cast(pl.Float64, strict=False))
    below = cells.slice(1)
    for name, cell in zip(cells.columns, first, strict=True):
        filled = below[name].drop_nulls()
        all_numbers = len(filled) > 0 and numeric[name].slice(1).drop_nulls().len() == len(filled)
        if all_numbers and cell and numeric[name][0] is None:
            return True
    if not any(first) or any(number is not None for number in numeric.row(0)):
        return False
    if len({cell for cell in first if cell}) < sum(1 for cell in first if cell):
        return False
    return not any(cell and (below[name] == cell).any() for name, cell in zip(cells.columns, first, strict=True))


def _named(cells: "pl.DataFrame", file: str) -> "pl.DataFrame":
    """Columns named by the first row, which is taken off."""
    names = [cell or f"column_{index}" for index, cell in enumerate(_first_row(cells))]
    for name, count in Counter(names).items():
        if count > 1:
            where = " and ".join(str(index + 1) for index, other in enumerate(names) if other == name)
            raise DataError(f"{file} names column '{name}' more than once (columns {where}): rename one of them")
    if cells.height == 1:
        raise DataError(f"{file} has a header and no rows: add some")
    return cells.slice(1).rename(dict(zip(cells.columns, names, strict=True)))


def _decimal_points(cells: "pl.DataFrame") -> "pl.DataFrame":
    """Decimal commas as points, as files with semicolons have them."""
    import polars as pl

    return cells.select(pl.all().str.replace(DECIMAL_COMMA, "${1}.${2}"))
