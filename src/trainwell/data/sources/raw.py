"""What a source gives: arrays, or a table as its file has it, with what its cells need to be understood."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from trainwell.data.columns.spellings import MISSING_WORDS, number_value

if TYPE_CHECKING:
    import polars as pl

CODE = r"^[+-]?0\d"  # no number: 00 is not 0
Pair = tuple[np.ndarray, np.ndarray | None]
"""Inputs, and targets if there are any."""


@dataclass(frozen=True, eq=False)
class RawArrays:
    """Inputs and targets as a source has them: nothing is checked or encoded.

    Attributes:
        inputs: rows first.
        targets: labels or quantities; None where a file to predict on has none.
        validation: inputs and targets of a validation set of its own.
        test: the same.
        input_name: what the source calls its inputs.
        target_name: and its targets.
        feature_names: None where it does not name them.
        class_names: in the order of their indices; None where they are those that occur.
        task: None where the targets tell it.
        ignored: names of what else it holds.
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
    """A table before anything is decided about its columns.

    Attributes:
        table: of text where the file is text: cells without surrounding blanks, null where they are empty. Columns of
            types of their own (Parquet) have their types.
        headerless: columns have no names but `column_0`, `column_1`, ….
        unnamed: columns that the header leaves without a name, by the name they have here.
        separator: between the cells of a text file.
        missing: the words that the user says are missing (their cells are null already); None if not said.
        file_rows: as `rows`; None if all rows of the file are here.
        is_text: whether the columns have no types of their own.
        notices: what was guessed when the file was read.
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
        """The words that stand for a missing value in columns of numbers."""
        return MISSING_WORDS if self.missing is None else ()

    def at(self, rows: Int[np.ndarray, "n"]) -> "RawTable":
        """Some of the rows, ascending."""
        return replace(self, table=self.table[rows], file_rows=self.rows[rows])

    @property
    def rows(self) -> Int[np.ndarray, "N"]:
        """Which row of the file, from 1, each row is."""
        return np.arange(1, self.table.height + 1) if self.file_rows is None else self.file_rows

    def row(self, index: int) -> int:
        """Which row of the file, from 1, a row is."""
        return int(self.rows[index])

    def named(self, table: "pl.DataFrame") -> "RawTable":
        """The same with another table of as many rows."""
        return replace(self, table=table)


def is_text(column: "pl.Series") -> bool:
    """Whether a column is text, and no categories of text."""
    return str(column.dtype) == "String"


def without_words(table: "pl.DataFrame", words: tuple[str, ...]) -> "pl.DataFrame":
    """The table with null for cells that are one of these words."""
    import polars as pl

    texts = [column.name for column in table if is_text(column)]
    if not words or not texts:
        return table
    found = table.select(pl.col(texts).is_in(words).any()).row(0)
    holding = [name for name, holds in zip(texts, found, strict=True) if holds]
    return table.with_columns(pl.col(holding).replace(words, None)) if holding else table


def without_given(table: "pl.DataFrame", words: tuple[str, ...]) -> "pl.DataFrame":
    """The same for words that the user gave, of which numbers are missing however they are written: -999 and -999.0."""
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
    """The table without rows in which every cell is empty, and a notice on them."""
    if 0 in raw.table.null_count().row(0):
        return raw, []
    blank = np.logical_and.reduce([column.is_null().to_numpy() for column in raw.table])
    if not blank.any() or blank.all():
        return raw, []
    first, count = raw.row(int(np.argmax(blank))), int(blank.sum())
    what = f"{count} rows, first row {first}" if count > 1 else f"row {first}"
    return raw.at(np.flatnonzero(~blank)), [f"left out {what}: all cells are empty"]
