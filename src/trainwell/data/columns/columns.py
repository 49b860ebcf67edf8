"""Decides how each column of a raw table is used: as numbers, as categories, or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float32, Float64, Int

from trainwell.core import DataError
from trainwell.data.columns.number_reading import (
    BRACKETS,
    LARGEST_EXACT,
    MINUS,
    PLAIN,
    Decision,
    NumberReading,
    decide_readings,
)
from trainwell.data.columns.spellings import MISSING_WORDS, alike_notices
from trainwell.data.notices import first_row, shortened
from trainwell.data.sources.raw import RawTable, is_text, without_words
from trainwell.data.split import checked_sample_weights

if TYPE_CHECKING:
    import polars as pl

MOST_CATEGORIES = 100  # inputs that one categorical column may become; the rarest values share the last one
MOSTLY = 0.5  # if more cells of a text column than this share are numbers, it is probably meant as numbers
FEW = 20  # a Parquet file's text column with at most this many different numbers is probably meant as categories
MOST_NAMED = 3
PANDAS_INDEX = "__index_level_0__"  # how pandas names an index without a name in Parquet
CODE = r"^[+-]?0\d+$"
WHOLE = r"^[+-]?\d+$"


@dataclass
class ColumnPlan:
    """The columns that are used as inputs, in the order of the file, and notices about the others.

    Attributes:
        raw: the table.
        numbers: column name -> values, NaN where missing.
        readings: column name -> format of its numbers; `PLAIN` if the file stores numbers, not text.
        categories: column name -> texts, null where missing.
        notices: messages about columns that were dropped or converted.
    """

    raw: RawTable
    numbers: dict[str, Float64[np.ndarray, "N"]] = field(default_factory=dict)
    readings: dict[str, NumberReading] = field(default_factory=dict)
    categories: "dict[str, pl.Series]" = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)


def plan_columns(
    raw: RawTable, names: Sequence[str], training: Int[np.ndarray, "n"], decisions: Mapping[str, Decision]
) -> ColumnPlan:
    """Decide how each column is used.

    All rows decide whether its text is numbers; only the training rows decide whether it varies.

    Args:
        raw: the table, all rows.
        names: columns that may become inputs.
        training: the rows of the training split.
        decisions: column name -> how its numbers are written, for columns of text, from `decided`.

    Raises:
        DataError: a number is infinite, or no column is left.
    """
    plan = ColumnPlan(raw)
    plan.notices += reading_notices((name, raw.table[name], decisions[name]) for name in names if name in decisions)
    for name in names:
        column = raw.table[name]
        if reason := unusable(column):
            plan.notices.append(f"dropped column '{name}': {reason}")
        elif holds_numbers(column, decisions.get(name)):
            _plan_numbers(plan, name, training, decisions.get(name))
        else:
            _plan_categories(plan, name, training, decisions.get(name))
    if not plan.numbers and not plan.categories:
        raise DataError(
            "no column is left to learn from: " + ("; ".join(plan.notices) or "the table has only its target")
        )
    return plan


def decided(raw: RawTable, expected: Mapping[str, NumberReading] | None = None) -> dict[str, Decision]:
    """Column name -> how its numbers are written, for the text columns of a text file.

    Args:
        raw: the table.
        expected: column name -> format in training, if the table is new data.
    """
    names = [column.name for column in raw.table if is_text(column)] if raw.is_text else []
    cells = without_words(raw.table.select(names), raw.words)
    decisions = decide_readings(cells, raw.separator, expected)
    if expected is None:
        for name, reason in _codes(cells.select([n for n, one in decisions.items() if one.is_number])).items():
            decisions[name] = replace(decisions[name], codes=reason)
    return decisions


def _codes(cells: "pl.DataFrame") -> dict[str, str]:
    """Column name -> reason, for columns whose whole numbers are codes, such as zip codes or long ids."""
    import polars as pl

    if not cells.width:
        return {}
    starts = cells.select(pl.all().str.contains(CODE).any()).row(0)
    longest = cells.select(pl.all().str.len_bytes().max()).row(0)
    found = {}
    for name, zeros, length in zip(cells.columns, starts, longest, strict=True):
        column = cells[name]
        if zeros and not column.str.contains(r"^[+-]?\d+[.,eE]").any():
            found[name] = f"whole numbers with leading zeros ('{column.filter(column.str.contains(CODE))[0]}')"
        elif length is not None and length > 15:
            whole = column.filter(column.str.contains(WHOLE).fill_null(value=False))
            if large := [text for text in whole if _is_inexact(text)]:
                found[name] = _too_long(large[0])
    return found


def _is_inexact(whole: str) -> bool:
    digits = whole.lstrip("+-0")
    return len(digits) > 16 or int(digits or "0") > LARGEST_EXACT


def _too_long(text: str) -> str:
    return f"whole numbers too long for exact arithmetic ('{text}')"


def code_reason(column: "pl.Series", decision: Decision | None) -> str:
    """Why the numbers of a column are codes, not quantities; empty if they are not codes."""
    if decision is not None or not column.dtype.is_integer():
        return "" if decision is None else decision.codes
    ends = [str(end) for end in (column.min(), column.max()) if end is not None]
    large = [end for end in ends if _is_inexact(end)]
    return _too_long(large[0]) if large else ""


def holds_numbers(column: "pl.Series", decision: Decision | None) -> bool:
    """Whether a column has numbers, by its type or its texts. Codes do not count as numbers."""
    if decision is not None:
        return decision.is_number
    return column.dtype.is_numeric() and not code_reason(column, None)


def reading_notices(columns: "Iterable[tuple[str, pl.Series, Decision]]") -> list[str]:
    """Notices about columns whose numbers have an unusual format, one notice per format."""
    alike: dict[tuple[NumberReading, str], list[tuple[str, pl.Series]]] = {}
    for name, column, decision in columns:
        if decision.is_number and (decision.reading != PLAIN or decision.doubt):
            alike.setdefault((decision.reading, decision.doubt), []).append((name, column))
    messages = []
    for (reading, doubt), found in alike.items():
        names, text = shortened([name for name, _ in found], MOST_NAMED), _telling(found[0][1], reading)
        why = f"; {doubt}" if doubt else ""
        messages.append(
            f"{'columns' if len(found) > 1 else 'column'} {names}: read as numbers with {reading} ('{text[0]}' is "
            f"{reading.read(text)[0]:.12g}{why})"
        )
    return messages


def _telling(column: "pl.Series", reading: NumberReading) -> "pl.Series":
    """The first cell of a column that shows its number format, as a series of length 1."""
    readable = column.filter(reading.read(column).is_not_null())
    telling = {MINUS: MINUS, BRACKETS: r"\("}.get(reading.negative, r"[^\d+eE-]")
    marked = readable.filter(readable.str.contains(telling))
    return (marked if len(marked) else readable).head(1)


def unusable(column: "pl.Series") -> str:
    """Why a column of this type is not used; empty if it is used (numbers, text, or types that can become text)."""
    if column.dtype.is_temporal():
        return "dates and times are not used; add numbers derived from them"
    if column.dtype.is_nested() or str(column.dtype) in ("Binary", "Object", "Unknown"):
        return f"values of type {column.dtype} are not used"
    return ""


def _plan_numbers(plan: ColumnPlan, name: str, training: np.ndarray, decision: Decision | None) -> None:
    raw, reading = plan.raw, PLAIN if decision is None else decision.reading
    values, unread = read_numbers(raw.table[name], reading, raw.words)
    if (first := first_row(unread)) is not None:
        count, filled = int(unread.sum()), 0 if decision is None else decision.filled
        plan.notices.append(
            f"column '{name}': {count} of {filled} cells are not numbers (row {raw.row(first)}: "
            f"'{raw.table[name][first]}') and are taken as missing"
        )
    _refuse_infinite(name, values, raw)
    known = values[training][~np.isnan(values[training])]
    if len(known) == 0:
        plan.notices.append(f"dropped column '{name}': it is missing in every training row")
    elif not (known != known[0]).any():
        every = "every training row" if len(known) == len(training) else "every training row with a value"
        plan.notices.append(f"dropped constant column '{name}' ({_shown(known[0])} in {every})")
    else:
        plan.numbers[name], plan.readings[name] = values, reading


def _shown(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < LARGEST_EXACT else str(value)


def _plan_categories(plan: ColumnPlan, name: str, training: np.ndarray, decision: Decision | None) -> None:
    raw = plan.raw
    texts, words = _with_words(as_texts(raw.table[name]), raw.words)
    known = texts[training]
    filled = known.drop_nulls()
    distinct = filled.n_unique()
    codes = code_reason(raw.table[name], decision)
    holds = f"it has {codes}, which are codes, not quantities" if codes else ""
    why = "".join(f"; {reason}" for reason in (holds, why_not_numbers(raw, name, decision)) if reason)
    if len(filled) == 0:
        plan.notices.append(f"dropped column '{name}': it is missing in every training row")
    elif distinct == 1 and len(filled) == len(known):
        plan.notices.append(f"dropped constant column '{name}' ({filled[0]} in every training row)")
    elif distinct == len(filled):
        plan.notices.append(f"dropped column '{name}': a different text in every training row{why}")
    else:
        plan.categories[name] = texts
        plan.notices += [f"column '{name}' is used as categories{why}"] if why else []
        plan.notices += _word_notices(name, texts, words)
        if distinct <= MOST_CATEGORIES:
            plan.notices += alike_notices(f"column '{name}'", filled.unique().to_list(), "different categories")


def _with_words(texts: "pl.Series", words: tuple[str, ...]) -> tuple["pl.Series", tuple[str, ...]]:
    """Texts, and the words that may mark missing cells in them.

    With at most 100 different texts these words count as categories; with more they become null.
    """
    if texts.drop_nulls().n_unique() <= MOST_CATEGORIES:
        return texts, words
    return without_words(texts.to_frame(), words).to_series(), ()


def _word_notices(name: str, texts: "pl.Series", words: Sequence[str]) -> list[str]:
    found = [(word, int((texts == word).sum())) for word in words if (texts == word).any()] if len(words) else []
    if not found:
        return []
    listed = " and ".join(f"'{word}' ({count} cells)" for word, count in found)
    option = ",".join(word for word, _ in found)
    return [
        f"column '{name}': {listed} counts as a category: if it means missing, list it as such a word "
        f"(--missing '{option}')"
    ]


def why_not_numbers(raw: RawTable, name: str, decision: Decision | None) -> str:
    """Why a column of mostly numbers is not used as numbers; empty if it is, or if most cells are not numbers."""
    if decision is None:
        return _numbers_as_text(raw.table[name])
    if decision.codes or decision.is_number or decision.unreadable >= MOSTLY * decision.filled:
        return ""
    texts = raw.table[name]
    _, unread = read_numbers(texts, decision.reading, raw.words)
    row = int(np.argmax(unread))
    share = "nearly all" if decision.unreadable < 0.1 * decision.filled else "most of"
    return (
        f"{share} its cells are numbers, but row {raw.row(row)} has '{texts[row]}' ({decision.unreadable} such cells): "
        "to use it as numbers, correct or empty them, or list the words as missing (--missing)"
    )


def _numbers_as_text(column: "pl.Series") -> str:
    """A hint for a Parquet file's text column with many different numbers; empty for other columns."""
    if not is_text(column):
        return ""
    filled = column.drop_nulls()
    if (
        filled.n_unique() <= FEW
        or PLAIN.read(filled).count() <= MOSTLY * len(filled)
        or filled.str.contains(CODE).any()
    ):
        return ""
    return "its cells are numbers stored as text: store them as numbers to use them as numbers"


