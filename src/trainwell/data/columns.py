"""What the columns of a raw table are: numbers, categories, or nothing to learn from."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, Int

from trainwell.core.errors import DataError

if TYPE_CHECKING:
    import polars as pl

MISSING = (
    "",
    "NA",
    "N/A",
    "n/a",
    "#N/A",
    "<NA>",
    "NaN",
    "nan",
    "NAN",
    "null",
    "NULL",
    "Null",
    "None",
    "none",
    "?",
    "-",
    ".",
)
LARGEST = float(np.finfo(np.float32).max)
MOSTLY = 0.9  # a text column in which more cells than this are numbers probably has typing errors


@dataclass(frozen=True)
class ColumnPlan:
    """Columns by use, in the order of the file, and what was left out and why."""

    numeric: tuple[str, ...]
    categorical: tuple[str, ...]
    notices: tuple[str, ...]


def plan_columns(table: "pl.DataFrame", names: Sequence[str], training: Int[np.ndarray, "n"]) -> ColumnPlan:
    """Decide from the training rows how each column is used.

    Args:
        table: the raw table, all rows.
        names: its columns that may become inputs.
        training: the rows of the training split; no other row is looked at.

    Raises:
        DataError: an infinite number, or no column is left.
    """
    numeric, categorical, notices = [], [], []
    for name in names:
        kind, notice = _use_of(table[name], training)
        if notice:
            notices.append(notice)
        if kind == "numeric":
            numeric.append(name)
        elif kind == "categorical":
            categorical.append(name)
    if not numeric and not categorical:
        raise DataError("no column is left to learn from: " + ("; ".join(notices) or "the table has only its target"))
    return ColumnPlan(tuple(numeric), tuple(categorical), tuple(notices))


def _use_of(column: "pl.Series", training: np.ndarray) -> tuple[str, str]:
    """`"numeric"`, `"categorical"` or `"dropped"`, and a notice if there is something to say."""
    dtype, name = column.dtype, column.name
    if dtype.is_temporal():
        return "dropped", f"dropped column '{name}': dates and times are not used; add numbers made from them"
    if dtype.is_nested() or str(dtype) in ("Binary", "Object"):
        return "dropped", f"dropped column '{name}': values of type {dtype} are not used"
    if is_number(column):
        values = as_numbers(column)[training]
        values = values[~np.isnan(values)]
        distinct = len(np.unique(values[:1])) if len(values) == 0 else 1 + int((values != values[0]).any())
    else:
        texts = as_texts(column[training]).drop_nulls()
        values, distinct = texts, texts.n_unique()
    if len(values) == 0:
        return "dropped", f"dropped column '{name}': every training row misses it"
    if distinct == 1:
        return "dropped", f"dropped constant column '{name}' ({values[0]} in every training row)"
    if is_number(column):
        return "numeric", ""
    typo = _numbers_with_typos(as_texts(column))
    if distinct == len(values):
        return "dropped", f"dropped column '{name}': a different text in every training row{typo}"
    return "categorical", f"column '{name}' is used as categories{typo}" if typo else ""


def _numbers_with_typos(texts: "pl.Series") -> str:
    """Where nearly all texts are numbers: the first that is not."""
    import polars as pl

    filled = texts.drop_nulls()
    wrong = filled.cast(pl.Float64, strict=False).is_null()
    if not wrong.any() or float(wrong.sum()) >= (1 - MOSTLY) * len(filled):
        return ""
    text = filled.filter(wrong)[0]
    row = int((texts == text).arg_max() or 0) + 1
    return f"; nearly all its cells are numbers, but row {row} has '{text}': correct that to use it as numbers"


def is_number(column: "pl.Series") -> bool:
    """Whether the column's type is a number (truth values are categories)."""
    return bool(column.dtype.is_numeric())


def as_numbers(column: "pl.Series") -> Float64[np.ndarray, "N"]:
    """A column as float64, NaN where it is missing.

    Raises:
        DataError: text (column, row and value are named), a date, or an infinite number.
    """
    import polars as pl

    if column.dtype == pl.String:
        column = _stripped(column)
        numbers = column.cast(pl.Float64, strict=False)
        wrong = numbers.is_null() & column.is_not_null()
        if wrong.any():
            row = int(wrong.arg_max() or 0)
            raise DataError(
                f"column '{column.name}' holds numbers, but row {row + 1} has the text '{column[row]}': correct it, "
                "or leave the cell empty"
            )
    elif column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null):
        numbers = column.cast(pl.Float64)
    else:
        raise DataError(f"column '{column.name}' must hold numbers, got {column.dtype}: convert it")
    values = numbers.fill_null(np.nan).to_numpy().astype(np.float64)
    too_large = np.abs(values) > LARGEST
    if too_large.any():
        row = int(np.argmax(too_large))
        raise DataError(
            f"column '{column.name}' is infinite or too large for float32 in row {row + 1} ({values[row]}): correct "
            "it, or leave the cell empty"
        )
    return values


def as_texts(column: "pl.Series") -> "pl.Series":
    """A column as text, null where it is missing; whole numbers without a decimal point."""
    import polars as pl

    if column.dtype.is_float():
        whole = column.round(0) == column
        if bool(whole.fill_null(value=True).all()):
            column = column.cast(pl.Int64, strict=False)
    return _stripped(column.cast(pl.String))


def column_values(column: "pl.Series") -> np.ndarray:
    """A target column as an array: numbers with NaN, or text as objects with None, where it is missing.

    Raises:
        DataError: dates, or other values that are neither numbers nor labels.
    """
    if column.dtype.is_numeric():
        return np.asarray(column.cast(_float64()).fill_null(np.nan).to_numpy())
    if column.dtype.is_temporal() or column.dtype.is_nested():
        raise DataError(f"column '{column.name}' holds values of type {column.dtype}: a target needs numbers or labels")
    return np.array(as_texts(column).to_list(), dtype=object)


def _float64() -> "type[pl.Float64]":
    import polars as pl

    return pl.Float64


def _stripped(column: "pl.Series") -> "pl.Series":
    """Text without surrounding blanks, null for the usual markers of missing values."""
    return column.str.strip_chars().replace(MISSING, None)
