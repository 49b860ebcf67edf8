"""What is said about data: what was guessed, dropped or filled."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool

Notify = Callable[[str], None]
MOST_ALIKE = 4
"""More notices than these that say the same of different columns become two of them and the names of the others."""
COLUMN = re.compile(r"\bcolumn '(.*?)'(?=:| is | has | holds | \(|$)")
CIRCUMSTANCES = re.compile(r"\(.*\)|\d[\d.,]*(?:e[+-]?\d+)?")


@dataclass
class Notices:
    """What was done to the data, kept in order and passed on as it happens."""

    notify: Notify | None = None
    said: list[str] = field(default_factory=list)

    def say(self, *notices: str) -> None:
        """Keep each notice, and pass it on."""
        for notice in notices:
            self.said.append(notice)
            if self.notify is not None:
                self.notify(notice)


def condensed(notices: Iterable[str]) -> list[str]:
    """Notices without the many that differ only in a column's name, in numbers and in what stands in brackets.

    Example:
        >>> condensed([f"column '{name}': {len(name)} cells" for name in ("a", "b", "cc", "d", "e")])[1:]
        ["column 'b': 1 cells", "the same of 3 more columns: 'cc', 'd', 'e'"]
    """
    alike: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for notice in notices:
        found = COLUMN.search(notice)
        form = CIRCUMSTANCES.sub("", notice[: found.start(1)] + notice[found.end(1) :]) if found else notice
        alike[form].append((found[1] if found else "", notice))
    said: list[str] = []
    for group in alike.values():
        few = len(group) <= MOST_ALIKE
        said += [notice for _, notice in (group if few else group[:2])]
        if not few:
            said.append(f"the same of {len(group) - 2} more columns: {shortened([name for name, _ in group[2:]])}")
    return said


def shortened(names: Iterable[object], most: int = 5) -> str:
    """The first few names, quoted, and how many more there are.

    Example:
        >>> shortened(["a", "b", "c"], 2)
        "'a', 'b' and 1 more"
    """
    quoted = [f"'{name}'" for name in names]
    return first_few(quoted[:most], len(quoted))


def first_few(texts: Sequence[str], count: int) -> str:
    """Some texts of so many in all, and how many more there are."""
    more = f" and {count - len(texts)} more" if count > len(texts) else ""
    return ", ".join(texts) + more


def first_row(found: Bool[np.ndarray, "N"]) -> int | None:
    """The first row (from 0) of which something is true, None if it is of none."""
    return int(np.argmax(found)) if found.any() else None
