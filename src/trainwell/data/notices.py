"""Notices: messages about what was guessed, dropped or filled in the data."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool

MOST_ALIKE = 4
"""If more notices than this say the same about different columns, only the first two are kept, and the others' column
names are listed."""
COLUMN = re.compile(r"\bcolumn '(.*?)'(?=:| is | has | holds | \(|$)")
CIRCUMSTANCES = re.compile(r"\(.*\)|\d[\d.,]*(?:e[+-]?\d+)?")


@dataclass
class Notices:
    """Collects notices in order."""

    collected: list[str] = field(default_factory=list)

    def add(self, *notices: str) -> None:
        """Add notices."""
        self.collected.extend(notices)


def condensed(notices: Iterable[str]) -> list[str]:
    """Shorten groups of notices that differ only in a column's name, in numbers, or in text in brackets.

    Example:
        >>> condensed([f"column '{name}': {len(name)} cells" for name in ("a", "b", "cc", "d", "e")])[1:]
        ["column 'b': 1 cells", "the same for 3 more columns: 'cc', 'd', 'e'"]
    """
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for notice in notices:
        found = COLUMN.search(notice)
        form = CIRCUMSTANCES.sub("", notice[: found.start(1)] + notice[found.end(1) :]) if found else notice
        alike[form].append((found[1] if found else "", notice))
    kept: list[str] = []
    for group in alike.values():
        few = len(group) <= MOST_ALIKE
        kept += [notice for _, notice in (group if few else group[:2])]
        if not few:
            kept.append(f"the same for {len(group) - 2} more columns: {shortened([name for name, _ in group[2:]])}")
    return kept


def shortened(names: Iterable[object], most: int = 5) -> str:
    """The first `most` names, quoted, and the number of the others.

    Example:
        >>> shortened(["a", "b", "c"], 2)
        "'a', 'b' and 1 more"
    """
    quoted = [f"'{name}'" for name in names]
    return first_few(quoted[:most], len(quoted))


def first_few(texts: Sequence[str], count: int) -> str:
    """Some of `count` texts as a list, and the number of the others."""
    more = f" and {count - len(texts)} more" if count > len(texts) else ""
    return ", ".join(texts) + more


def first_row(found: Bool[np.ndarray, "N"]) -> int | None:
    """The index of the first True; None if there is none."""
    return int(np.argmax(found)) if found.any() else None
