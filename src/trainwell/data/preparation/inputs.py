"""Prepares inputs: tables by steps that are fitted on the training rows, arrays and images by checks and a cast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from trainwell.core import DataError, value_text
from trainwell.data.columns.columns import as_numbers, plain_texts, plan_columns
from trainwell.data.columns.number_reading import Decision
from trainwell.data.notices import condensed, shortened
from trainwell.data.preparation.offsets import Offsets
from trainwell.data.preparation.scaling import BYTE_RANGE
from trainwell.data.preparation.steps import Categories, Numbers, Step, checked_names
from trainwell.data.sources.raw import RawTable, without_given

if TYPE_CHECKING:
    import polars as pl

STEPS: dict[str, type[Step]] = {step.kind: step for step in (Numbers, Categories)}
"""Step class by its `kind`, which is stored in saved preparations and is the attribute of `ColumnPlan` it uses."""


@dataclass(frozen=True, eq=False)
class TableInputs:
    """The preparation of tables.

    Attributes:
        columns: all columns of the training file, in its order, target and weights included.
        others: columns that are not inputs (target, weights).
        headerless: whether the training file had no header, so that columns are matched by position.
        missing: the user's words for missing cells; None if none were given.
        steps: the transformers of the columns. The inputs are their outputs, concatenated in this order.
    """

    columns: tuple[str, ...]
    others: tuple[str, ...]
    headerless: bool
    missing: tuple[str, ...] | None
    steps: tuple[Step, ...]

    @property
    def feature_names(self) -> tuple[str, ...]:
        """One name per column of the inputs."""
        return tuple(name for step in self.steps for name in step.feature_names)

    @property
    def used(self) -> tuple[str, ...]:
        """The columns that are used as inputs."""
        return tuple(name for step in self.steps for name in step.columns)

    def transform(self, rows: "pl.DataFrame | RawTable") -> tuple[Float32[np.ndarray, "N D"], tuple[str, ...]]:
        """Prepare the rows of a table.

        Columns may be in any order. With a notice each, unknown columns are ignored, a missing column counts as missing
        in every row, an unknown category becomes all zeros, and a cell that is not a number counts as missing.

        Args:
            rows: a data frame, or a result of `read_table`.

        Returns:
            The inputs, and the notices.

        Raises:
            DataError: no column is known, or a column has only unknown values.
        """
        if isinstance(rows, RawTable):
            raw = rows
        else:
            raw = RawTable(without_given(plain_texts(rows), self.missing or ()), missing=self.missing)
        if raw.table.height == 0 and raw.table.width > 0:  # a table without columns fails below
            raise DataError("the table has no rows: pass at least one")
        raw = raw.named(self.named(raw.table))
        notices = self._differences(raw.table.columns)
        blocks = []
        for step in self.steps:
            block, messages = step.transform(raw)
            blocks.append(block)
            notices += messages
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32), tuple(condensed(notices))

    def named(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """The table with the training file's column names, by position, if that file had no header."""
        if not self.headerless or set(self.columns) == set(table.columns):
            return table
        inputs = [name for name in self.columns if name not in self.others]
        if table.width == len(self.columns):
            return table.rename(dict(zip(table.columns, self.columns, strict=True)))
        if table.width == len(inputs):
            return table.rename(dict(zip(table.columns, inputs, strict=True)))
        raise DataError(
            f"the table has {table.width} columns, but the training file, which had no header, {len(self.columns)}: "
            f"pass all of them, or the {len(inputs)} without the target"
        )

    def _differences(self, present: Sequence[str]) -> list[str]:
        """Notices about missing and unknown columns."""
        missing = [name for name in self.used if name not in present]
        if len(missing) == len(self.used):
            raise DataError(
                f"the table has none of the columns that the network was trained on ({shortened(self.used)}): check "
                "that this is the right file, and that its first line names the columns"
            )
        notices = [f"column '{name}' is missing: it counts as missing in every row" for name in missing]
        return notices + _ignored(present, self.columns)

    def to_json(self) -> dict[str, Any]:
        """The preparation as JSON values, without its arrays."""
        return {
            "kind": "table",
            "columns": list(self.columns),
            "others": list(self.others),
            "headerless": self.headerless,
            "missing": None if self.missing is None else list(self.missing),
            "steps": [{"kind": step.kind, **step.to_json()} for step in self.steps],
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The arrays of all steps, by `{step index}/{array name}`."""
        return {f"{i}/{name}": array for i, step in enumerate(self.steps) for name, array in step.to_arrays().items()}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "TableInputs":
        """The inverse of `to_json` and `to_arrays`.

        Raises:
            DataError: a step has an unknown kind.
            ValueError, TypeError, KeyError: the values are damaged.
        """
        steps = []
        for index, step in enumerate(value["steps"]):
            if step["kind"] not in STEPS:
                raise DataError(f"the saved preparation has a step '{step['kind']}', which this version does not know")
            prefix = f"{index}/"
            own = {name.removeprefix(prefix): array for name, array in arrays.items() if name.startswith(prefix)}
            steps.append(STEPS[step["kind"]].restored(step, own))
        return cls(
            columns=checked_names(value["columns"]),
            others=checked_names(value["others"]),
            headerless=bool(value["headerless"]),
            missing=None if value["missing"] is None else checked_names(value["missing"]),
            steps=tuple(steps),
        )


def _ignored(present: Sequence[str], known: Sequence[str]) -> list[str]:
    """A notice about columns that the training data did not have."""
    extra = [name for name in present if name not in known]
    return [f"ignored column {shortened(extra)}, not in the training data"] if extra else []


def fit_table_inputs(
    raw: RawTable,
    others: Sequence[str],
    training: Int[np.ndarray, "n"],
    decisions: Mapping[str, Decision],
    unused: str | None = None,
) -> tuple[TableInputs, Float32[np.ndarray, "N D"], tuple[str, ...]]:
    """Fit the preparation of a table on its training rows.

    Args:
        raw: the table, all rows.
        others: columns that are not inputs.
        training: rows of the training split.
        decisions: column name -> how its numbers are written, for columns of text.
        unused: a column that is not used, such as an index.

    Returns:
        The preparation, all rows prepared, and notices about dropped columns and imputed cells.
    """
    import polars as pl

    names = [name for name in raw.table.columns if name not in others and name != unused]
    plan = plan_columns(raw, names, training, decisions)
    steps: list[Step] = []
    notices = list(plan.notices)
    for kind in STEPS.values():
        if getattr(plan, kind.kind):
            step, messages = kind.fitted(plan, training)
            steps.append(step)
            notices += messages
    inputs = TableInputs(tuple(raw.table.columns), tuple(others), raw.headerless, raw.missing, tuple(steps))
    values = pl.DataFrame({**plan.numbers, **plan.categories})  # already parsed
    prepared = np.hstack([step.transform(raw.named(values))[0] for step in steps])
    return inputs, np.ascontiguousarray(prepared), tuple(condensed(notices))


@dataclass(frozen=True)
class ArrayInputs:
    """The preparation of plain arrays.

    Attributes:
        feature_names: one name per column, or per pixel and channel.
        is_bytes: whether the network was trained on bytes, which stand for fractions of 255.
        offsets: for columns that float32 cannot represent, fitted on the training rows.
        row_shape: shape of one row if it has more than one dimension, such as `(28, 28, 1)` of images.
    """

    feature_names: tuple[str, ...]
    is_bytes: bool
    offsets: Offsets = field(default_factory=Offsets)
    row_shape: tuple[int, ...] | None = None

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one row."""
        return self.row_shape or (len(self.feature_names),)

    def transform(
        self, rows: "pl.DataFrame | np.ndarray"
    ) -> tuple[Float32[np.ndarray, "N ..."] | UInt8[np.ndarray, "N ..."], tuple[str, ...]]:
        """Prepare the rows of an array or a table.

        Args:
            rows: of the shape that training had, or flat `[N, D]`, bytes or numbers; or a table whose columns include
                the feature names, in any order.

        Returns:
            The inputs `[N, *shape]`, and notices.

        Raises:
            DataError: wrong number of columns, a missing column, text, or a missing or infinite value.
        """
        notices: tuple[str, ...] = ()
        if not isinstance(rows, np.ndarray):
            rows, notices = self._columns(rows)
        inputs = checked_inputs(rows, "inputs")
        width = prod(inputs.shape[1:])
        if width != len(self.feature_names):
            raise DataError(
                f"inputs have {width} columns, but the network was trained on {len(self.feature_names)}: "
                "pass the same features in the same order"
            )
        if inputs.ndim > 2 and _without_ones(inputs.shape[1:]) != _without_ones(self.shape):
            raise DataError(
                f"rows have the shape {value_text(inputs.shape[1:])}, but the network was trained on "
                f"{value_text(self.shape)}: bring the axes into that order"
            )
        inputs = inputs.reshape(len(inputs), *self.shape)
        return (self._as_bytes(rows, inputs) if self.is_bytes else self.cast(inputs)), notices

    def cast(self, inputs: np.ndarray) -> Float32[np.ndarray, "N ..."]:
        """Checked numbers as float32, with offsets applied."""
        where = [f"column '{name}'" for name in self.feature_names]
        return self.offsets.apply(inputs.reshape(len(inputs), len(where)), where).reshape(inputs.shape)

    def _columns(self, table: "pl.DataFrame") -> tuple[np.ndarray, tuple[str, ...]]:
        """The feature columns of a table as float64."""
        if table.width == len(self.feature_names) and not set(table.columns) & set(self.feature_names):
            numbers = np.column_stack([as_numbers(column) for column in table])
            return numbers, ("no column name matches the training data; columns are matched by position",)
        absent = [name for name in self.feature_names if name not in table.columns]
        if absent:
            more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
            raise DataError(
                f"the table lacks column '{absent[0]}'{more}: the network was trained on arrays with the columns "
                f"{shortened(self.feature_names)}"
            )
        numbers = np.column_stack([as_numbers(table[name]) for name in self.feature_names])
        return numbers, tuple(_ignored(table.columns, self.feature_names))

    def _as_bytes(self, rows: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Inputs for a network trained on bytes.

        Bytes and whole numbers from 0 to 255 become bytes; fractions from 0 to 1 are multiplied by 255.
        """
        if inputs.dtype == np.uint8:
            return inputs
        low, high = float(inputs.min(initial=0)), float(inputs.max(initial=0))
        if low >= 0 and high <= 1 and rows.dtype.kind == "f":
            return (inputs * BYTE_RANGE).astype(np.float32)
        if low >= 0 and high <= 255 and bool(np.all(inputs == np.floor(inputs))):
            return inputs.astype(np.uint8)
        raise DataError(
            f"inputs range from {low:g} to {high:g}, but the network was trained on images: pass bytes 0 to 255, or "
            "fractions 0 to 1"
        )

    def to_json(self) -> dict[str, Any]:
        """The preparation as JSON values."""
        names = {"kind": "array", "feature_names": list(self.feature_names), "is_bytes": self.is_bytes}
        shape = {"row_shape": list(self.row_shape)} if self.row_shape else {}
        return names | shape | ({"offsets": self.offsets.to_json()} if self.offsets.columns else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ArrayInputs":
        """The inverse of `to_json`."""
        names, shape = tuple(value["feature_names"]), value.get("row_shape")
        if shape is not None and (not all(type(n) is int and n > 0 for n in shape) or prod(shape) != len(names)):
            raise DataError(f"the saved preparation is damaged (rows of shape {shape}): save the model again")
        offsets = Offsets.from_json(value.get("offsets", []), len(names))
        return cls(names, bool(value["is_bytes"]), offsets, None if shape is None else tuple(shape))


def _without_ones(shape: Sequence[int]) -> list[int]:
    return [length for length in shape if length != 1]


def as_array(values: object, name: str) -> np.ndarray:
    """An array or sequence as a NumPy array.

    Raises:
        DataError: its rows differ in length, or it has masked values, whose mask would be lost.
    """
    if np.ma.is_masked(values):
        raise DataError(f"{name} have masked values: fill them in, or remove their rows")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} are not an array ({error}): all rows must have the same number of values") from error


def checked_inputs(values: object, name: str) -> Float[np.ndarray, "N ..."] | UInt8[np.ndarray, "N ..."]:
    """Inputs as an array of finite numbers. Bytes and float32 keep their type; all others become float64.

    Raises:
        DataError: text, fewer than two dimensions, no values, or a missing or infinite value.
    """
    array = as_array(values, name)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must be numbers, got {array.dtype}: encode text as numbers, or load a table")
    if array.ndim < 2:
        raise DataError(f"{name} must be [rows, features], got shape {array.shape}: reshape one feature to (-1, 1)")
    if array.size == 0:
        raise DataError(f"{name} are empty, shape {array.shape}: at least one row and one feature are needed")
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind == "f":
        flat = array.reshape(len(array), -1)
        bad = ~np.isfinite(flat)
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            what = "is missing (NaN)" if np.isnan(flat[row, column]) else "is infinite"
            raise DataError(
                f"{name}: row {row + 1}, column {column + 1} (from 1) {what}: correct it, or remove the row"
            )
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)
