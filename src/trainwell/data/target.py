"""The target column: which task it sets, its labels or units, and the way back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int32

from trainwell.core.errors import DataError
from trainwell.core.names import nearest
from trainwell.data.dataset import Task

MOST_CLASSES = 20  # more distinct whole numbers than this are a quantity
ROWS_PER_CLASS = 3  # fewer rows per whole number than this cannot fill three splits


def infer_task(values: np.ndarray) -> Task:
    """Tell classification from regression by the target's values.

    Text and truth values are classes. Numbers are a quantity, unless all are whole and there are at most 20
    distinct ones, each of them on average in at least three rows (one for each split), or just two.

    Args:
        values: `[N]`, numbers, or text as objects; none missing.

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


def checked_task(task: str | None, values: np.ndarray) -> Task:
    """The task asked for, or the one the values suggest."""
    if task is None:
        return infer_task(values)
    if task == "classification" or task == "regression":
        return task  # type: ignore[return-value]  # mypy narrows == on str to str, not to the literal
    raise DataError(f"unknown task '{task}': {nearest(task, ('classification', 'regression'))}")


def checked_target(values: np.ndarray, name: str) -> np.ndarray:
    """Targets to learn from: none missing or infinite, and not all equal."""
    values = present_target(values, name)
    if len({*values.tolist()}) < 2:
        raise DataError(f"{name} is constant ({label_text(values[0])} in every row): there is nothing to learn")
    return values


def present_target(values: np.ndarray, name: str) -> np.ndarray:
    """Targets of which none is missing or infinite; numbers as float64."""
    if _is_numeric(values):
        values = values.astype(np.float64)
    absent = missing(values)
    if absent.any():
        more = int(absent.sum()) - 1
        also = f" (and in {more} more)" if more else ""
        raise DataError(f"{name} is missing in row {int(np.argmax(absent)) + 1}{also}: fill it in or remove the row")
    if _is_numeric(values) and np.isinf(values).any():
        row = int(np.argmax(np.isinf(values))) + 1
        raise DataError(f"{name} is infinite in row {row}: correct it or remove the row")
    return values


@dataclass(frozen=True)
class TargetCoding:
    """Labels or quantities to the numbers a network is trained on, and back.

    Attributes:
        name: the target's name, for messages and as the column to look for in new tables.
        task: the task.
        class_names: label of each class index, in order; empty for regression.
        mean: of the training split's targets, original units; 0 for classification.
        scale: their standard deviation; 1 for classification.
    """

    name: str
    task: Task
    class_names: tuple[str, ...] = ()
    mean: float = 0.0
    scale: float = 1.0

    @classmethod
    def of_classes(cls, values: np.ndarray, name: str, class_names: Sequence[str] | None = None) -> "TargetCoding":
        """The classes given, or one for every distinct label: numbers ascending, text in code-point order."""
        if class_names is not None:
            if len(set(class_names)) < max(2, len(class_names)):
                raise DataError(f"class_names must be two or more different labels, got {', '.join(class_names)}")
            return cls(name, "classification", tuple(class_names))
        distinct = np.unique(values) if _is_numeric(values) else sorted({str(value) for value in values})
        return cls(name, "classification", tuple(label_text(value) for value in distinct))

    @classmethod
    def of_quantity(cls, training_values: np.ndarray, name: str) -> "TargetCoding":
        """Mean and standard deviation of the training split's targets."""
        values = quantities(training_values, name)
        scale = float(values.std())
        if scale == 0:
            raise DataError(f"{name} is constant in the training split ({values[0]}): use more rows or another seed")
        return cls(name, "regression", (), float(values.mean()), scale)

    def encode(self, values: np.ndarray) -> Int32[np.ndarray, "N"] | Float32[np.ndarray, "N 1"]:
        """Class indices `[N]` int32, or standardised quantities `[N, 1]` float32.

        Raises:
            DataError: a label that training did not know, or text where a number is due.
        """
        if self.task == "regression":
            standardised = (quantities(values, self.name) - self.mean) / self.scale
            return np.asarray(standardised, dtype=np.float32)[:, None]
        values = values if _is_numeric(values) else np.array([label_text(value) for value in values])
        distinct, which = np.unique(values, return_inverse=True)
        index = {name: position for position, name in enumerate(self.class_names)}
        texts = [label_text(value) for value in distinct]
        for position, text in enumerate(texts):
            if text not in index:
                row = int(np.argmax(which == position)) + 1
                raise DataError(f"{self.name} in row {row} is no known class '{text}': {nearest(text, index)}")
        return np.asarray(np.array([index[text] for text in texts], dtype=np.int32)[which])

    def known(self, values: np.ndarray) -> Bool[np.ndarray, "N"]:
        """Which values `encode` takes: known labels, or finite quantities.

        Example:
            >>> TargetCoding("y", "classification", ("no", "yes")).known(np.array(["yes", None, "maybe"])).tolist()
            [True, False, False]
        """
        if self.task == "classification":
            names = set(self.class_names)
            named = np.array([label_text(value) in names for value in values.tolist()], dtype=bool)
            return np.asarray(named & ~missing(values))
        if _is_numeric(values):
            return np.asarray(np.isfinite(values))
        return np.array([_is_finite(value) for value in values], dtype=bool)

    def decode(self, outputs: np.ndarray) -> np.ndarray:
        """Class indices to labels `[N]` (text); standardised outputs `[N]` or `[N, 1]` to original units `[N]`.

        Example:
            >>> TargetCoding("y", "regression", mean=10.0, scale=2.0).decode(np.array([[0.5]])).tolist()
            [11.0]
        """
        values = np.asarray(outputs).reshape(len(outputs))
        if self.task == "regression":
            return np.asarray(values.astype(np.float64) * self.scale + self.mean)
        return np.asarray(np.array(self.class_names)[values])


def missing(values: np.ndarray) -> Bool[np.ndarray, "N"]:
    """Which values are not there: None or NaN."""
    if _is_numeric(values):
        return np.asarray(np.isnan(values))
    return np.array([value is None or value != value for value in values], dtype=bool)


def _is_finite(value: Any) -> bool:
    try:
        return bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def label_text(value: object) -> str:
    """A label as text: whole numbers without a decimal point, so that 1, 1.0 and "1" are one class."""
    if isinstance(value, (float, np.floating)) and float(value).is_integer():
        return str(int(value))
    return str(value)


def text_labels(values: np.ndarray, name: str) -> np.ndarray:
    """Labels that are bytes (NumPy's type S, or objects such as `b"no"`) as text; all others as they are.

    Raises:
        DataError: they are no UTF-8.

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
        raise DataError(f"{name} holds bytes that are no UTF-8 text ({error.object!r}): save it as text") from error
    return values


def _is_numeric(values: np.ndarray) -> bool:
    return values.dtype.kind in "iuf"


def quantities(values: np.ndarray, name: str) -> Float64[np.ndarray, "N"]:
    """Regression targets as float64, or an error that shows the text among them."""
    if _is_numeric(values):
        return values.astype(np.float64)
    numbers = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            numbers[row] = float(value)
            if not np.isfinite(numbers[row]):
                raise ValueError
        except (TypeError, ValueError):
            raise DataError(
                f"{name} is '{value}' in row {row + 1}, and regression needs a finite number: correct it, or set the "
                "task (--task) to classification"
            ) from None
    return numbers
