"""Formats numbers and labels for tables and charts."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite, isinf, isnan
from typing import Protocol

from trainwell.core import four_digits, loss_text
from trainwell.display.table import Cell

NONE = "–"
NEVER = "never"


class Estimate(Protocol):
    """An estimate with a confidence interval, such as `statistics.Interval`."""

    @property
    def mean(self) -> float:
        """The estimate."""

    @property
    def low(self) -> float:
        """Lower end of the interval; NaN if there is none."""

    @property
    def high(self) -> float:
        """Upper end of the interval; NaN if there is none."""

    @property
    def n(self) -> int:
        """Number of values."""


def range_text(values: Sequence[float]) -> str:
    """The smallest and largest value as `low–high`, or a single number if all are equal."""
    low, high = min(values), max(values)
    return f"{low:,.4g}" if low == high else f"{low:,.4g}–{high:,.4g}"


def signed_text(value: float) -> str:
    """A number with three significant digits and a typographic minus sign; infinite ones as ∞."""
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"−{loss_text(-value)}" if value < 0 else loss_text(value)


def share_cell(found: Estimate, digits: int = 0) -> Cell:
    """A share in percent, with its interval if there is one."""
    if isnan(found.mean):
        return Cell(NONE)
    ends = "" if isnan(found.low) else f"[{found.low:.{digits}%}, {found.high:.{digits}%}]"
    return Cell(f"{found.mean:.{digits}%}", ends)


def number_text(value: float) -> str:
    """A number with four digits, from 10,000 to ten million a whole one; `never` (reached) for Inf, a dash for NaN.

    Example:
        >>> number_text(0.12345), number_text(12345.6), number_text(29117905.0), number_text(float("inf"))
        ('0.1235', '12,346', '2.912e7', 'never')
    """
    if isnan(value) or isinf(value):
        return NONE if isnan(value) else NEVER
    return f"{value:,.0f}" if 1e4 <= value < 1e7 else four_digits(value) if value >= 1e7 else f"{value:,.4g}"


def time_cell(found: Estimate) -> Cell:
    """A time to a target, with its interval if there is one."""
    known = not isnan(found.low) and not isinf(found.low)  # a lower end of Inf means that it was never reached
    ends = f"[{number_text(found.low)}, {number_text(found.high)}]" if known else ""
    return Cell(number_text(found.mean), ends)


def seconds_text(value: float) -> str:
    """A duration in s with three digits, or in ms if it is below 1 s; a dash if it is not finite."""
    if not isfinite(value):
        return NONE
    if value < 1:
        return f"{1000 * value:.3g} ms"
    return f"{value:,.3g} s" if value < 1000 else f"{value:,.0f} s"


def p_text(p: float) -> str:
    """A p-value with three decimals, `< 0.001` for smaller ones, a dash for NaN.

    Example:
        >>> p_text(0.0004), p_text(0.0321), p_text(float("nan"))
        ('< 0.001', '0.032', '–')
    """
    return NONE if isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


MAX_LABEL_LENGTH = 30
"""Characters of a label at an axis."""


def short_label(label: str, most: int = MAX_LABEL_LENGTH) -> str:
    """A label cut in the middle if it is longer than `most`, since similar recipes often differ at the end."""
    start = 2 * most // 5
    return label if len(label) <= most else f"{label[:start]}…{label[start + 1 - most :]}"


def chart_labels(
    labels: Sequence[str], fields: Sequence[Iterable[str]], most: int = MAX_LABEL_LENGTH
) -> tuple[str, ...]:
    """A short, distinct name for each label.

    If a label is too long, field names are removed from all labels: `optimizer=adam batch_norm=false` becomes
    `adam, false`. Labels that are still too long are cut in the middle.

    Args:
        labels: distinct labels.
        fields: per label, the field names in it.
        most: maximum number of characters.
    """
    if max(map(len, labels), default=0) > most:
        values = [_values(label, own) for label, own in zip(labels, fields, strict=True)]
        labels = values if all(values) and not _repeated(values) else labels
    return distinct(labels, most)


def distinct(labels: Sequence[str], most: int) -> tuple[str, ...]:
    """Labels cut in the middle so that they stay distinct.

    Labels that would become equal are cut so that the part in which they differ remains, or are not cut.

    Args:
        labels: distinct labels.
        most: maximum number of characters.

    Example:
        >>> distinct(["a long name, 1, with its end", "a long name, 2, with its end", "b"], 14)
        ('a…e, 1, with …', 'a…e, 2, with …', 'b')
    """
    short = [short_label(label, most) for label in labels]
    alike = _repeated(short)
    for name in alike:
        where = [i for i, one in enumerate(short) if one == name]
        start = max(_same_start([labels[i] for i in where]) - most // 4, 1)
        for i in where:
            rest = labels[i][start:]
            short[i] = f"{labels[i][0]}…{rest if len(rest) <= most - 2 else f'{rest[: most - 3]}…'}"
    alike = _repeated(short)
    return tuple(label if one in alike else one for label, one in zip(labels, short, strict=True))


def _values(label: str, fields: Iterable[str]) -> str:
    """The label without the names of fields."""
    named = "|".join(map(re.escape, fields))
    return re.sub(rf"(^|,? +)({named})=", ", ", label).removeprefix(", ") if named else label


def _same_start(names: Sequence[str]) -> int:
    """Length of the common prefix."""
    return next((at for at, found in enumerate(zip(*names, strict=False)) if len(set(found)) > 1), min(map(len, names)))


def _repeated(names: Sequence[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}
