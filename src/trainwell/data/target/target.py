"""The target: infers the task, encodes labels and quantities, and decodes a network's outputs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32

from trainwell.core import DataError, nearest
from trainwell.data.columns.number_reading import PLAIN, NumberReading
from trainwell.data.columns.spellings import Spellings, number_value
from trainwell.data.notices import first_row
from trainwell.data.split import Task

MOST_CLASSES = 20  # with more distinct whole numbers than this, the task is regression
ROWS_PER_CLASS = 3  # with fewer rows per distinct whole number than this, not every split could have each of them


def infer_task(values: np.ndarray) -> Task:
    """Infer the task from the target's values.

    Text and truth values are classes. Numbers mean regression, unless all are whole and there are only two distinct
    ones, or at most 20 with at least three rows each on average (one for each split).

    Args:
        values: `[N]`, numbers, or text as objects; none missing.

    Returns:
        `"classification"` or `"regression"`.

    Example:
        >>> infer_task(np.array([0, 1, 2] * 50)), infer_task(np.array([0.5, 1.0, 2.0]))
        ('classification', 'regression')
    """
    if not _is_numeric(values):
        return "classification"
    distinct = np.unique(values)
    if not np.all(distinct == np.floor(distinct)):
        return "regression"
    few = len(distinct) <= MOST_CLASSES and len(values) >= ROWS_PER_CLASS * len(distinct)
    return "classification" if few or len(distinct) == 2 else "regression"


def checked_target(values: np.ndarray, name: str) -> np.ndarray:
    """The targets, checked.

    Raises:
        DataError: one is missing or infinite, or all are equal.
    """
    values = present_target(values, name)
    if len({*values.tolist()}) < 2:
        raise DataError(f"{name} is constant ({label_text(values[0])} in every row): there is nothing to learn")
    return values


def present_target(values: np.ndarray, name: str) -> np.ndarray:
    """The targets, checked.

    Raises:
        DataError: one is missing or infinite.
    """
    absent = missing(values)
    if (row := first_row(absent)) is not None:
        more = int(absent.sum()) - 1
        also = f" (and in {more} more)" if more else ""
        raise DataError(f"{name} is missing in row {row + 1}{also}: fill it in or remove the row")
    if _is_numeric(values) and (row := first_row(np.isinf(values))) is not None:
        raise DataError(f"{name} is infinite in row {row + 1}: correct it or remove the row")
    return values


@dataclass(frozen=True)
class TargetCoding:
    """Encodes labels or quantities as the numbers a network is trained on, and decodes them.

    Attributes:
        name: the target's name, for messages and as the column to look for in new tables.
        task: the task.
        class_names: label of each class index, as the data have it; empty for regression.
        mean: mean of the training split's targets, in original units; 0 for classification.
        scale: their standard deviation; 1 for classification.
        reading: the number format, if the target was a column of text.
    """

    name: str
    task: Task
    class_names: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0
    reading: NumberReading = PLAIN

    @classmethod
    def of_classes(
        cls,
        values: np.ndarray,
        name: str,
        class_names: Sequence[str] | None = None,
        reading: NumberReading = PLAIN,
    ) -> "TargetCoding":
        """The coding of a classification target.

        Without `class_names` there is one class per distinct label, sorted as numbers if all are numbers, else as text.
        All spellings of a whole number (1 and 1.0) are one class, named by the first one in the data.
        """
        if class_names is not None:
            if len(set(class_names)) < max(2, len(class_names)):
                raise DataError(f"class_names must be two or more different labels, got {', '.join(class_names)}")
            return cls(name, "classification", tuple(class_names))
        if _is_numeric(values):
            return cls(name, "classification", tuple(label_text(value) for value in np.unique(values)))
        return cls(name, "classification", _ordered(values, reading), reading=reading)

    @classmethod
    def of_quantity(cls, training_values: np.ndarray, name: str, reading: NumberReading = PLAIN) -> "TargetCoding":
        """The coding of a regression target: mean and standard deviation of the training split's targets."""
        values = quantities(training_values, name)
        mean, scale = _moments(values)
        if scale == 0:
            raise DataError(f"{name} is constant in the training split ({values[0]}): use more rows or another seed")
        return cls(name, "regression", (), mean, scale, reading)

    @classmethod
    def restored(cls, value: Mapping[str, Any]) -> "TargetCoding":
        """The inverse of `dataclasses.asdict`.

        Raises:
            ValueError, TypeError, KeyError: it is damaged.
        """
        names = tuple(value["class_names"])
        coding = cls(**{**value, "class_names": names, "reading": NumberReading.restored(value["reading"])})
        numbers = (coding.mean, coding.scale)
        if not all(isinstance(text, str) for text in (coding.name, *names)) or len(set(names)) < len(names):
            raise ValueError("its names are not texts, or not distinct")
        if not all(isinstance(number, float) and np.isfinite(number) for number in numbers) or coding.scale <= 0:
            raise ValueError("the target's mean or scale is not a valid number")
        if coding.task != ("classification" if len(names) > 1 else "regression"):
            raise ValueError(f"the task {coding.task!r} with {len(names)} classes")
        return coding

    @cached_property
    def _labels(self) -> Spellings:
        return Spellings(self.class_names)

    def encode(self, values: np.ndarray) -> Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]:
        """Class indices `[N]` int32, or standardised quantities `[N, 1]` float32.

        Raises:
            DataError: a label is not in the training data, a quantity is not a number, or it is too large for float32.
        """
        if self.task == "regression":
            numbers = quantities(values, self.name)
            standardised = self._standardised(numbers)
            if (row := first_row(np.isinf(standardised))) is not None:
                raise DataError(
                    f"{self.name} is {numbers[row]:g} in a row, too far from the training "
                    f"targets ({self.mean:g} ± {self.scale:g}) for float32: correct it, or remove the row"
                )
            return np.asarray(standardised[:, None])
        labels = values if _is_numeric(values) else np.array([label_text(value) for value in values])
        distinct, which = np.unique(labels, return_inverse=True)
        texts = [label_text(value) for value in distinct]
        indices = np.array([self._labels.index(text) for text in texts], dtype=np.int32)
        if (unknown := first_row(indices < 0)) is not None:
            row, text = int(np.argmax(which == unknown)) + 1, texts[unknown]
            raise DataError(f"{self.name} in row {row} has unknown class '{text}': {nearest(text, self.class_names)}")
        return np.asarray(indices[which])

    def known(self, values: np.ndarray) -> Bool[np.ndarray, "N"]:
        """Mask of the values that `encode` accepts: known labels, or quantities that are finite after standardising.

        Example:
            >>> TargetCoding("y", "classification", ("no", "yes")).known(np.array(["yes", None, "maybe"])).tolist()
            [True, False, False]
        """
        if self.task == "classification":
            named = np.array([self._labels.index(label_text(value)) >= 0 for value in values.tolist()], dtype=bool)
            return np.asarray(named & ~missing(values))
        if not _is_numeric(values):
            return _finite(values)
        return np.asarray(np.isfinite(self._standardised(values)))

    def _standardised(self, numbers: np.ndarray) -> Float32[np.ndarray, "N"]:
        with np.errstate(over="ignore"):
            return np.asarray((numbers - self.mean) / self.scale).astype(np.float32)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """The inverse of `encode`.

        Args:
            outputs: class indices or standardised outputs, `[N]` or `[N, 1]`.

        Returns:
            `[N]`: labels as text, or quantities in original units.

        Example:
            >>> TargetCoding("y", "regression", mean=10.0, scale=2.0).decode(np.array([[0.5]])).tolist()
            [11.0]
        """
        values = np.asarray(outputs).reshape(len(outputs))
        if self.task == "regression":
            return np.asarray(values.astype(np.float64) * self.scale + self.mean)
        return np.asarray(np.array(self.class_names)[values])


