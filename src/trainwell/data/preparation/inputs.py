"""Raw rows to inputs: tables by steps fitted on the training rows only, arrays and images checked and cast."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32, Int, UInt8

from trainwell.core import DataError
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
"""By the kind that a saved preparation names, which is also where a plan has their columns."""


@dataclass(frozen=True, eq=False)
class TableInputs:
    """The preparation of tables.

    Attributes:
        columns: all columns of the training file, target and weights included, in its order.
        others: those of them that are no inputs (target, weights).
        headerless: the training file had no header, so that columns are known by position.
        missing: the only words that stand for missing cells, if the user said so.
        steps: what becomes of the columns; their inputs stand beside each other in this order.
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
        """The columns that inputs are made of."""
        return tuple(name for step in self.steps for name in step.columns)

    def transform(self, rows: "pl.DataFrame | RawTable") -> tuple[Float32[np.ndarray, "N D"], tuple[str, ...]]:
        """Rows of a table as inputs, and what there is to say about them.

        Columns may come in any order; columns that training did not have are ignored, a missing column is missing in
        every row, a category that training did not have becomes all zeros, a cell that is no number counts as
        missing. Each is said in a notice.

        Args:
            rows: a table, or one as `read_table` gives it.

        Raises:
            DataError: no column is known, or nothing in a column is.
        """
        if isinstance(rows, RawTable):
            raw = rows
        else:
            raw = RawTable(without_given(plain_texts(rows), self.missing or ()), missing=self.missing)
        if raw.table.height == 0 and raw.table.width > 0:  # a table without columns has no rows either: see below
            raise DataError("the table has no rows: pass at least one")
        raw = raw.named(self.named(raw.table))
        notices = self._differences(raw.table.columns)
        blocks = []
        for step in self.steps:
            block, said = step.transform(raw)
            blocks.append(block)
            notices += said
        return np.ascontiguousarray(np.hstack(blocks), dtype=np.float32), tuple(condensed(notices))

    def named(self, table: "pl.DataFrame") -> "pl.DataFrame":
        """Columns of a file without a header get the training file's names, by position."""
        if not self.headerless or set(self.columns) == set(table.columns):
            return table
        inputs = [name for name in self.columns if name not in self.others]
        if table.width == len(self.columns):
            return table.rename(dict(zip(table.columns, self.columns, strict=True)))
        if table.width == len(inputs):
            return table.rename(dict(zip(table.columns, inputs, strict=True)))
        raise DataError(
            f"the table has {table.width} columns and the training file, which had no header, {len(self.columns)}: "
            f"pass all of them, or the {len(inputs)} without the target"
        )

    def _differences(self, present: Sequence[str]) -> list[str]:
        """Notices on columns that are missing or not known."""
        missing = [name for name in self.used if name not in present]
        if len(missing) == len(self.used):
            raise DataError(
                f"none of the columns the network was trained on is there ({shortened(self.used)}): check that this is "
                "the right file, and that its first line names the columns"
            )
        notices = [f"column '{name}' is missing: taken as missing in every row" for name in missing]
        return notices + _ignored(present, self.columns)

    def to_json(self) -> dict[str, Any]:
        """What `restored` needs beside the arrays."""
        return {
            "kind": "table",
            "columns": list(self.columns),
            "others": list(self.others),
            "headerless": self.headerless,
            "missing": None if self.missing is None else list(self.missing),
            "steps": [{"kind": step.kind, **step.to_json()} for step in self.steps],
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The steps' arrays, by the step's number and their name."""
        return {f"{i}/{name}": array for i, step in enumerate(self.steps) for name, array in step.to_arrays().items()}

    @classmethod
    def restored(cls, value: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> "TableInputs":
        """The inverse of `to_json` and `to_arrays`.

        Raises:
            DataError: a kind of step that this version does not know.
            ValueError, TypeError, KeyError: they are damaged.
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
    """A notice on columns that training did not have."""
    extra = [name for name in present if name not in known]
    return [f"ignored column {shortened(extra)}, which training did not have"] if extra else []


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
        others: columns that are no inputs.
        training: rows of the training split.
        decisions: how the numbers in columns of text are written.
        unused: a column that is left out, such as an index.

    Returns:
        The preparation, all rows prepared, and notices on columns dropped and cells imputed.
    """
    import polars as pl

    names = [name for name in raw.table.columns if name not in others and name != unused]
    plan = plan_columns(raw, names, training, decisions)
    steps: list[Step] = []
    notices = list(plan.notices)
    for kind in STEPS.values():
        if getattr(plan, kind.kind):
            step, said = kind.fitted(plan, training)
            steps.append(step)
            notices += said
    inputs = TableInputs(tuple(raw.table.columns), tuple(others), raw.headerless, raw.missing, tuple(steps))
    values = pl.DataFrame({**plan.numbers, **plan.categories})  # as they were read: nothing is decided again
    prepared = np.hstack([step.transform(raw.named(values))[0] for step in steps])
    return inputs, np.ascontiguousarray(prepared), tuple(condensed(notices))


@dataclass(frozen=True)
class ArrayInputs:
    """The preparation of plain arrays.

    Attributes:
        feature_names: one name per column.
        is_bytes: the network was trained on bytes that stand for fractions of 255.
        offsets: of the columns that float32 cannot hold as they are, fitted on the training rows.
    """

    feature_names: tuple[str, ...]
    is_bytes: bool
    offsets: Offsets = field(default_factory=Offsets)

    def transform(
        self, rows: "pl.DataFrame | np.ndarray"
    ) -> tuple[Float32[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"], tuple[str, ...]]:
        """Rows as inputs, and what there is to say about them.

        Args:
            rows: `[N, D]` or `[N, ...]` (flattened), bytes or numbers; or a table with the feature names among
                its columns, in any order.

        Raises:
            DataError: another width, a column that is not there, text, or a value missing or infinite.
        """
        notices: tuple[str, ...] = ()
        if not isinstance(rows, np.ndarray):
            rows, notices = self._columns(rows)
        inputs = checked_inputs(rows, "inputs")
        if inputs.shape[1] != len(self.feature_names):
            raise DataError(
                f"inputs have {inputs.shape[1]} columns, and the network was trained on {len(self.feature_names)}: "
                "pass the same features in the same order"
            )
        return (self._as_bytes(rows, inputs) if self.is_bytes else self.cast(inputs)), notices

    def cast(self, inputs: np.ndarray) -> Float32[np.ndarray, "N D"]:
        """Checked numbers as the network takes them."""
        return self.offsets.apply(inputs, [f"column '{name}'" for name in self.feature_names])

    def _columns(self, table: "pl.DataFrame") -> tuple[np.ndarray, tuple[str, ...]]:
        """The feature columns of a table as float64."""
        if table.width == len(self.feature_names) and not set(table.columns) & set(self.feature_names):
            numbers = np.column_stack([as_numbers(column) for column in table])
            return numbers, ("no column has a name training knew: the columns are taken in their order",)
        absent = [name for name in self.feature_names if name not in table.columns]
        if absent:
            more = f" (and {len(absent) - 1} more)" if len(absent) > 1 else ""
            raise DataError(
                f"the table lacks column '{absent[0]}'{more}: the network was trained on arrays with "
                f"the columns {shortened(self.feature_names)}"
            )
        numbers = np.column_stack([as_numbers(table[name]) for name in self.feature_names])
        return numbers, tuple(_ignored(table.columns, self.feature_names))

    def _as_bytes(self, rows: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Bytes stay bytes; whole numbers up to 255 become bytes; fractions are told in bytes, as 127.5 for a half."""
        if inputs.dtype == np.uint8:
            return inputs
        low, high = float(inputs.min(initial=0)), float(inputs.max(initial=0))
        if low >= 0 and high <= 1 and rows.dtype.kind == "f":
            return (inputs * BYTE_RANGE).astype(np.float32)
        if low >= 0 and high <= 255 and bool(np.all(inputs == np.floor(inputs))):
            return inputs.astype(np.uint8)
        raise DataError(
            f"inputs run from {low:g} to {high:g}, and the network was trained on images: pass bytes 0 to 255, or "
            "fractions 0 to 1"
        )

    def to_json(self) -> dict[str, Any]:
        """What `from_json` needs."""
        names = {"kind": "array", "feature_names": list(self.feature_names), "is_bytes": self.is_bytes}
        return names | ({"offsets": self.offsets.to_json()} if self.offsets.columns else {})

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> "ArrayInputs":
        """The inverse of `to_json`."""
        names = tuple(value["feature_names"])
        return cls(names, bool(value["is_bytes"]), Offsets.from_json(value.get("offsets", []), len(names)))


def as_array(values: object, name: str) -> np.ndarray:
    """Any array or sequence as an array.

    Raises:
        DataError: its rows differ in length, or it has masked values, which would be taken for others.
    """
    if np.ma.is_masked(values):
        raise DataError(f"{name} have masked values: fill them in, or remove their rows")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise DataError(f"{name} are no array ({error}): all rows must have as many numbers") from error


def checked_inputs(values: object, name: str) -> Float[np.ndarray, "N D"] | UInt8[np.ndarray, "N D"]:
    """Two-dimensional numbers, all finite: bytes and float32 stay as they are, everything else becomes float64."""
    array = as_array(values, name)
    if array.dtype.kind not in "biuf":
        raise DataError(f"{name} must be numbers, got {array.dtype}: encode text as numbers, or load a table")
    if array.ndim < 2:
        raise DataError(f"{name} must be [rows, features], got shape {array.shape}: reshape one feature to (-1, 1)")
    if array.size == 0:
        raise DataError(f"{name} are empty, shape {array.shape}: at least one row and one feature are needed")
    array = array.reshape(len(array), -1)
    if array.dtype == np.uint8:
        return np.ascontiguousarray(array)
    if array.dtype.kind == "f":
        bad = ~np.isfinite(array)
        if bad.any():
            row, column = (int(index) for index in np.argwhere(bad)[0])
            what = "is missing (NaN)" if np.isnan(array[row, column]) else "is infinite"
            raise DataError(
                f"{name}: row {row + 1}, column {column + 1} (from 1) {what}: correct it, or remove the row"
            )
    return np.ascontiguousarray(array, dtype=np.float32 if array.dtype == np.float32 else np.float64)
