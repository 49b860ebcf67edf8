"""Reads delimited text (CSV, TSV and similar formats) as a table of text. Separator and header are inferred."""

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainwell.core import DataError, read_bytes
from trainwell.data.sources.raw import RawTable

if TYPE_CHECKING:
    import polars as pl

WHOLE = re.compile(r"[+-]?\d{1,18}")
NUMBER_LIKE = r"^\P{L}*\d\P{L}*(?:[eE][+-]?\d+)?$"  # includes dates
ENOUGH_ROWS = 10  # with at least this many rows and no whole number, a column counts as fractions
MIN_EQUAL_STEPS = 4  # this many whole numbers in equal steps, such as 0, 1, 2, 3, are hardly a coincidence
ROWS_TO_COMPARE = 1000
MOST_SHOWN = 4
SEPARATORS = ("\t", ";", ",", "|")
"""In order of priority: if several fit equally well, the first is used. Commas may also be decimal marks (1,5;2,5)."""
ROWS_AT_ONCE = 20_000  # rows of quoted text parsed at a time, to limit memory
MOST_COMMENTS = 1000
MOST_BYTES = 1 << 36
SEPARATOR_LINE = re.compile(r'\n*"?sep=([\t -~])"?[ ]*\n', re.IGNORECASE)  # Excel's first line
NUMBER = re.compile(r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)?")


def detect_header(cells: "pl.DataFrame", known: Collection[str] = (), wanted: str = "") -> tuple[bool, str]:
    """Whether the first row is a header, and a notice if that is uncertain.

    * If column names are known, it is a header if it contains them.
    * If a column has text in the first row and numbers below, it is a header.
    * If all rows are text, it is a header if no name occurs again in its own column.
    * If the first row has numbers, it is a header only if these cannot be values (`numbers_name_columns`).

    Args:
        cells: all rows, as text, null where a cell is empty.
        known: column names of the training data; if empty, the content decides.
        wanted: a column name, such as the target's: a first row that contains it is a header. Ignored if it is a
            number, which may be an index.

    Returns:
        Whether it is a header; and a notice, empty if there is no doubt.
    """
    import polars as pl

    first = [cell or "" for cell in cells.row(0)]
    if known:
        return _has_known(first, set(known)), ""
    if wanted in first and wanted and not WHOLE.fullmatch(wanted):
        return True, ""
    like = pl.Series(first).str.contains(NUMBER_LIKE).to_list()
    texts = [index for index, cell in enumerate(first) if cell and not like[index]]
    numbers = [index for index, cell in enumerate(first) if cell and like[index]]
    if cells.height == 1 or not (texts or numbers):
        return bool(texts) and not numbers, ""
    if any(names_column(cells.to_series(index)) for index in texts):
        return True, ""
    names = [first[index] for index in texts]
    if len(set(names)) < len(names) or any((cells.to_series(i).slice(1) == first[i]).any() for i in texts):
        return False, ""
    if not numbers:
        return True, _notice(names, "its texts do not occur below", is_header=True)
    named, doubtful = numbers_name_columns(cells, numbers)
    why = "its numbers differ from those below" if named else "its numbers may be values"
    return named, _notice([cell for cell in first if cell], why, is_header=named) if doubtful else ""


def _has_known(first: Sequence[str], known: set[str]) -> bool:
    """Whether the first row has a known name. If known names are numbers, at least half of the row must be known."""
    found = [cell for cell in first if cell in known]
    return any(not WHOLE.fullmatch(cell) for cell in found) or 0 < len(first) <= 2 * len(found)


def names_column(column: "pl.Series") -> bool:
    """Whether the first cell is text and most cells below are numbers or similar (such as dates)."""
    filled = column.slice(1).drop_nulls()
    if column[0] is None or column.head(1).str.contains(NUMBER_LIKE)[0]:
        return False
    return len(filled) > 0 and 2 * int(filled.str.contains(NUMBER_LIKE).sum()) > len(filled)


def numbers_name_columns(cells: "pl.DataFrame", columns: Sequence[int]) -> tuple[bool, bool]:
    """Whether numbers in the first row are column names, such as years, and whether that is uncertain.

    They are if they are distinct whole numbers and none can be a value of its column, because it is outside the
    column's range, or the column has only fractions. Four or more numbers in equal steps, such as 0, 1, 2, 3, are names
    if no row below has equal steps.
    """
    first = [cells.row(0)[index] or "" for index in columns]
    if not all(WHOLE.fullmatch(cell) for cell in first) or len(set(first)) < len(first):
        return False, False
    steps = _equal_steps(first)
    unlike = [_unlike(cells.to_series(i).slice(1), int(cell)) for i, cell in zip(columns, first, strict=True)]
    outside = all(far for far, _ in unlike)
    if (outside and (steps or len(first) > 2)) or (steps and all(far or fractions for far, fractions in unlike)):
        return True, True
    below = zip(*(cells.to_series(index).slice(1, ROWS_TO_COMPARE).to_list() for index in columns), strict=True)
    alone = steps and len(first) >= MIN_EQUAL_STEPS and not any(_row_in_steps(row) for row in below)
    return alone, steps or outside or alone


