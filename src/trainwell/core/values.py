"""Values of settings as text, written and read in one way everywhere (`100x50`, `0.001`, `true`, `none`, `adam`).

Also: lists of words in a sentence, and the first difference between two requests. A run or a study is resumed only if
the new request equals the stored one.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

JOINED = ("hidden", "layer_learning_rates")
"""Fields of recipes: their lists are written `100x50` as options are; other lists, such as seeds, with commas."""
DIFFERENCE_TEXTS = {"data": "the data, or how they are split, are not the same"}
"""Sentences for fields of a request whose values are not shown, such as checksums of data."""


def four_digits(number: float) -> str:
    """A number with at most four significant digits: `0.001`, `1e-6`; from 10,000 to a million as a whole number."""
    if 1e4 <= abs(number) < 1e6:
        return f"{number:.0f}"
    return f"{number:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def value_text(value: Any, number: Callable[[float], str] = "{:g}".format) -> str:
    """A setting's value as text, which `list_of` and `scalar_of` can read.

    Args:
        value: a number, a string, a boolean, a list of these, or None.
        number: writes floats, by default with at most six significant digits; `str` keeps all digits.

    Example:
        >>> [value_text(v) for v in ((100, 50), 0.001, 128, True, None, (), "adam")]
        ['100x50', '0.001', '128', 'true', 'none', 'none', 'adam']
        >>> value_text(1e-6), value_text(1e-6, four_digits)
        ('1e-06', '1e-6')
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return "x".join(value_text(item, number) for item in value) or "none"
    return number(value) if isinstance(value, float) else str(value)


def short_text(value: Any) -> str:
    """A setting's value as charts and tables show it: floats with at most four significant digits."""
    return value_text(value, four_digits)


def scalar_of(text: str) -> int | float | str:
    """A text as int or float; the stripped text itself where it is not a number."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def list_of(text: str) -> tuple[int | float | str, ...]:
    """The items of a list written as `100x50`, `100,50` or `[100, 50]`. `7` and `7,` have one item, `none` has none.

    Raises:
        ValueError: an item is empty.

    Example:
        >>> list_of("100x50"), list_of("100,50"), list_of("7"), list_of("none")
        ((100, 50), (100, 50), (7,), ())
    """
    text = text.strip()
    if text.lower() == "none" or text in ("[]", "()"):
        return ()
    items = text.strip("[]()").replace("x", ",").split(",")
    if len(items) > 1 and not items[-1].strip():
        items.pop()
    if not all(item.strip() for item in items):
        raise ValueError("an item is empty")
    return tuple(scalar_of(item) for item in items)


def listed(words: Sequence[str], most: int | None = None) -> str:
    """Words as a list in a sentence: "a, b and c". Of more than `most` words, the last ones are only counted.

    Example:
        >>> listed(["a"]), listed(["a", "b"]), listed(list("abcdefg"), 4)
        ('a', 'a and b', 'a, b, c and 4 others')
    """
    if most is not None and len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} others"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def first_difference(requested: Mapping[str, Any], stored: Any) -> str | None:
    """The first difference between two requests, as a sentence; None if they are equal.

    Args:
        requested: the new request, as JSON values.
        stored: the earlier request, read from a file, so it may be any JSON value.

    Example:
        >>> first_difference({"space": {"momentum": 0.9}}, {"space": {"momentum": 0.5}})
        'momentum was 0.5 then and is 0.9 now'
        >>> first_difference({"hidden": [100, 50], "seeds": [0, 1]}, {"hidden": [9], "seeds": [0]})
        'hidden was 9 then and is 100x50 now'
    """
    if not isinstance(stored, Mapping):
        return "the stored request is missing or unreadable"
    for name in dict.fromkeys((*requested, *stored)):
        value, before = requested.get(name), stored.get(name)
        if before == value:
            continue
        if isinstance(value, Mapping) and isinstance(before, Mapping) and not _is_axis(value, before):
            if inner := first_difference(value, before):
                return inner
            continue  # a field is None in one request and absent from the other
        then, now = (value_text(one, str) if name in JOINED else shown(one) for one in (before, value))
        return DIFFERENCE_TEXTS.get(name) or f"{name} was {then} then and is {now} now"
    return None


def _is_axis(*values: Mapping[str, Any]) -> bool:
    """Whether one of two values is a search range or a list of choices; these are compared and shown as a whole."""
    return any("low" in value or "choices" in value for value in values)


def shown(value: Any) -> str:
    """A JSON value as text. List items that contain a comma are quoted; a list within a list is written as `100x50`.

    Example:
        >>> shown([0, 1]), shown(["-7,2", "5,5"]), shown([[100, 50], [9]]), shown([])
        ('0, 1', "'-7,2', '5,5'", '100x50, 9', 'none')
    """
    if isinstance(value, (list, tuple)):
        items = (value_text(item, str) if isinstance(item, (list, tuple)) else shown(item) for item in value)
        return ", ".join(f"'{item}'" if "," in item else item for item in items) or "none"
    if isinstance(value, Mapping):
        return " ".join(f"{name} {shown(item)}" for name, item in value.items())
    return "unset" if value is None else str(value)


def finite(value: Any) -> Any:
    """A value with None in place of all numbers that are not finite, since JSON has none. Containers are copied.

    Example:
        >>> finite({"loss": [0.5, float("nan")], "seeds": (0, 1)})
        {'loss': [0.5, None], 'seeds': [0, 1]}
    """
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    value = value.item() if hasattr(value, "item") else value  # NumPy's numbers become Python's
    return None if isinstance(value, float) and not isfinite(value) else value