def read_numbers(
    column: "pl.Series", reading: NumberReading, words: Sequence[str]
) -> tuple[Float64[np.ndarray, "N"], np.ndarray]:
    """Read a column as numbers.

    Args:
        column: numbers, truth values or text.
        reading: the format of numbers in text.
        words: words that mark missing cells in text.

    Returns:
        The values as float64, NaN where a cell is missing or not a number; and a mask of the cells that are neither
        missing nor numbers.

    Raises:
        DataError: the column has another type, such as dates or lists.
    """
    import polars as pl

    if is_text(column):
        numbers, unread = reading.read(column), np.zeros(len(column), bool)
        if numbers.null_count() > column.null_count():
            filled = without_words(column.to_frame(), tuple(words)).to_series().is_not_null()
            unread = (numbers.is_null() & filled).to_numpy()
    elif column.dtype.is_numeric() or column.dtype in (pl.Boolean, pl.Null):
        numbers, unread = column.cast(pl.Float64), np.zeros(len(column), bool)
    else:
        raise DataError(f"column '{column.name}' must hold numbers, got {column.dtype}: convert it")
    return np.array(numbers.to_numpy(), np.float64), unread


def column_weights(raw: RawTable, name: str, decision: Decision | None) -> Float32[np.ndarray, "N"]:
    """A column as sample weights.

    Raises:
        DataError: it has dates or text, or a number that is missing, negative or too large.
    """
    column = raw.table[name]
    values, unread = read_numbers(column, PLAIN if decision is None else decision.reading, raw.words)
    if (row := first_row(unread)) is not None:
        raise DataError(f"weights '{name}' must be numbers, got '{column[row]}' in row {raw.row(row)}")
    whole = np.ones(raw.rows[-1])  # as long as the file, so that errors name the file's row
    whole[raw.rows - 1] = values
    return np.asarray(checked_sample_weights(whole, len(whole), f"weights '{name}'")[raw.rows - 1])


