"""Whether the first row of delimited text names the columns: told from what stands in it and below."""

import re
from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl

WHOLE = re.compile(r"[+-]?\d{1,18}")
NUMBER_LIKE = r"^\P{L}*\d\P{L}*(?:[eE][+-]?\d+)?$"  # dates too
ENOUGH_ROWS = 10  # so many rows without a whole number show that the numbers of a column are fractions
HARDLY_CHANCE = 4  # so many whole numbers in equal steps
ROWS_TO_COMPARE = 1000
MOST_SHOWN = 4


def tell_header(cells: "pl.DataFrame", known: Collection[str] = (), wanted: str = "") -> tuple[bool, str]:
    """Whether the first row is a header, and a notice where that is not plain.

    It is if some column has text there and numbers below. If it holds numbers, it is only where they cannot be
    values (`numbers_name_columns`). Where all rows are text, names do not occur again in their own column.

    Args:
        cells: all rows, of text, null where a cell is empty.
        known: column names that would be recognised; without any, the content decides.
        wanted: a name that shows a header where it occurs, such as the target's; no number, which may be a position.
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
    why = "its numbers are unlike those below" if named else "its numbers may be values"
    return named, _notice([cell for cell in first if cell], why, is_header=named) if doubtful else ""


def _has_known(first: Sequence[str], known: set[str]) -> bool:
    """Any known name, or, of names that are numbers and so may be values, at least half of the cells."""
    found = [cell for cell in first if cell in known]
    return any(not WHOLE.fullmatch(cell) for cell in found) or 0 < len(first) <= 2 * len(found)


def names_column(column: "pl.Series") -> bool:
    """Whether the first cell is text and most below are numbers, or written like numbers."""
    filled = column.slice(1).drop_nulls()
    if column[0] is None or column.head(1).str.contains(NUMBER_LIKE)[0]:
        return False
    return len(filled) > 0 and 2 * int(filled.str.contains(NUMBER_LIKE).sum()) > len(filled)


def numbers_name_columns(cells: "pl.DataFrame", columns: Sequence[int]) -> tuple[bool, bool]:
    """Whether numbers in the first row name their columns, as years do, and whether that is in doubt.

    They do if they are different whole numbers and none could be a value of its own column: it lies outside the
    column's range, or the column has fractions only. Four or more in equal steps, such as 0, 1, 2, 3, do where no
    row below is alike.
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
    alone = steps and len(first) >= HARDLY_CHANCE and not any(_row_in_steps(row) for row in below)
    return alone, steps or outside or alone


def _equal_steps(cells: Sequence[str]) -> bool:
    steps = {int(right) - int(left) for left, right in pairwise(cells)}
    return len(steps) == 1 and 0 not in steps


def _row_in_steps(row: Sequence[str | None]) -> bool:
    return all(cell is not None and WHOLE.fullmatch(cell) for cell in row) and _equal_steps([str(cell) for cell in row])


def _unlike(below: "pl.Series", number: int) -> tuple[bool, bool]:
    """Whether a number lies outside a column's range, and whether the column has fractions only."""
    import polars as pl

    filled = below.drop_nulls()
    values = filled.cast(pl.Float64, strict=False).to_numpy()
    values = values[np.isfinite(values)]
    if 2 * len(values) <= len(filled):
        return True, True  # mostly text, or nothing
    return not values.min() <= number <= values.max(), len(values) >= ENOUGH_ROWS and not (values % 1 == 0).any()


def _notice(first: Sequence[str], why: str, *, is_header: bool) -> str:
    shown = ", ".join(first[:MOST_SHOWN]) + (", …" if len(first) > MOST_SHOWN else "")
    what = "the column names (--no-header makes it a row)" if is_header else "a row (--header makes it the names)"
    return f"the first line, {shown}, is taken as {what}, since {why}"