def _ordered(values: np.ndarray, reading: NumberReading) -> tuple[str, ...]:
    """Distinct labels, sorted as numbers if all are numbers, else as text."""
    texts = list(dict.fromkeys(label_text(value) for value in values))
    numbers = {text: number_value(text) for text in texts} if reading == PLAIN else _read(texts, reading)
    if any(number is None for number in numbers.values()):
        return tuple(sorted(texts))
    first: dict[object, str] = {}
    for text in texts:
        number = numbers[text]
        first.setdefault(number if _is_whole(number) else text, text)
    return tuple(sorted(first.values(), key=lambda text: (numbers[text] or 0, text)))


def _is_whole(number: Decimal | float | None) -> bool:
    if isinstance(number, Decimal):
        return number == number.to_integral_value()
    return number is not None and number.is_integer()


def _read(texts: Sequence[str], reading: NumberReading) -> Mapping[str, Decimal | float | None]:
    import polars as pl

    return dict(zip(texts, reading.read(pl.Series(texts, dtype=pl.String)).to_list(), strict=True))


def _moments(values: Float64[np.ndarray, "N"]) -> tuple[float, float]:
    """Mean and standard deviation, also of numbers whose squares are outside float64's range."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        mean, scale = float(values.mean()), float(values.std())
    if np.isfinite(mean) and np.isfinite(scale) and (scale > 0 or not (values != values[0]).any()):
        return mean, scale
    size = float(np.abs(values).max())
    scaled = values / size
    mean = float(scaled.mean())
    return mean * size, float((scaled - mean).std()) * size


def missing(values: np.ndarray) -> Bool[np.ndarray, "N"]:
    """Mask of the missing values: None or NaN."""
    if _is_numeric(values):
        return np.asarray(np.isnan(values))
    return np.array([value is None or value != value for value in values], dtype=bool)


def _finite(values: np.ndarray) -> Bool[np.ndarray, "N"]:
    """Mask of the labels that are finite numbers, possibly as text."""
    return np.array([_is_finite(value) for value in values], dtype=bool)


def _is_finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def label_text(value: object) -> str:
    """A label as text: whole numbers without a decimal point, so that 1 and 1.0 are one class."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def text_labels(values: np.ndarray, name: str) -> np.ndarray:
    """Decode labels that are bytes (NumPy's type S, or objects such as `b"no"`); others are unchanged.

    Raises:
        DataError: the bytes are not UTF-8.

    Example:
        >>> text_labels(np.array([b"no", b"yes"]), "y").tolist()
        ['no', 'yes']
    """
    try:
        if values.dtype.kind == "S":
            return np.char.decode(values, "utf-8")
        if values.dtype.kind == "O" and any(isinstance(value, bytes) for value in values.flat):
            texts = [value.decode() if isinstance(value, bytes) else value for value in values.flat]
            return np.array(texts, dtype=object).reshape(values.shape)
    except UnicodeDecodeError as error:
        raise DataError(f"{name} has bytes that are not UTF-8 text ({error.object!r}): save it as text") from error
    return values