def row_index(raw: RawTable, others: Sequence[str]) -> str | None:
    """The name of an unnamed column with row numbers, as pandas and R write it; None if there is none."""
    first = raw.table.columns[0]
    unnamed = first == "Unnamed: 0" or first in raw.unnamed
    name = PANDAS_INDEX if PANDAS_INDEX in raw.table.columns else first if unnamed else None
    if name is None or name in others:
        return None
    column = raw.table[name]
    numbers = column.str.contains(r"^\d+$").all() if is_text(column) else column.dtype.is_integer()
    return name if numbers and not column.has_nulls() and column.n_unique() == len(column) else None


def as_numbers(column: "pl.Series") -> Float64[np.ndarray, "N"]:
    """A column as float64, NaN where it is missing.

    Raises:
        DataError: it has text, dates or an infinite number.
    """
    column = as_texts(column) if str(column.dtype) in ("String", "Categorical", "Enum") else column
    values, unread = read_numbers(column, PLAIN, MISSING_WORDS)
    if (row := first_row(unread)) is not None:
        raise DataError(
            f"column '{column.name}' is numeric, but row {row + 1} has the text '{column[row]}': correct it, or "
            "leave the cell empty"
        )
    _refuse_infinite(column.name, values, RawTable(column.to_frame()))
    return values