def _equal_steps(cells: Sequence[str]) -> bool:
    steps = {int(right) - int(left) for left, right in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps


def _row_in_steps(row: Sequence[str | None]) -> bool:
    return all(cell is not None and WHOLE.fullmatch(cell) for cell in row) and _equal_steps([str(cell) for cell in row])


def _unlike(below: "pl.Series", number: int) -> tuple[bool, bool]:
    """Whether a number is outside a column's range, and whether the column has only fractions."""
    import polars as pl

    filled = below.drop_nulls()
    values = filled.cast(pl.Float64, strict=False).to_numpy()
    values = values[np.isfinite(values)]
    if 2 * len(values) <= len(filled):
        return True, True  # mostly text, or empty
    return not values.min() <= number <= values.max(), len(values) >= ENOUGH_ROWS and not (values % 1 == 0).any()


def _notice(first: Sequence[str], why: str, *, is_header: bool) -> str:
    shown = ", ".join(first[:MOST_SHOWN]) + (", …" if len(first) > MOST_SHOWN else "")
    what = "the column names (if not: --no-header)" if is_header else "a row (if it has the names: --header)"
    return f"the first line, {shown}, is taken as {what}, because {why}"


SAMPLE_LINES, SAMPLE_CHARACTERS = 100, 1 << 20


def read_delimited(path: Path, header: bool | None = None, known: Collection[str] = (), wanted: str = "") -> RawTable:
    """Read delimited text; all cells stay text. Columns without a name are called `column_0`, `column_1`, ….

    Args:
        path: the file, UTF-8, with commas, semicolons, tabs, bars or blanks between cells.
        header: whether the first line names the columns; None infers it (`detect_header`).
        known: see `detect_header`.
        wanted: see `detect_header`.

    Returns:
        The table.

    Raises:
        DataError: the file is not text or is empty, lines have different numbers of cells, there are no rows, or two
            columns have the same name.
    """
    text, comments = _without_comments(_text(path))
    separator, text = _separator(text)
    if not text.strip():
        raise DataError(f"{path.name} is empty: it needs rows, and should have a line of column names")
    cells = _cells(text, separator, path.name)
    notices = [f"{path.name} is read with blanks as separators"] if separator == " " else []
    if comments:
        notices.append(f"{path.name}: the first {comments} lines are comments (#) and are ignored")
    blank = sum(1 for line in io.StringIO(text.strip("\n")) if not line.strip()) if cells.width == 1 else 0
    if blank:  # in a file with one column, an empty line could be an empty cell
        notices.append(f"{path.name} has one column; its blank lines ({blank}) are ignored")
    if header is None:
        header, notice = detect_header(cells, known, wanted)
        notices += [notice] if notice else []
    unnamed: tuple[str, ...] = ()
    if header:
        unnamed = tuple(f"column_{index}" for index, name in enumerate(cells.row(0)) if name is None)
        cells = _named(cells, path.name)
    else:
        cells.columns = [f"column_{index}" for index in range(cells.width)]
    return RawTable(cells, not header, unnamed, separator, is_text=True, notices=tuple(notices))


def _text(path: Path) -> str:
    r"""The file's text with `\n` as line end.

    Raises:
        DataError: it cannot be read, or is not UTF-8 text.
    """
    try:
        content = read_bytes(path, MOST_BYTES)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read ({error}): pass a text file") from error
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise DataError(f"{path.name} is UTF-16 text: save it as UTF-8")
    if b"\0" in content:
        raise DataError(
            f"{path.name} is not a text file (byte 0 at position {content.index(0)}): pass CSV, Parquet or NPZ"
        )
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path.name} is not UTF-8 text (byte 0x{content[error.start]:02x} at position {error.start}): save it as "
            "UTF-8"
        ) from error
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _without_comments(text: str) -> tuple[str, int]:
    """The text without the comment lines at its top, and their number.

    A last `#` line with as many separators as the next line is kept: it has the column names.
    """
    lines = text.lstrip().split("\n", MOST_COMMENTS)
    count = next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)
    rest = "\n".join(lines[count:])
    if not count or not rest.strip():
        return text, 0
    separator = sniff_separator(rest)
    if lines[count - 1].count(separator) == lines[count].count(separator):  # column names: #id,x,y
        count -= 1
    return "\n".join(lines[count:]), count


