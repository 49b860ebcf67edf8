"""A setting's value as text, written and read in one way everywhere: `100x50`, `0.001`, `true`, `none`, `adam`."""

from collections.abc import Callable
from typing import Any


def six_digits(number: float) -> str:
    """A number with as many digits as it needs, at most six."""
    return f"{number:g}"


def four_digits(number: float) -> str:
    """A number as people write it: at most four digits, `1e-6`, and no power of ten from 10,000 to a million."""
    if 1e4 <= abs(number) < 1e6:
        return f"{number:.0f}"
    return f"{number:.4g}".replace("e-0", "e-").replace("e+0", "e").replace("e+", "e")


def value_text(value: Any, number: Callable[[float], str] = six_digits) -> str:
    """A setting's value as text, which `list_of` and `scalar_of` read again.

    Args:
        value: a number, a word, true or false, a list of them, or None.
        number: how floats are written: `str` keeps every digit.

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
