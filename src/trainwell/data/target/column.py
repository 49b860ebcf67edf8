"""Reads the target column of a table: numbers or labels, missing cells, and the rows that have a target."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int

from trainwell.core import DataError
from trainwell.data.columns.columns import (
    as_texts,
    code_reason,
    decided,
    read_numbers,
    reading_notices,
    unusable,
    why_not_numbers,
)
from trainwell.data.columns.number_reading import PLAIN, Decision, NumberReading
from trainwell.data.columns.spellings import AMBIGUOUS, alike_notices, spelled_alike
from trainwell.data.sources.raw import RawTable, is_text, without_words
from trainwell.data.target.target import MOST_CLASSES, TargetCoding

if TYPE_CHECKING:
    import polars as pl

MOST_COMPARED = 1000  # spellings are compared only if there are at most this many labels
MOST_DROPPED = 0.5
"""If more than this share of the rows have no target, it is probably the wrong column, and an error is raised."""


@dataclass(frozen=True, eq=False)
class TargetColumn:
    """The targets of a table's rows, without missing ones.

    Attributes:
        values: numbers, or labels as text; used to infer the task.
        labels: the labels as the file writes them, if `values` are numbers that the file has as text or decimals.
        rows: the rows of the table that have a target, ascending.
        reading: the number format of the column.
        notices: messages about dropped rows and missing words.
    """

    values: np.ndarray
    labels: np.ndarray | None
    rows: Int[np.ndarray, "n"]
    reading: NumberReading
    notices: tuple[str, ...]


def read_target(raw: RawTable, name: str, decision: Decision | None, task: str | None = None) -> TargetColumn:
    """Read the target of a table. Rows without one are dropped, with a notice.

    In a column of numbers, the usual words for missing values count as missing, as do a few other texts. In a column
    with few labels, words that may be labels (none, -, ?) count as labels.

    Args:
        raw: the table.
        name: the target's column.
        decision: how its numbers are written; None if the file stores numbers, not text.
        task: the requested task; None if it is to be inferred.

    Raises:
        DataError: the column has dates, or most rows have no target.
    """
    column = raw.table[name]
    if unusable(column):
        raise DataError(f"column '{name}' has values of type {column.dtype}: a target needs numbers or labels")
    if decision is None and column.dtype.is_numeric():
        return _typed(raw, column)
    if decision is not None and decision.is_number:
        return _written_numbers(raw, column, decision)
    texts, notices = _labels(as_texts(column), raw)
    if doubt := why_not_numbers(raw, name, decision):
        notices.append(f"target '{name}' is taken as labels; {doubt}")
    if reason := code_reason(column, decision):
        notices.append(f"target '{name}' has {reason}, which are taken as labels, not as numbers")
    if task == "regression":
        notices = []  # these notices are about labels
    rows = np.flatnonzero(texts.is_not_null().to_numpy())
    notices += _dropped(raw, column, rows)
    labels = np.array(texts.gather(rows).to_list(), dtype=object)
    return TargetColumn(labels, None, rows, PLAIN, tuple(notices))


def _typed(raw: RawTable, column: "pl.Series") -> TargetColumn:
    """The target of a file that stores numbers. Integers stay integers, and decimals keep their digits as labels."""
    import polars as pl

    present = column.is_not_null()
    if column.dtype.is_float():
        present &= ~column.is_nan().fill_null(value=True)
    rows = np.flatnonzero(present.to_numpy())
    known = column.gather(rows)
    labels = None
    if known.dtype.is_decimal():
        values, labels = known.cast(pl.Float64).to_numpy(), np.array(as_texts(known).to_list(), dtype=object)
    elif known.dtype in (pl.Int128, pl.UInt128):
        values = np.array([str(value) for value in known.to_list()], dtype=object)
    else:
        values = known.to_numpy()
    return TargetColumn(values, labels, rows, PLAIN, tuple(_dropped(raw, column, rows)))


def _written_numbers(raw: RawTable, column: "pl.Series", decision: Decision) -> TargetColumn:
    numbers, _ = read_numbers(column, decision.reading, raw.words)
    rows = np.flatnonzero(~np.isnan(numbers))
    labels = np.array(column.gather(rows).to_list(), dtype=object)
    notices = (*reading_notices([(column.name, column, decision)]), *_dropped(raw, column, rows))
    return TargetColumn(numbers[rows], labels, rows, decision.reading, notices)


def _labels(texts: "pl.Series", raw: RawTable) -> tuple["pl.Series", list[str]]:
    """Labels, null where missing, and a notice about words for missing values that count as labels."""
    certain = tuple(word for word in raw.words if word not in AMBIGUOUS)
    labels = without_words(texts.to_frame(), certain).to_series()
    found = labels.filter(labels.is_in([word for word in AMBIGUOUS if word in raw.words])).unique(maintain_order=True)
    if not len(found):
        return labels, []
    if labels.drop_nulls().n_unique() > MOST_CLASSES:
        return without_words(labels.to_frame(), AMBIGUOUS).to_series(), []
    words = " and ".join(f"'{word}'" for word in found)
    option = ",".join(found)
    return labels, [
        f"target '{texts.name}': {words} counts as a label: if it means missing, list it as "
        f"such a word (--missing '{option}')"
    ]


def _dropped(raw: RawTable, column: "pl.Series", rows: np.ndarray) -> list[str]:
    """A notice about the rows that are dropped because they have no target.

    Raises:
        DataError: more than half of the rows have none.
    """
    absent = np.setdiff1d(np.arange(len(column)), rows)
    if not len(absent):
        return []
    texts = column.gather(absent)
    words = texts.drop_nulls().unique(maintain_order=True).to_list()
    shown = " or ".join(["empty", *(f"'{word}'" for word in words[:3])] if texts.has_nulls() else map(repr, words[:3]))
    first = raw.row(int(absent[0]))
    if len(absent) > MOST_DROPPED * len(column):
        raise DataError(
            f"target '{column.name}' is missing in {len(absent)} of {len(column)} rows ({shown} in row {first}): "
            "fill it in, or choose another target"
        )
    what = "row" if len(absent) == 1 else "rows"
    return [
        f"dropped {len(absent)} {what} of {len(column)} without a target: '{column.name}' is {shown} in row {first}"
        + (" and others" if len(absent) > 1 else "")
        + (" (--missing sets the words that mark missing cells)" if words and is_text(texts) else "")
    ]


def label_notices(labels: np.ndarray, coding: TargetCoding) -> list[str]:
    """Notices about labels that differ only in spelling. Spellings of a whole number are one class, others are not."""
    texts = dict.fromkeys(labels.tolist())
    if len(texts) > MOST_COMPARED:
        return []
    names = set(coding.class_names)
    merged = [label for group in spelled_alike(texts) if not names.issuperset(group) for label in group]
    apart = [label for label in coding.class_names if label not in merged]
    what = f"target '{coding.name}'"
    return [*alike_notices(what, merged, "one class"), *alike_notices(what, apart, "different classes")]


def target_values(raw: RawTable, coding: TargetCoding) -> tuple[np.ndarray, list[str]]:
    """The target of new rows, and notices.

    Returns:
        Numbers with NaN, or texts with None, where the target is missing; and a notice if its number format differs
        from the training data's.
    """
    import polars as pl

    column = raw.table[coding.name]
    if unusable(column):
        return np.array([None if value is None else str(value) for value in column.to_list()], dtype=object), []
    if coding.task == "regression":
        reading, notices = PLAIN, []
        if is_text(column):
            whole = raw if raw.is_text else RawTable(column.to_frame(), missing=raw.missing, is_text=True)
            decision = decided(whole, {coding.name: coding.reading})[coding.name]
            reading = decision.reading
            notices = reading_notices([(coding.name, column, decision)] if reading != coding.reading else [])
        elif not (column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null)):
            return np.array(as_texts(column).to_list(), dtype=object), []
        values, unread = read_numbers(column, reading, raw.words)
        return np.where(unread, np.array(column.to_list(), dtype=object), values) if unread.any() else values, notices
    words = set(raw.words) - set(coding.class_names)
    return np.array([None if text in words else text for text in as_texts(column).to_list()], dtype=object), []
