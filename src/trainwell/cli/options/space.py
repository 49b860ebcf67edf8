"""Axes of a search written on the command line: FIELD=a..b for a range, FIELD=a,b,c for choices."""

from collections.abc import Iterable
from typing import Any

from trainwell.cli.options.fields import parse
from trainwell.core import RecipeError, SpaceError, scalar_of
from trainwell.training import DERIVED, Axis, Choices, Range, check_field, fitted

OPTION = "--search"


def parse_axes(texts: Iterable[str], option: str = OPTION) -> dict[str, Axis]:
    """What to search, by field.

    Args:
        texts: `FIELD=a..b`, with `:log`, `:integer` or `:step=s` behind where wanted, or `FIELD=a,b,c`; within a
            choice, `x` joins the items of a list. Fields are the recipe's, `width` and `depth`.
        option: of the command line, for messages.

    Raises:
        SpaceError: a text is not of this form, or names a field twice or one that cannot be searched.

    Example:
        >>> axes = parse_axes(["l2-penalty=1e-6..1e-2:log", "hidden=100x50,none", "depth=1..3"])
        >>> [str(axis) for axis in axes.values()], axes["hidden"].values
        (['1e-06..0.01:log', '100x50,none', '1..3'], ((100, 50), ()))
    """
    axes: dict[str, Axis] = {}
    for one in texts:
        field, equals, text = one.partition("=")
        field = field.strip().replace("-", "_")
        if not equals:
            raise SpaceError(f"{option} {one} has no '=': write {field or 'FIELD'}=a..b or {field or 'FIELD'}=a,b,c")
        if not field:
            raise SpaceError(f"{option} {one} names no field: write FIELD=a..b or FIELD=a,b,c")
        if field in axes:
            raise SpaceError(f"{option} names {field} twice: give all its values at once")
        try:
            check_field(field)
            axes[field] = fitted(field, _range(field, text) if ".." in text else _choices(field, text))
        except RecipeError as error:
            raise SpaceError(f"{option} {one}: {error}") from None
    return axes


def _range(field: str, text: str) -> Range:
    ends, *options = (part.strip() for part in text.split(":"))
    low, _, high = ends.partition("..")
    if high.startswith(".") and not low.startswith("."):
        raise SpaceError(f"'{ends}' has three dots, which may be a slip: write {low}..0{high} or {low}..{high[1:]}")
    given: dict[str, Any] = {}
    for option in options:
        name, equals, value = (part.strip() for part in option.partition("="))
        if (name, bool(equals)) not in (("log", False), ("integer", False), ("step", True)):
            raise SpaceError(f"a range takes :log, :integer or :step=s, not ':{option}'")
        given[name] = _number(value) if equals else True
    return Range(_number(low), _number(high), **given)


def _choices(field: str, text: str) -> Choices:
    items = text.split(",")
    if not all(item.strip() for item in items):
        raise SpaceError(f"there is an empty value: write {field}=a,b,c with a value in every place")
    if len(items) == 1:
        raise SpaceError(f"one value is no search: write {field}=a..b or {field}=a,b,c")
    return Choices([_number(item) if field in DERIVED else parse(field, item) for item in items])


def _number(text: str) -> float:
    number = scalar_of(text)
    if isinstance(number, str):
        raise SpaceError(f"'{number}' is no number: a range is two numbers joined by '..'")
    return number
