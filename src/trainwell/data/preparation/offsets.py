"""Columns that float32 cannot represent: in float64, an offset is subtracted or a power of two multiplied.

float32 has 24 bits of precision. In Unix seconds of one hour (1.7e9 + n) or an air pressure of 101325 ± 0.001, the
digits that vary are lost by rounding to float32; numbers such as 1e-40 or 1e39 are outside its range. Centering after
the cast would be too late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64

from trainwell.core import DataError
from trainwell.data.notices import shortened

LARGEST = float(np.finfo(np.float32).max)
FAR = 1024
"""An offset is subtracted if it exceeds the spread by this factor: rounding errors are then over 1/16,384 of it."""
WIDEST = 100
"""Columns between 2^-100 and 2^100 are not rescaled. Beyond, 1 / standard deviation may be outside float32's range."""


@dataclass(frozen=True)
class Offsets:
    """x' = (x - offset) · 2^exponent for the columns that need it; all others are only cast.

    With a recipe's `inputs = "standardize"`, offset and factor cancel, and with `"center"` the offset does, so that the
    network's inputs are unchanged. With `"none"` the network gets x', since the original column would be constant,
    infinite or 0 in float32.

    Attributes:
        columns: column index -> (offset, exponent).
    """

    columns: dict[int, tuple[float, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, training: Float64[np.ndarray, "N D"]) -> "Offsets":
        """Find the columns that need an offset or factor, from the training rows. NaN is ignored."""
        largest = np.fmax(np.fmax.reduce(training, axis=0), -np.fmin.reduce(training, axis=0))
        exact = training.dtype == np.float32
        columns = [index for index, size in enumerate(largest) if not (exact and _is_usual(size))]
        found = ((index, _needed(training[:, index])) for index in columns)
        return cls({index: needed for index, needed in found if needed is not None})

    def apply(self, rows: Float64[np.ndarray, "N D"], where: Sequence[str]) -> Float32[np.ndarray, "N D"]:
        """Rows as float32; NaN stays NaN.

        Args:
            rows: finite numbers or NaN.
            where: the name of each column for errors.

        Raises:
            DataError: a number is too large for float32. The message has its column and row.

        Example:
            >>> seconds = np.array([[1.7e9], [1.7e9 + 1], [1.7e9 + 2]])
            >>> Offsets.of(seconds).apply(seconds, ["t"]).ravel().tolist()
            [-1.0, 0.0, 1.0]
        """
        with np.errstate(over="ignore", under="ignore"):
            cast = np.array(rows, dtype=np.float32, order="C")
            for index, (offset, exponent) in self.columns.items():
                cast[:, index] = np.ldexp(rows[:, index].astype(np.float64) - offset, exponent)
        if np.isinf(cast).any():
            row, column = (int(index) for index in np.argwhere(np.isinf(cast))[0])
            raise DataError(
                f"{where[column]} is infinite or too large for float32 in row {row + 1} ({rows[row, column]:g}): "
                "correct it, or remove the row"
            )
        return cast

    def notices(self, names: Sequence[str]) -> tuple[str, ...]:
        """Notices about shifted columns and about scaled columns, at most one each."""
        messages = []
        if shifted := {names[index]: offset for index, (offset, _) in self.columns.items() if offset}:
            messages.append(
                f"column {shortened(shifted, 1)}: {next(iter(shifted.values())):.12g} is subtracted before rounding to "
                "float32, because it is large compared with the column's spread"
            )
        if scaled := {names[index]: exponent for index, (_, exponent) in self.columns.items() if exponent}:
            messages.append(
                f"column {shortened(scaled, 1)}: multiplied by 2^{next(iter(scaled.values()))}, because its numbers "
                "are outside the range of float32"
            )
        return tuple(messages)

    def to_json(self) -> list[list[Any]]:
        """[index, offset, exponent] of each column."""
        return [[index, offset, exponent] for index, (offset, exponent) in self.columns.items()]

    @classmethod
    def from_json(cls, value: list[list[Any]], width: int) -> "Offsets":
        """The inverse of `to_json`, for `width` columns.

        Raises:
            ValueError: the value is not such a list.
        """
        for index, offset, exponent in value:
            if type(index) is not int or not 0 <= index < width or type(exponent) is not int or abs(exponent) > 2200:
                raise ValueError("an offset belongs to no column")
            if type(offset) is not float or not np.isfinite(offset):
                raise ValueError("an offset is not a number")
        return cls({index: (offset, exponent) for index, offset, exponent in value})


def _needed(column: np.ndarray) -> tuple[float, int] | None:
    """Offset and exponent of a column; None if it needs neither."""
    values = column[~np.isnan(column)].astype(np.float64)
    if not len(values):
        return None
    exponent = _exponent(values)
    values = np.ldexp(values, exponent)  # exact, and what follows cannot overflow
    offset = _offset(values)
    if offset:
        finer = _exponent(values - offset)
        offset, exponent = float(np.ldexp(offset, -exponent)), exponent + finer
    return (offset, exponent) if offset or exponent else None


def _exponent(values: Float64[np.ndarray, "N"]) -> int:
    """Exponent of the power of two that scales the largest number to about 1; 0 if the column is in range."""
    sizes = np.abs(values)
    largest = float(sizes.max())
    if _is_usual(largest):
        return 0
    exponent = int(np.frexp(largest)[1])
    usual = float(np.quantile(sizes[sizes > 0], 0.5, method="lower"))
    if exponent > 0 and np.frexp(usual)[1] - exponent < -WIDEST:
        return 0  # an outlier: scaling would make all other numbers 0, and `apply` raises an error if needed
    return -exponent


def _is_usual(size: float) -> bool:
    return bool(size == 0 or abs(np.frexp(size)[1]) <= WIDEST)


def _offset(values: Float64[np.ndarray, "N"]) -> float:
    """The median, if it is large compared with the spread and rounding to float32 changes the values; else 0."""
    with np.errstate(over="ignore", under="ignore"):
        if np.array_equal(values, values.astype(np.float32)):
            return 0.0
    low, middle, high = np.quantile(values, (0.25, 0.5, 0.75), method="lower").tolist()
    # Quartiles, since a few rows with 0 for "unknown" would dominate the standard deviation.
    if high == low:
        deviations = np.abs(values - middle)
        if not deviations.any():
            return 0.0
        low, high = 0.0, float(np.median(deviations[deviations > 0]))
    return float(middle) if abs(middle) > FAR * (high - low) else 0.0
