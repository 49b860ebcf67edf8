"""Labels of contenders as names of their files."""

import re
from collections.abc import Sequence


def file_names(labels: Sequence[str]) -> list[str]:
    """Labels as names of files on any system, all different even where upper and lower case are one.

    Example:
        >>> file_names(["Adam, β₁ = 0.9", "adam β₁/0.9", "../x"])
        ['Adam_β₁_0.9', 'adam_β₁_0.9-2', 'x']
    """
    names: list[str] = []
    for label in labels:
        stem = re.sub(r"[^\w.+-]+", "_", label).strip("._-") or "contender"
        taken = {name.casefold() for name in names}
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names