def label_array(values: np.ndarray, name: str) -> np.ndarray:
    """Labels as a 1-D array of a suitable type.

    Args:
        values: `[N]` or `[N, 1]`.
        name: for errors.

    Returns:
        `[N]`: bytes decoded as text; objects that are all integers or all numbers as int64 or float64.

    Raises:
        DataError: another shape, or bytes that are not UTF-8.
    """
    values = text_labels(values, name)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if values.ndim != 1:
        raise DataError(
            f"{name} must be one label or quantity per row, got shape {values.shape}: turn one-hot rows into "
            "labels with argmax(axis=1)"
        )
    if values.dtype.kind not in "OUST":
        return values
    values = values.astype(object)
    if all(isinstance(value, (int, np.integer)) and not isinstance(value, bool) for value in values):
        try:
            return np.array(values.tolist(), dtype=np.int64)
        except OverflowError:
            return values
    numbers = all(isinstance(value, (int, float, np.number)) and not isinstance(value, bool) for value in values)
    return values.astype(np.float64) if numbers else values


def _is_numeric(values: np.ndarray) -> bool:
    return values.dtype.kind in "iuf"


def quantities(values: np.ndarray, name: str) -> Float64[np.ndarray, "N"]:
    """Regression targets as float64.

    Raises:
        DataError: one is not a finite number.
    """
    if _is_numeric(values):
        return values.astype(np.float64)
    if (row := first_row(~_finite(values))) is not None:
        raise DataError(
            f"{name} is '{values[row]}' in row {row + 1}, but regression needs finite numbers: correct it, or set the "
            "task (--task) to classification"
        )
    return np.array([float(value) for value in values], np.float64)
