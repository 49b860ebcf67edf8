"""Values of settings as text, written and read in one way everywhere (`100x50`, `0.001`, `true`, `none`, `adam`).

How sentences list words; and what differs between two requests, in words: a run or a study is resumed only if the same
is asked for again.
"""

from collections.abc import Callable, Mapping, Sequence
from math import isfinite
from typing import Any

WORDS = {"data": "the data, or how they are split, are not the same"}


def four_digits(number: float) -> str:
    """A number as people write it: at most four digits, `1e-6`, and no power of ten from 10,000 to a million."""
    if 1e4 <= abs(number) < 1e6:
        return f"{number:.0f}"
    return f"{number:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def value_text(value: Any, number: Callable[[float], str] = "{:g}".format) -> str:
    """A setting's value as text, which `list_of` and `scalar_of` read again.

    Args:
        value: a number, a word, true or false, a list of them, or None.
        number: how floats are written, with at most six digits if not said: `str` keeps every digit.

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
    """A setting's value as charts and tables show it: numbers with four digits."""
    return value_text(value, four_digits)


def scalar_of(text: str) -> int | float | str:
    """The number that a text is, or the word."""
    text = text.strip()
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def list_of(text: str) -> tuple[int | float | str, ...]:
    """The list that a text is: `100x50`, `100,50` or `[100, 50]`; `7` and `7,` have one item, `none` has none.

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
    """Words as a sentence has them, of more than `most` the first few.

    Example:
        >>> listed(["a"]), listed(["a", "b"]), listed(list("abcdefg"), 4)
        ('a', 'a and b', 'a, b, c and 4 others')
    """
    if most is not None and len(words) > most:
        words = [*words[: most - 1], f"{len(words) - most + 1} others"]
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


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
    """A JSON value as a person writes it; in a list, what has commas itself is in quotation marks, and lists have none.

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
    """A value as JSON can hold it: None for a number that is not finite; containers item by item.

    Example:
        >>> finite({"loss": [0.5, float("nan")], "seeds": (0, 1)})
        {'loss': [0.5, None], 'seeds': [0, 1]}
    """
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    value = value.item() if hasattr(value, "item") else value  # NumPy's numbers are Python's in JSON
    return None if isinstance(value, float) and not isfinite(value) else value
