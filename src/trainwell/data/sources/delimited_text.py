"""Delimited text (CSV, TSV and their kin) to a table of text: separator and header told from the content."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainwell.core import DataError, read_bytes
from trainwell.data.sources.header import tell_header

if TYPE_CHECKING:
    import polars as pl

# Where two fit equally well, the earlier: semicolons and tabs hardly occur by chance, commas do ("1,5;2,5").
SEPARATORS = ("\t", ";", ",", "|")
SAMPLE_LINES, SAMPLE_CHARACTERS = 100, 1 << 20
ROWS_AT_ONCE = 20_000  # of quoted text, which becomes Python's own objects first
MOST_COMMENTS = 1000
MOST_BYTES = 1 << 36
TOLD = re.compile(r'\n*"?sep=([\t -~])"?[ ]*\n', re.IGNORECASE)  # Excel's first line
NUMBER = re.compile(r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)?")


@dataclass(frozen=True, eq=False)
class DelimitedText:
    """The cells of a text file.

    Attributes:
        table: every cell as text without surrounding blanks, null where it is empty. Without a header, columns are
            `column_0`, `column_1`, …, and so are those that the header leaves unnamed.
        has_header: whether the first row named the columns.
        unnamed: the columns that it left without a name.
        separator: between the cells; a blank stands for any number of blanks.
        notices: what was guessed.
    """

    table: "pl.DataFrame"
    has_header: bool
    unnamed: tuple[str, ...]
    separator: str
    notices: tuple[str, ...]


def read_delimited(
    path: Path, header: bool | None = None, known: Collection[str] = (), wanted: str = ""
) -> DelimitedText:
    """Read delimited text.

    Args:
        path: the file, UTF-8, with commas, semicolons, tabs, bars or blanks between the cells.
        header: whether the first line names the columns; None tells it from the content.
        known: column names that would be recognised as a header.
        wanted: a name that shows a header where it occurs.

    Raises:
        DataError: not text, empty, lines of different length, no rows, or a column name twice.
    """
    text, comments = _without_comments(_text(path))
    separator, text = _separator(text)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs a line of column names and rows")
    cells = _cells(text, separator, path.name)
    notices = [f"{path.name} is read as separated by blanks"] if separator == " " else []
    if comments:
        notices.append(f"{path.name}: {comments} lines of comments at its top (#) are left out")
    blank = sum(1 for line in io.StringIO(text.strip("\n")) if not line.strip()) if cells.width == 1 else 0
    if blank:  # in a file of one column they may be rows
        notices.append(f"{path.name} has one column, and blank lines ({blank}) are no rows of it")
    if header is None:
        header, notice = tell_header(cells, known, wanted)
        notices += [notice] if notice else []
    unnamed: tuple[str, ...] = ()
    if header:
        unnamed = tuple(f"column_{index}" for index, name in enumerate(cells.row(0)) if name is None)
        cells = _named(cells, path.name)
    else:
        cells.columns = [f"column_{index}" for index in range(cells.width)]
    return DelimitedText(cells, header, unnamed, separator, tuple(notices))


def _text(path: Path) -> str:
    """The file's text with Unix line ends, or an error that says what the file holds instead."""
    try:
        content = read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): pass a file of text") from error
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


def _without_comments(text: str) -> tuple[str, int]:
    """The text without the lines at its top that start with # and are cut unlike the others, and how many they are."""
    lines = text.lstrip().split("\n", MOST_COMMENTS)
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    rest = "\n".join(lines[count:])
    if not count or not rest.strip():
        return text, 0
    separator = sniff_separator(rest)
    if lines[count - 1].count(separator) == lines[count].count(separator):  # the names of the columns: #id,x,y
        count -= 1
    return "\n".join(lines[count:]), count


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text without Excel's line that says it."""
    if told := TOLD.match(text):
        return told[1], text[told.end() :]
    return sniff_separator(text) if text.strip() else ",", text


def sniff_separator(text: str) -> str:
    r"""The separator that cuts most lines into the same number of cells, more than one; a blank if only blanks do.

    Example:
        >>> sniff_separator("a;b\n1,5;2\n2,5;3\n")
        ';'
    """
    csv.field_size_limit(max(csv.field_size_limit(), len(text)))
    lines = _sample(text)
    best, best_share = ",", 0.0
    for separator in SEPARATORS:
        share = _share(_rows(lines, separator))
        if share > best_share:
            best, best_share = separator, share
    if best == "," and _share(_rows(lines, " ")) == 1:
        by_blanks, by_commas = _numbers(_rows(lines, " ")), _numbers(_rows(lines, ","))  # "1,5 2,5" has both
        return " " if best_share == 0 or by_blanks > by_commas else best
    return best


