"""Labels as short as charts need them, and still told apart."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

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
