"""Recipe fields written on the command line: FIELD=VALUE, FIELD=a,b,c for a grid, FIELD=a..b for a range."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from trainwell.core import RecipeError, SpaceError, nearest, scalar_of, value_text
from trainwell.training import DERIVED, Axis, Choices, Range, check_field, fitted, parse_field, recipe_fields


def parse_assignments(assignments: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """Values by field from texts `FIELD=VALUE`.

    Args:
        assignments: the texts.
        option: name of the option, for messages.

    Raises:
        RecipeError: a text without `=`, an unknown field, or a field given twice.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        field, text = _halves(assignment, option, values, f"{option} {{}}=VALUE")
        _check_known(field, option)
        values[field] = parse_field(field, text)
    return values


def parse_grid(varied: Sequence[str]) -> list[dict[str, Any]]:
    """Every combination of the values of texts `FIELD=a,b,c`, the last field changing fastest.

    Within a value, `x` joins the items of a list: `hidden=100x100,50`.

    Raises:
        RecipeError: a text without `=` or values, an unknown field, a field or a value given twice.

    Example:
        >>> parse_grid(["optimizer=sgd,adam", "hidden=50x50"])
        [{'optimizer': 'sgd', 'hidden': (50, 50)}, {'optimizer': 'adam', 'hidden': (50, 50)}]
    """
    axes: dict[str, list[Any]] = {}
    for one in varied:
        field, text = _halves(one, "--vary", axes, "--vary {}=VALUE")
        _check_known(field, "--vary")
        if ";" in text:
            raise RecipeError(f"--vary {one}: separate values by commas, as in {field}=a,b,c")
        items = text.split(",")
        if not any(item.strip() for item in items):
            raise RecipeError(f"--vary {one} names no value: write {field}=a,b,c")
        if not all(item.strip() for item in items):
            raise RecipeError(f"--vary {one} has an empty value: write {field}=a,b,c without empty entries")
        values = [parse_field(field, item) for item in items]
        for i, value in enumerate(values):
            if value in values[:i]:
                raise RecipeError(f"--vary {field} has the value {value_text(value)} twice: name each value once")
        axes[field] = values
    return [dict(zip(axes, combination, strict=True)) for combination in product(*axes.values())]


def parse_axes(texts: Iterable[str], option: str = "--search") -> dict[str, Axis]:
    """Axes to search, by field.

    Args:
        texts: `FIELD=a..b`, with `:log`, `:integer` or `:step=s` behind where wanted, or `FIELD=a,b,c`; within a
            choice, `x` joins the items of a list. Fields are the recipe's, `width` and `depth`.
        option: name of the option, for messages.

    Raises:
        SpaceError: a text is not of this form, or names a field twice or one that cannot be searched.

    Example:
        >>> axes = parse_axes(["l2-penalty=1e-6..1e-2:log", "hidden=100x50,none", "depth=1..3"])
        >>> [str(axis) for axis in axes.values()], axes["hidden"].values
        (['1e-06..0.01:log', '100x50,none', '1..3'], ((100, 50), ()))
    """
    axes: dict[str, Axis] = {}
    for one in texts:
        field, text = _halves(one, option, axes, "{}=a..b or {}=a,b,c", SpaceError)
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
        raise SpaceError(f"there is an empty value: write {field}=a,b,c without empty entries")
    if len(items) == 1:
        raise SpaceError(f"one value is no search: write {field}=a..b or {field}=a,b,c")
    return Choices([_number(item) if field in DERIVED else parse_field(field, item) for item in items])


def _number(text: str) -> float:
    number = scalar_of(text)
    if isinstance(number, str):
        raise SpaceError(f"'{number}' is no number: a range is two numbers joined by '..'")
    return number


def _halves(
    text: str, option: str, taken: Iterable[str], form: str, error: type[RecipeError] = RecipeError
) -> tuple[str, str]:
    """The field and the value of a text `FIELD=VALUE`."""
    field, equals, value = text.partition("=")
    field = field.strip().replace("-", "_")
    if not equals:
        raise error(f"{option} {text} has no '=': write {form.format(*[field or 'FIELD'] * 2)}")
    if not field:
        raise error(f"{option} {text} names no field: write {form.format('FIELD', 'FIELD')}")
    if field in taken:
        raise error(f"{option} names {field} twice: give all its values at once")
    return field, value


def _check_known(field: str, option: str) -> None:
    if field not in recipe_fields():
        raise RecipeError(f"{option}: unknown field '{field}': {nearest(field, recipe_fields())}")
