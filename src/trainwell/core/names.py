"""Suggestions for misspelled names."""

from collections.abc import Iterable
from difflib import get_close_matches

LONGEST = 100  # characters of a name that are compared: the time taken grows with their square


def nearest(name: str, valid: Iterable[str]) -> str:
    """End an error message about an unknown name: the nearest valid one, or all of them.

    Args:
        name: what the user wrote.
        valid: the names that would have been accepted.

    Returns:
        `"did you mean 'adam'?"` where one is close, else `"choose from adam, sgd"`.

    Example:
        >>> nearest("adm", ["sgd", "adam"])
        "did you mean 'adam'?"
    """
    names = sorted(valid)
    close = get_close_matches(name[:LONGEST].lower(), names, n=1)
    return f"did you mean '{close[0]}'?" if close else f"choose from {', '.join(names)}"
