"""Numbers and labels as people read them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from math import isfinite, isinf, isnan
from typing import Protocol

from trainwell.core import loss_text
from trainwell.display.table import Cell

NONE = "–"
NEVER = "never"


class Estimate(Protocol):
    """A number with an interval, such as `statistics.Interval`: NaN ends where there is none, and how many values."""

    @property
    def mean(self) -> float:
        """Of the values."""

    @property
    def low(self) -> float:
        """The interval's lower end."""

    @property
    def high(self) -> float:
        """Its upper end."""

    @property
    def n(self) -> int:
        """How many values."""


def range_text(values: Sequence[float]) -> str:
    """The smallest and largest value, or the one value that all are."""
    low, high = min(values), max(values)
    return f"{low:,.4g}" if low == high else f"{low:,.4g}–{high:,.4g}"


def signed_text(value: float) -> str:
    """A number with three significant digits and a real minus sign; infinite ones as ∞."""
    if isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"−{loss_text(-value)}" if value < 0 else loss_text(value)


def share_cell(found: Estimate, digits: int = 0) -> Cell:
    """A share in percent with its interval, where it has one."""
    if isnan(found.mean):
        return Cell(NONE)
    ends = "" if isnan(found.low) else f"[{found.low:.{digits}%}, {found.high:.{digits}%}]"
    return Cell(f"{found.mean:.{digits}%}", ends)


def number_text(value: float) -> str:
    """A number of four digits; one that was never reached is infinite, one that is not known NaN."""
    return NONE if isnan(value) else NEVER if isinf(value) else f"{value:,.4g}" if value < 1e4 else f"{value:,.0f}"


def time_cell(found: Estimate) -> Cell:
    """A time to a target with its interval."""
    known = not isnan(found.low) and not isinf(found.low)  # never, and no doubt about it, has no ends
    ends = f"[{number_text(found.low)}, {number_text(found.high)}]" if known else ""
    return Cell(number_text(found.mean), ends)


def seconds_text(value: float) -> str:
    """A duration with three digits at most; short ones in milliseconds."""
    if not isfinite(value):
        return NONE
    if value < 1:
        return f"{1000 * value:.3g} ms"
    return f"{value:,.3g} s" if value < 1000 else f"{value:,.0f} s"


def p_text(p: float) -> str:
    """A p-value.

    Example:
        >>> p_text(0.0004), p_text(0.0321), p_text(float("nan"))
        ('< 0.001', '0.032', '–')
    """
    return NONE if isnan(p) else "< 0.001" if p < 0.001 else f"{p:.3f}"


LONGEST = 30
"""Characters of a label beside an axis."""


def short_label(label: str, most: int = LONGEST) -> str:
    """The label, or its start and its end: recipes of one family often differ in the end."""
    start = 2 * most // 5
    return label if len(label) <= most else f"{label[:start]}…{label[start + 1 - most :]}"


def chart_labels(labels: Sequence[str], fields: Sequence[Iterable[str]], most: int = LONGEST) -> tuple[str, ...]:
    """One short name per label, each another.

    Where one is too long, the names of fields are left out of all: `adam, false` for
    `optimizer=adam batch_norm=false`. What is still too long is cut in the middle.

    Args:
        labels: each another.
        fields: of each label the fields that are named in it.
        most: characters.
    """
    if max(map(len, labels), default=0) > most:
        values = [_values(label, own) for label, own in zip(labels, fields, strict=True)]
        labels = values if all(values) and not _repeated(values) else labels
    return distinct(labels, most)


def distinct(labels: Sequence[str], most: int) -> tuple[str, ...]:
    """Labels cut in the middle; those that would look alike show the place where they differ, or stay as they are.

    Args:
        labels: each another.
        most: characters.

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
    """How many characters all begin with."""
    return next((at for at, found in enumerate(zip(*names, strict=False)) if len(set(found)) > 1), min(map(len, names)))


def _repeated(names: Sequence[str]) -> set[str]:
    return {name for name, count in Counter(names).items() if count > 1}