def _separator(text: str) -> tuple[str, str]:
    """The separator, and the text without Excel's line `sep=…`."""
    if found := SEPARATOR_LINE.match(text):
        return found[1], text[found.end() :]
    return sniff_separator(text) if text.strip() else ",", text


def sniff_separator(text: str) -> str:
    r"""The separator with which most lines have the same number of cells, at least two; a blank if only blanks do.

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
        by_blanks, by_commas = _numbers(_rows(lines, " ")), _numbers(_rows(lines, ","))  # "1,5 2,5" allows both
        return " " if best_share == 0 or by_blanks > by_commas else best
    return best


def _sample(text: str) -> list[str]:
    """The first lines that are not blank, limited in number and total length."""
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
    """The share of rows with the most common number of cells; 0 if that number is 1."""
    widths = Counter(len(row) for row in rows if row)
    width, count = widths.most_common(1)[0]
    return count / widths.total() if width > 1 else 0.0


def _numbers(rows: Iterable[list[str]]) -> float:
    """The share of cells that are numbers."""
    cells = [cell for row in rows for cell in row]
    return sum(1 for cell in cells if NUMBER.fullmatch(cell.strip())) / len(cells)


def _rows(lines: Iterable[str], separator: str, *, strict: bool = False) -> Iterator[list[str]]:
    """The cells of each record. Several blanks count as one separator, and blanks around a line are ignored."""
    if separator == " ":
        lines = (line.replace("\t", " ").strip() for line in lines)
    return csv.reader(lines, delimiter=separator, skipinitialspace=separator == " ", strict=strict)


def _cells(text: str, separator: str, name: str) -> "pl.DataFrame":
    """All cells as text, null where empty. A header is the first row."""
    import polars as pl

    cut = _quoted if '"' in text or separator == " " else _unquoted
    table = cut(text, separator, name)
    stripped = table.select(pl.all().str.strip_chars())
    return stripped.select(pl.when(pl.all() != "").then(pl.all()).name.keep())


def _unquoted(text: str, separator: str, name: str) -> "pl.DataFrame":
    """Parse text without quotes. Widths are checked here, because polars would fill short lines with null."""
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
    """Parse text with quotes, in which cells may contain separators, line ends or a quotation mark for inches."""
    import polars as pl

    reader = _rows(io.StringIO(text, newline=""), separator, strict=True)
    rows = _checked(reader, name)
    tables = []
    while chunk := list(islice(rows, ROWS_AT_ONCE)):
        columns = zip(*chunk, strict=True)
        tables.append(pl.DataFrame([pl.Series(str(i), cells, pl.String) for i, cells in enumerate(columns)]))
    return pl.concat(tables)


def _checked(reader: Any, name: str) -> Iterator[list[str]]:
    """The records that are not blank.

    Raises:
        DataError: they have different numbers of cells, or the quotes are wrong.
    """
    expected, line = 0, 0
    try:
        for row in reader:
            line, start = reader.line_num, line + 1
            if row and (len(row) > 1 or row[0].strip()):
                expected = expected or len(row)
                _same_width(len(row), expected, start, name)
                yield row
    except csv.Error as error:
        what = "has an unclosed quote" if "end of data" in str(error) else "has text after a closing quote"
        raise DataError(f"{name}, line {line + 1} {what}: check its quotes, and double quotes within a cell") from error


def _same_width(width: int, expected: int, line: int, name: str) -> None:
    if width != expected:
        raise DataError(
            f"{name}, line {line} has {width} cells, but the first line {expected}: add missing cells (they may be "
            "empty), and quote cells that contain the separator"
        )


def _named(cells: "pl.DataFrame", file: str) -> "pl.DataFrame":
    """The table without its first row, which becomes the column names."""
    names = [cell or f"column_{index}" for index, cell in enumerate(cells.row(0))]
    for name, count in Counter(names).items():
        if count > 1:
            where = " and ".join(str(index + 1) for index, other in enumerate(names) if other == name)
            raise DataError(f"{file} has more than one column '{name}' (columns {where}): rename one of them")
    if cells.height == 1:
        raise DataError(f"{file} has a header, but no rows: add some")
    rows = cells.slice(1)
    rows.columns = names
    return rows