def _sample(text: str) -> list[str]:
    """The first lines that are not blank, so many that a wide table is not read whole."""
    lines: list[str] = []
    length = 0
    for line in _lines(text):
        if len(lines) > 1 and (len(lines) >= SAMPLE_LINES or length > SAMPLE_CHARACTERS):
            break
        lines.append(line)
        length += len(line)
    return lines


def _lines(text: str) -> Iterator[str]:
    """The lines that are not blank."""
    return (line for line in io.StringIO(text) if line.strip())


def _share(rows: Iterable[list[str]]) -> float:
    """The share of rows that have the commonest number of cells; 0 if that is one."""
    widths = Counter(len(row) for row in rows if row)
    width, count = widths.most_common(1)[0]
    return count / widths.total() if width > 1 else 0.0


def _numbers(rows: Iterable[list[str]]) -> float:
    """The share of cells that are numbers."""
    cells = [cell for row in rows for cell in row]
    return sum(1 for cell in cells if NUMBER.fullmatch(cell.strip())) / len(cells)


def _rows(lines: Iterable[str], separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """Cells of each record. Blanks that separate may be several, and stand around the line."""
    if separator == " ":
        lines = (line.replace("\t", " ").strip() for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=separator == " ", strict=strict)


def _cells(text: str, separator: str, name: str) -> "pl.DataFrame":
    """All lines as cells of text; a header is still the first row."""
    import polars as pl

    cut = _quoted if '"' in text or separator == " " else _unquoted
    table = cut(text, separator, name)
    stripped = table.select(pl.all().str.strip_chars())
    return stripped.select(pl.when(pl.all() != "").then(pl.all()).name.keep())


def _unquoted(text: str, separator: str, name: str) -> "pl.DataFrame":
    """Lines cut at the separator. polars would fill short lines up, so that their lengths are compared first."""
    import polars as pl

    expected = 0
    for number, line in enumerate(io.StringIO(text), start=1):
        if line.strip():
            width = line.count(separator) + 1
            expected = expected or width
            _same_width(width, expected, number, name)
    content = io.BytesIO("".join(_lines(text)).encode())
    try:
        return pl.read_csv(
            content,
            separator=separator,
            quote_char=None,
            has_header=False,
            infer_schema=False,
            empty_string_is_null=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(f"{name} cannot be read as delimited text: write it again as CSV in UTF-8") from error


def _quoted(text: str, separator: str, name: str) -> "pl.DataFrame":
    """Lines with quotes, which hold separators and line ends, or stand for inches within a cell."""
    import polars as pl

    reader = _rows(io.StringIO(text, newline=""), separator, strict=True)
    rows = _checked(reader, name)
    tables = []
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        columns = zip(*chunk, strict=True)
        tables.append(pl.DataFrame([pl.Series(str(i), cells, pl.String) for i, cells in enumerate(columns)]))
    return pl.concat(tables)


def _checked(reader: Any, name: str) -> Iterator[list[str]]:
    """Records that are not blank, all of the same length."""
    expected, line = 0, 0
    try:
        for row in reader:
            line, start = reader.line_num, line + 1
            if row and (len(row) > 1 or row[0].strip()):
                expected = expected or len(row)
                _same_width(len(row), expected, start, name)
                yield row
    except csv.Error as error:
        what = "opens a quote that nothing closes" if "end of data" in str(error) else "has text after a closing quote"
        raise DataError(f"{name}, line {line + 1} {what}: check its quotes, and double those within a cell") from error


def _same_width(width: int, expected: int, line: int, name: str) -> None:
    if width != expected:
        raise DataError(
            f"{name}, line {line} has {width} cells and the first line {expected}: put the missing ones in (they may "
            "be empty), and quote cells that contain the separator"
        )


def _named(cells: "pl.DataFrame", file: str) -> "pl.DataFrame":
    """Columns named by the first row, which is taken off."""
    names = [cell or f"column_{index}" for index, cell in enumerate(cells.row(0))]
    for name, count in Counter(names).items():
        if count > 1:
            where = " and ".join(str(index + 1) for index, other in enumerate(names) if other == name)
            raise DataError(f"{file} names column '{name}' more than once (columns {where}): rename one of them")
    if cells.height == 1:
        raise DataError(f"{file} has a header and no rows: add some")
    rows = cells.slice(1)
    rows.columns = names
    return rows