def _refuse_infinite(name: str, values: np.ndarray, raw: RawTable) -> None:
    if (row := first_row(np.isinf(values))) is not None:
        raise DataError(
            f"column '{name}' is infinite in row {raw.row(row)} ({values[row]}): correct it, or leave the cell empty"
        )


def as_texts(column: "pl.Series") -> "pl.Series":
    """A column as text without surrounding whitespace, null where missing; whole floats without a decimal point."""
    import polars as pl

    if column.dtype.is_float():
        column = column.fill_nan(None)
        whole = column.round(0) == column
        if bool(whole.fill_null(value=True).all()) and bool((column.abs() < 2.0**63).fill_null(value=True).all()):
            column = column.cast(pl.Int64, strict=False)
    texts = column.cast(pl.String).str.strip_chars()
    return texts.replace("", None) if (texts == "").any() else texts


def plain_texts(table: "pl.DataFrame") -> "pl.DataFrame":
    """The table with all text columns as String, without surrounding whitespace, null where empty.

    `Decimal` columns with scale 0 become integers, since float64 could round them.
    """
    return table.with_columns([_plain_text(column) for column in table])


def _plain_text(column: "pl.Series") -> "pl.Series":
    import polars as pl

    if column.dtype == pl.Binary:
        try:
            column = column.cast(pl.String)
        except pl.exceptions.PolarsError:
            return column
    if column.dtype in (pl.Categorical, pl.Enum, pl.String):
        return as_texts(column)
    if isinstance(column.dtype, pl.Decimal) and not column.dtype.scale:
        return column.cast(pl.Int128)
    return column
