"""Reads data frames of polars and pandas, and arrays in memory, with the same result as from a file with them."""

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
        """Column names."""

    @property
    def shape(self) -> tuple[int, int]:
        """Numbers of rows and columns."""


def is_frame(data: object) -> TypeGuard[Frame]:
    """Whether an object is a data frame."""
    return hasattr(data, "columns") and hasattr(data, "shape")


def frame_table(frame: Frame) -> "pl.DataFrame":
    """A data frame as a polars table, as if read from a Parquet file. The index of a pandas frame is dropped.

    Raises:
        DataError: it has no rows, two columns have the same name, or it is from another library.
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
        raise DataError(f"{type(frame).__name__} is not a data frame of polars or pandas: convert it to one of these")
    if not table.height:
        raise DataError("the frame has no rows: add some")
    return plain_texts(table)


def series_of(name: str, values: Any) -> "pl.Series":
    """A column of a data frame, or an array, as a polars series. Missing values are null.

    Raises:
        DataError: the values are not one-dimensional, or not numbers, text, dates or truth values.
    """
    import polars as pl

    array = np.asarray(values.to_numpy() if hasattr(values, "to_numpy") else values)
    if array.ndim != 1:
        raise DataError(f"column '{name}' must have one value per row, got an array of shape {array.shape}")
    try:
        if array.dtype.kind == "M" and np.datetime_data(array.dtype)[0] not in ("ms", "us", "ns"):
            array = array.astype("datetime64[us]")
        if array.dtype.kind != "O":
            return pl.Series(name, array, nan_to_null=True)
        absent = (
            values.isna().to_numpy()
            if hasattr(values, "isna")
            else np.array([one is None or one != one for one in array], bool)
        )  # NaN
        items = [None if gone else item for gone, item in zip(absent, array.tolist(), strict=True)]
        kinds = {type(item) for item in items if item is not None}
        mixed = len(kinds) > 1 and not kinds <= {int, float}
        return pl.Series(name, [str(one) if mixed and one is not None else one for one in items], strict=False)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError) as error:
        raise DataError(
            f"column '{name}' cannot be read ({error}): give it numbers, text, dates or truth values"
        ) from error


def with_target(inputs: Frame, targets: Any) -> "tuple[pl.DataFrame, str]":
    """A table of a data frame `X` and targets `y` (as in scikit-learn), and the name of the target column.

    Raises:
        DataError: X and y have different numbers of rows, or X has a column with y's name.
    """
    table, name = frame_table(inputs), str(getattr(targets, "name", None) or "target")
    column = series_of(name, targets)
    if len(column) != table.height:
        raise DataError(f"X has {table.height} rows, but y {len(column)}: they must be equal")
    if name in table.columns:
        raise DataError(f"X has a column '{name}', which is the name of y: remove it from X")
    return plain_texts(table.with_columns(column)), name
