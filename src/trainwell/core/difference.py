"""What differs between two requests, in words: a run or a study goes on only if the same is asked for again."""

from collections.abc import Mapping
from typing import Any

WORDS = {"data": "the data, or how they are split, are not the same"}


def first_difference(asked: Mapping[str, Any], stored: Any) -> str | None:
    """The first thing that differs between two requests, as JSON values; None if nothing does.

    What is stored may be anything, as it comes from a file.

    Example:
        >>> first_difference({"space": {"momentum": 0.9}}, {"space": {"momentum": 0.5}})
        'momentum was 0.5 then and is 0.9 now'
    """
    if not isinstance(stored, Mapping):
        return "which did not keep what was asked for"
    for name in dict.fromkeys((*asked, *stored)):
        value, before = asked.get(name), stored.get(name)
        if before == value:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping) and not _is_axis(value, before):
            if inner := first_difference(value, before):
                return inner
            continue  # unset on one side, unknown on the other
        return WORDS.get(name) or f"{name} was {shown(before)} then and is {shown(value)} now"
    return None


def _is_axis(*values: Mapping[str, Any]) -> bool:
    """Whether they are ranges or choices, which are said whole."""
    return any("low" in value or "choices" in value for value in values)


def shown(value: Any) -> str:
    """A JSON value as a person writes it."""
    if isinstance(value, (list, tuple)):
        return ", ".join(shown(item) for item in value)
    if isinstance(value, Mapping):
        return " ".join(f"{name} {shown(item)}" for name, item in value.items())
    return "unset" if value is None else str(value)
