"""Inputs that are numbers already: arrays and images. Checks width and type, and casts to float32."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Float32, UInt8

from trainwell.core import DataError
from trainwell.data.notices import shortened
from trainwell.data.preparation.offsets import Offsets

if TYPE_CHECKING:
    import polars as pl


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
        from trainwell.data.columns.columns import as_numbers

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
        extra = [name for name in table.columns if name not in self.feature_names]
        notices = (f"ignored column {shortened(extra)}, which training did not have",) if extra else ()
        numbers = np.column_stack([as_numbers(table[name]) for name in self.feature_names])
        return numbers, notices

    def _as_bytes(self, rows: np.ndarray, inputs: np.ndarray) -> np.ndarray:
        """Bytes stay bytes; whole numbers up to 255 become bytes; fractions stay fractions."""
        if inputs.dtype == np.uint8:
            return inputs
        low, high = float(inputs.min(initial=0)), float(inputs.max(initial=0))
        if low >= 0 and high <= 1 and rows.dtype.kind == "f":
            return inputs.astype(np.float32)
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
