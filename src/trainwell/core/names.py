"""Suggestions for misspelled names."""

from collections.abc import Iterable
from difflib import get_close_matches

MOST = 8
"""Names in a message that offers any."""
SLIP = 0.85
"""Likeness of a name with a letter too many or too few."""
FEW = 4
"""Names in one that offers near ones."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """End an error message about an unknown name: the valid ones that it may stand for, or some of all.

    A name may be misspelled, short for the first letters of a longer one's words (`lr` for `learning_rate`), or a part
    of one (`dropout`, `init`).

    Args:
        name: what the user wrote.
        valid: the names that would have been accepted.

    Returns:
        `"did you mean 'adam'?"` where one is near, else `"choose from adam, sgd"`; of many names the first few.

    Example:
        >>> nearest("adm", ["sgd", "adam"])
        "did you mean 'adam'?"
        >>> nearest("lr", ["learning_rate", "layers"])
        "did you mean 'learning_rate'?"
    """
    names, asked = sorted(valid), name.lower()
    short = [one for one in names if "_" in one and asked == "".join(part[:1] for part in one.lower().split("_"))]
    near = short or get_close_matches(asked, names, n=1, cutoff=SLIP)
    near = near or _beginning(asked, names) or get_close_matches(asked, names, n=1)
    if near:
        *first, last = [f"'{one}'" for one in near[:FEW]]
        return f"did you mean {', '.join(first)}{' or ' if first else ''}{last}?"
    more = f" and {len(names) - MOST} more" if len(names) > MOST + 1 else ""
    return f"choose from {', '.join(names[:MOST] if more else names)}{more}"


def _beginning(asked: str, names: list[str]) -> list[str]:
    """The names that have a word which begins so, those whose first one does first; of one letter it would be any."""
    if len(asked) < 2:
        return []
    found = [one for one in names if any(word.startswith(asked) for word in one.lower().split("_"))]
    return sorted(found, key=lambda one: not one.lower().startswith(asked))
