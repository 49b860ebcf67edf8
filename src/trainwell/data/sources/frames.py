"""Data frames of polars and of pandas, and arrays in memory, taken as the files that they could be written to."""

from typing import TYPE_CHECKING, Any, Protocol, TypeGuard

import numpy as np

from trainwell.core import DataError
from trainwell.data.columns.columns import plain_texts

if TYPE_CHECKING:
    import polars as pl


class Frame(Protocol):
    """A data frame of polars or pandas."""

    @property
    def columns(self) -> Any:
        """Its names."""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""


def is_frame(data: object) -> TypeGuard[Frame]:
    """Whether this is a data frame."""
    return hasattr(data, "columns") and hasattr(data, "shape")


def frame_table(frame: Frame) -> "pl.DataFrame":
    """A data frame as the table that a Parquet file of it would hold; an index of pandas is left out.

    Raises:
        DataError: it has no rows, two columns of one name, or is of another library.
    """
    import polars as pl

    if isinstance(frame, pl.DataFrame):
        table = frame
    elif hasattr(frame, "iloc"):
        names = [str(name) for name in frame.columns]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise DataError(f"the frame has two columns named '{twice}': rename one")
        table = pl.DataFrame([series_of(name, frame.iloc[:, i]) for i, name in enumerate(names)])
    else:
        raise DataError(f"{type(frame).__name__} is no data frame of polars or pandas: convert it to one of these")
    if not table.height:
        raise DataError("the frame has no rows: add some")
    return plain_texts(table)


def series_of(name: str, values: Any) -> "pl.Series":
    """A column of a data frame or an array; what is missing in it is null.

    Raises:
        DataError: the values are of a kind that no table holds.
    """
    import polars as pl

    array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.ndim != 1:
        raise DataError(f"column '{name}' must have one value per row, got an array of shape {array.shape}")
    try:
        if array.dtype.kind != "O":
            return pl.Series(name, array, nan_to_null=True)
        absent = values.isna().to_numpy() if hasattr(values, "isna") else np.array([one is None for one in array], bool)
        items = [None if gone else item for gone, item in zip(absent, array.tolist(), strict=True)]
        kinds = {type(item) for item in items if item is not None}
        mixed = len(kinds) > 1 and not kinds <= {int, float}
        return pl.Series(name, [str(one) if mixed and one is not None else one for one in items], strict=False)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"column '{name}' cannot be read ({error}): give it numbers, text, dates or truth values"
        ) from error


def with_target(inputs: Frame, targets: Any) -> "tuple[pl.DataFrame, str]":
    """A table of a frame `X` and a column `y`, as scikit-learn has them, and the name of the target.

    Raises:
        DataError: they have not as many rows, or X has a column of y's name.
    """
    table, name = frame_table(inputs), str(getattr(targets, "name", None) or "target")
    column = series_of(name, targets)
    if len(column) != table.height:
        raise DataError(f"X has {table.height} rows and y {len(column)}: they must be as many")
    if name in table.columns:
        raise DataError(f"X has a column '{name}' as y is called: leave it out of X")
    return plain_texts(table.with_columns(column)), name
