"""The transformers of a table's columns: one step for numeric columns, one for categorical columns.

* Numbers: missing values become the training median; the result is cast to float32.
* Categories: one-hot encoded, one input per value in the training data. Missing cells are a value of their own.

`fitted` makes a step from the training rows. `transform` turns a table, in which columns may be absent, into inputs and
notices about differences from the training data. A step is saved by `to_json()` and `to_arrays()`; `restored` is their
inverse and raises ValueError, TypeError or KeyError if the values are damaged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int

from trainwell.core import DataError
from trainwell.data.columns.columns import (
    MOST_CATEGORIES,
    ColumnPlan,
    as_texts,
    decided,
    read_numbers,
    reading_notices,
    unusable,
)
from trainwell.data.columns.number_reading import PLAIN, Decision, NumberReading
from trainwell.data.columns.spellings import TRUTHS, Spellings
from trainwell.data.notices import first_few, first_row, shortened
from trainwell.data.preparation.offsets import LARGEST, Offsets
from trainwell.data.sources.raw import RawTable, is_text

if TYPE_CHECKING:
    import polars as pl

ROWS_NAMED = 3


@dataclass(frozen=True, eq=False)
class Numbers:
    """The transformer of numeric columns.

    Attributes:
        columns: the columns' names, which are also the features' names.
        medians: `[D]`, of the training rows.
        readings: column name -> number format, for columns with an unusual one.
        truths: columns with only 0 and 1 in the training data; new data may have truth values there.
        offsets: for columns that float32 cannot represent.
    """

    columns: tuple[str, ...]
    medians: Float64[np.ndarray, "D"]
    readings: Mapping[str, NumberReading]
    truths: frozenset[str]
    offsets: Offsets = field(default_factory=Offsets)
    kind: ClassVar[str] = "numbers"

    @classmethod
    def fitted(cls, plan: ColumnPlan, training: Int[np.ndarray, "n"]) -> tuple["Numbers", list[str]]:
        """The step fitted on the training rows, and notices about filled and shifted columns.

        Raises:
            DataError: single numbers of a column are too large for float32.
        """
        names = tuple(plan.numbers)
        block = np.column_stack(list(plan.numbers.values()))
        known = block[training]
        medians = np.nanmedian(known, axis=0)
        missing = np.isnan(block).sum(axis=0)
        only_truths = (np.isnan(known) | (known == 0) | (known == 1)).all(axis=0)
        truths = frozenset(name for name, is_truth in zip(names, only_truths, strict=True) if is_truth)
        step = cls(
            names,
            medians,
            {name: reading for name, reading in plan.readings.items() if reading != PLAIN},
            truths,
            Offsets.of(np.where(np.isnan(known), medians, known)),
        )
        for index, name in enumerate(names):
            if (row := first_row(step._too_large(block[:, index], index))) is not None:
                raise DataError(
                    f"column '{name}' is too large for float32 in row {plan.raw.row(row)} ({block[row, index]}): "
                    "correct it, or leave the cell empty"
                )
        filled = [
            f"column '{name}': {count} missing cells filled with the training rows' median, {_shown(median)}"
            for name, count, median in zip(names, missing, medians.tolist(), strict=True)
            if count
        ]
        return step, [*filled, *step.offsets.notices(names)]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """The columns' names."""
        return self.columns

    def transform(self, raw: RawTable) -> tuple[Float32[np.ndarray, "N D"], list[str]]:
        """The inputs and notices. Cells that are not numbers count as missing, with a notice.

        Raises:
            DataError: no cell of a column is a number.
        """
        block = np.full((raw.table.height, len(self.columns)), np.nan)
        in_table = frozenset(raw.table.columns)
        present = [name for name in self.columns if name in in_table]
        decisions = self._decisions(raw, present)
        notices = reading_notices(
            (name, raw.table[name], decision)
            for name, decision in decisions.items()
            if decision.reading != self.readings.get(name, PLAIN)
        )
        notices += [
            f"column '{name}': the training data had texts such as 50%, these are numbers: 50 is taken as 50%"
            for name in present  # from a Parquet file, where they may have been divided by 100
            if self.readings.get(name, PLAIN).unit == "%" and raw.table[name].dtype.is_numeric()
        ]
        for index, name in enumerate(self.columns):
            if name in in_table:
                reading = decisions[name].reading if name in decisions else self.readings.get(name, PLAIN)
                block[:, index], messages = self._column(raw, name, index, reading)
                notices += messages
        filled = np.where(np.isnan(block), self.medians, block)
        return self.offsets.apply(filled, [f"column '{name}'" for name in self.columns]), notices

    def _decisions(self, raw: RawTable, names: Sequence[str]) -> dict[str, Decision]:
        texts = [name for name in names if is_text(raw.table[name])]
        if not texts:
            return {}
        expected = {name: self.readings.get(name, PLAIN) for name in texts}
        table = raw.table if raw.is_text else raw.table[texts]
        found = decided(RawTable(table, separator=raw.separator, missing=raw.missing, is_text=True), expected)
        return {name: found[name] for name in texts}

    def _column(
        self, raw: RawTable, name: str, index: int, reading: NumberReading
    ) -> tuple[Float64[np.ndarray, "N"], list[str]]:
        """A column's values, NaN where missing or unusable, and notices about such cells."""
        import polars as pl

        column = raw.table[name]
        if column.dtype == pl.Boolean and name not in self.truths:
            raise DataError(f"column '{name}' has truth values, but the training data had numbers: check the file")
        values, unread = read_numbers(column, reading, raw.words)
        if unread.any() and name in self.truths:
            truths = column.str.to_lowercase().replace_strict(TRUTHS, default=None, return_dtype=pl.Float64)
            values = np.where(unread, truths.fill_null(np.nan).to_numpy(), values)
            unread &= np.isnan(values)
        unread |= self._too_large(values, index)
        values = np.where(unread, np.nan, values)
        missing = int(np.isnan(values).sum() - unread.sum())
        filled = len(values) - missing
        count = f"{missing} of {len(values)} cells are" if filled else "every cell is"
        filled_notice = f"column '{name}': {count} missing, filled with {_shown(self.medians[index])}"
        notices = [filled_notice] if missing else []
        if not unread.any():
            return values, notices
        rows = np.flatnonzero(unread)
        first = [f"'{column[int(row)]}' in row {raw.row(int(row))}" for row in rows[:ROWS_NAMED]]
        if len(rows) == filled and 2 * filled >= len(values):
            raise DataError(
                f"column '{name}' is numeric, but no cell has a number ({', '.join(first)}): correct or remove it"
            )
        return values, [
            *notices,
            f"column '{name}' is numeric, but {len(rows)} of {len(values)} cells are not numbers "
            f"({first_few(first, len(rows))}): taken as missing, filled with {_shown(self.medians[index])}",
        ]

    def _too_large(self, values: Float64[np.ndarray, "N"], index: int) -> Bool[np.ndarray, "N"]:
        """Mask of the numbers that are too large for float32, infinite ones included."""
        offset, exponent = self.offsets.columns.get(index, (0.0, 0))
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(np.abs(np.ldexp(values - offset, exponent)) > LARGEST)

    def to_json(self) -> dict[str, Any]:
        """Everything but the medians, as JSON values."""
        return {
            "columns": list(self.columns),
            "readings": {name: asdict(reading) for name, reading in self.readings.items()},
            "truths": sorted(self.truths),
            "offsets": self.offsets.to_json(),
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The median of each column, which fills its missing cells: float64, one per column."""
        return {"medians": self.medians}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "Numbers":
        """The inverse of `to_json` and `to_arrays`."""
        columns, medians = checked_names(value["columns"]), arrays["medians"]
        if medians.shape != (len(columns),) or medians.dtype != np.float64 or not np.isfinite(medians).all():
            raise ValueError("the medians do not fit the columns")
        readings = {name: NumberReading.restored(reading) for name, reading in value["readings"].items()}
        truths = frozenset(checked_names(value["truths"]))
        return cls(columns, medians, readings, truths, Offsets.from_json(value["offsets"], len(columns)))


def _shown(value: float) -> str:
    return f"{value:.6g}"


@dataclass(frozen=True)
class Values:
    """The values of a categorical column in the training data, and their inputs.

    Attributes:
        common: values with their own input, in code-point order.
        has_missing: whether there were missing cells; their input comes next.
        rare: values that share the last input.
    """

    common: tuple[str, ...]
    has_missing: bool
    rare: tuple[str, ...]

    @property
    def width(self) -> int:
        """Number of inputs."""
        return len(self.common) + self.has_missing + bool(self.rare)

    def names(self, column: str) -> list[str]:
        """Names of the inputs."""
        texts = [*self.common, *(["(missing)"] if self.has_missing else []), *(["(rare)"] if self.rare else [])]
        return [f"{column}={text}" for text in texts]

    def indices(self, texts: Sequence[str | None], words: Sequence[str]) -> Int[np.ndarray, "N"]:
        """Per text, the index of the input that is 1; −1 if no training value means the same."""
        missing: list[str | None] = [None] if self.has_missing else []
        known = Spellings([*self.common, *missing, *self.rare], words)
        last = self.width - 1
        index = {text: min(known.index(text), last) for text in set(texts)}
        return np.array([index[text] for text in texts], np.int64)

    @classmethod
    def of(cls, texts: "pl.Series") -> "Values":
        """The values of the training rows. If there are 100 or more, only the 99 most common have their own input."""
        by_text = sorted(texts.drop_nulls().rename("text").value_counts(name="rows").iter_rows())
        if len(by_text) < MOST_CATEGORIES:
            return cls(tuple(text for text, _ in by_text), bool(texts.has_nulls()), ())
        # As in scikit-learn's OneHotEncoder, among equally common values those later in order are kept.
        rarest = sorted(by_text, key=lambda one: one[1])[: -(MOST_CATEGORIES - 1)]
        rare = {text for text, _ in rarest}
        common = tuple(text for text, _ in by_text if text not in rare)
        return cls(common, bool(texts.has_nulls()), tuple(sorted(rare)))


@dataclass(frozen=True, eq=False)
class Categories:
    """The transformer of categorical columns.

    Attributes:
        values: column name -> its values.
    """

    values: Mapping[str, Values]
    kind: ClassVar[str] = "categories"

    @classmethod
    def fitted(cls, plan: ColumnPlan, training: Int[np.ndarray, "n"]) -> tuple["Categories", list[str]]:
        """The step fitted on the training rows, and notices about missing and rare values."""
        values = {name: Values.of(texts[training]) for name, texts in plan.categories.items()}
        notices = []
        for name, texts in plan.categories.items():
            if count := texts.null_count():
                own = values[name].has_missing
                seen = "a category of their own" if own else "no category, because no training row has missing cells"
                notices.append(f"column '{name}': {count} missing cells are {seen}")
            if rare := values[name].rare:
                total = len(values[name].common) + len(rare)
                notices.append(f"column '{name}' has {total} values: the {len(rare)} rarest share one feature")
        return cls(values), notices

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns' names."""
        return tuple(self.values)

    @property
    def feature_names(self) -> tuple[str, ...]:
        """`column=value`; the value is `(missing)` or `(rare)` for these two inputs."""
        return tuple(feature for name, values in self.values.items() for feature in values.names(name))

    def transform(self, raw: RawTable) -> tuple[Float32[np.ndarray, "N D"], list[str]]:
        """The inputs and notices. Unknown categories become all zeros, with a notice.

        Raises:
            DataError: a column has only unknown categories.
        """
        blocks, notices = [], []
        for name, values in self.values.items():
            block = np.zeros((raw.table.height, values.width), np.float32)
            if name in raw.table.columns:
                column = raw.table[name]
                if unusable(column):
                    raise DataError(f"column '{name}' must hold categories, got {column.dtype}: convert it to text")
                texts = as_texts(column).to_list()
                indices = values.indices(texts, raw.words)
                notices += _unknown(name, texts, indices)
            else:
                indices = values.indices([None] * raw.table.height, raw.words)
            rows = np.flatnonzero(indices >= 0)
            block[rows, indices[rows]] = 1
            blocks.append(block)
        return np.hstack(blocks), notices

    def to_json(self) -> dict[str, Any]:
        """The step as JSON values."""
        columns = [
            {"name": name, "common": list(one.common), "missing": one.has_missing, "rare": list(one.rare)}
            for name, one in self.values.items()
        ]
        return {"columns": columns}

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Empty: the step has no arrays."""
        return {}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "Categories":
        """The inverse of `to_json`."""
        names = checked_names([one["name"] for one in value["columns"]])
        values = [
            Values(checked_names(one["common"]), bool(one["missing"]), checked_names(one["rare"]))
            for one in value["columns"]
        ]
        return cls(dict(zip(names, values, strict=True)))


def _unknown(name: str, texts: Sequence[str | None], indices: Int[np.ndarray, "N"]) -> list[str]:
    """Notices about cells whose value is not in the training data."""
    unknown = [texts[int(row)] for row in np.flatnonzero(indices < 0)]
    filled = sorted({text for text in unknown if text is not None})
    count = sum(1 for text in unknown if text is not None)
    notices = [] if unknown or any(text is not None for text in texts) else [f"column '{name}': every cell is missing"]
    if count < len(unknown):
        notices.append(
            f"column '{name}': {len(unknown) - count} of {len(texts)} cells are missing, which no training row was: "
            "encoded as no category (all zeros)"
        )
    if count and count == sum(1 for text in texts if text is not None) and 2 * count >= len(texts):
        raise DataError(
            f"column '{name}' has no category of the training data ({shortened(filled, 3)}): check that it is the "
            "same column, or remove it"
        )
    if count:
        notices.append(
            f"column '{name}': {count} of {len(texts)} cells have a category not in the training data "
            f"({shortened(filled, 3)}), encoded as no category (all zeros)"
        )
    return notices


Step = Numbers | Categories


def checked_names(value: Any) -> tuple[str, ...]:
    """A JSON list of names as a tuple.

    Raises:
        TypeError: the value is not a list of texts.
    """
    if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
        raise TypeError("a list of names was expected")
    return tuple(value)
