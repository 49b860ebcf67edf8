"""What every reader returns: arrays, or an undecoded table with the facts needed to interpret its cells."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from trainwell.data.columns.spellings import MISSING_WORDS, number_value

if TYPE_CHECKING:
    import polars as pl

CODE = r"^[+-]?0\d"  # with leading zeros: 00 is not the number 0
Pair = tuple[np.ndarray, np.ndarray | None]
"""Inputs, and targets if there are any."""


@dataclass(frozen=True, eq=False)
class RawArrays:
    """Inputs and targets of a source, not yet checked or encoded.

    Attributes:
        inputs: `[N, ...]`.
        targets: labels or quantities; None if a file to predict on has none.
        validation: inputs and targets of the source's own validation set, if any.
        test: the same for the test set.
        input_name: the inputs' name in the source.
        target_name: the targets' name in the source.
        feature_names: None if the source has none.
        class_names: label of each class index; None to use the labels that occur.
        task: None to infer it from the targets.
        ignored: names of other arrays in the source.
    """

    inputs: np.ndarray
    targets: np.ndarray | None
    validation: Pair | None = None
    test: Pair | None = None
    input_name: str = "inputs"
    target_name: str = "target"
    feature_names: tuple[str, ...] | None = None
    class_names: tuple[str, ...] | None = None
    task: str | None = None
    ignored: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class RawTable:
    """A table before the use of its columns is decided.

    Attributes:
        table: columns of a text file are String, without surrounding whitespace, null where empty. Columns of a Parquet
            file have the file's types.
        headerless: whether the file has no column names; the columns are then `column_0`, `column_1`, ….
        unnamed: names given here to columns for which the header has none.
        separator: the separator between cells of a text file.
        missing: the user's words for missing cells (already null in `table`); None if none were given.
        file_rows: see `rows`; None if the table has all rows of the file.
        is_text: whether it comes from a text file, so that columns have no types.
        notices: messages about what was guessed when reading the file.
    """

    table: "pl.DataFrame"
    headerless: bool = False
    unnamed: tuple[str, ...] = ()
    separator: str = ","
    missing: tuple[str, ...] | None = None
    file_rows: Int[np.ndarray, "N"] | None = None
    is_text: bool = False
    notices: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """The words that mark missing cells in columns of numbers."""
        return MISSING_WORDS if self.missing is None else ()

    def at(self, rows: Int[np.ndarray, "n"]) -> "RawTable":
        """The table with only these rows (ascending indices)."""
        return replace(self, table=self.table[rows], file_rows=self.rows[rows])

    @property
    def rows(self) -> Int[np.ndarray, "N"]:
        """The row number in the file, from 1, of each row."""
        return np.arange(1, self.table.height + 1) if self.file_rows is None else self.file_rows

    def row(self, index: int) -> int:
        """The row number in the file, from 1, of one row."""
        return int(self.rows[index])

    def named(self, table: "pl.DataFrame") -> "RawTable":
        """The same with another table that has the same rows."""
        return replace(self, table=table)


def is_text(column: "pl.Series") -> bool:
    """Whether a column has the type String (not Categorical or Enum)."""
    return str(column.dtype) == "String"


def without_words(table: "pl.DataFrame", words: tuple[str, ...]) -> "pl.DataFrame":
    """The table with null in place of cells that equal one of these words."""
    import polars as pl

    texts = [column.name for column in table if is_text(column)]
    if not words or not texts:
        return table
    found = table.select(pl.col(texts).is_in(words).any()).row(0)
    holding = [name for name, holds in zip(texts, found, strict=True) if holds]
    return table.with_columns(pl.col(holding).replace(words, None)) if holding else table


def without_given(table: "pl.DataFrame", words: tuple[str, ...]) -> "pl.DataFrame":
    """As `without_words`, for words given by the user. Numbers match in any spelling: -999 and -999.0."""
    import polars as pl

    table = without_words(table, words)
    numbers = [float(number) for number in map(number_value, words) if number is not None]
    changed = []
    for column in table if numbers else ():
        if is_text(column) or column.dtype.is_numeric():
            found = column.cast(pl.Float64, strict=False).is_in(numbers)
            found = found & ~column.str.contains(CODE) if is_text(column) else found
            changed += [column.set(found, None)] if found.any() else []
    return table.with_columns(changed)


def without_blank_rows(raw: RawTable) -> tuple[RawTable, list[str]]:
    """The table without rows in which every cell is empty, and a notice about them."""
    if 0 in raw.table.null_count().row(0):
        return raw, []
    blank = np.logical_and.reduce([column.is_null().to_numpy() for column in raw.table])
    if not blank.any() or blank.all():
        return raw, []
    first, count = raw.row(int(np.argmax(blank))), int(blank.sum())
    what = f"{count} rows, first row {first}" if count > 1 else f"row {first}"
    return raw.at(np.flatnonzero(~blank)), [f"dropped {what}: all cells are empty"]
