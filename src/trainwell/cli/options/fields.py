"""Recipe fields written on the command line: FIELD=VALUE, and FIELD=a,b,c for a grid."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any

from trainwell.core import RecipeError, kinds_of, list_of, nearest, scalar_of, value_text
from trainwell.training import recipe_fields


def parse(field: str, text: str) -> Any:
    """A field's value from text; whether it is in range, the recipe says.

    Args:
        field: name of a recipe's field.
        text: a number, a word, or several joined by `,` or `x` for a field that is a list; `none` unsets a
            field that is unset by default, and is the empty list.

    Raises:
        RecipeError: the text, or an item of a list, is empty.

    Example:
        >>> parse("hidden", "100x50"), parse("l2_penalty", "1e-3"), parse("clip_norm", "none")
        ((100, 50), 0.001, None)
    """
    text = text.strip()
    info = recipe_fields()[field]
    kinds = list(kinds_of(info.annotation))
    if not text:
        instead = "none, or some numbers" if tuple in kinds else "one, or leave the field out"
        raise RecipeError(f"{field} has an empty value: write {instead}")
    if text.lower() == "none" and info.default is None:
        return None
    if tuple in kinds:
        try:
            return list_of(text)
        except ValueError:
            raise RecipeError(
                f"{field} has an empty place in '{text}': write numbers joined by commas, or none"
            ) from None
    if bool in kinds and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return scalar_of(text)


def parse_assignments(assignments: Iterable[str], option: str = "--set") -> dict[str, Any]:
    """Values by field from texts `FIELD=VALUE`.

    Args:
        assignments: the texts.
        option: of the command line, for messages.

    Raises:
        RecipeError: a text without `=`, an unknown field, or a field given twice.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        field, text = _halves(assignment, option, values)
        values[field] = parse(field, text)
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
        field, text = _halves(one, "--vary", axes)
        if ";" in text:
            raise RecipeError(f"--vary {one}: separate values by commas, as in {field}=a,b,c")
        items = text.split(",")
        if not any(item.strip() for item in items):
            raise RecipeError(f"--vary {one} names no value: write {field}=a,b,c")
        if not all(item.strip() for item in items):
            raise RecipeError(f"--vary {one} has an empty value: write {field}=a,b,c with a value in every place")
        values = [parse(field, item) for item in items]
        for i, value in enumerate(values):
            if value in values[:i]:
                raise RecipeError(f"--vary {field} has the value {value_text(value)} twice: name each value once")
        axes[field] = values
    return [dict(zip(axes, combination, strict=True)) for combination in product(*axes.values())]


def _halves(assignment: str, option: str, taken: Iterable[str]) -> tuple[str, str]:
    field, equals, text = assignment.partition("=")
    field = field.strip().replace("-", "_")
    if not equals:
        raise RecipeError(f"{option} {assignment} has no '=': write {option} {field or 'FIELD'}=VALUE")
    if field not in recipe_fields():
        raise RecipeError(f"{option}: unknown field '{field}': {nearest(field, recipe_fields())}")
    if field in taken:
        raise RecipeError(f"{option} names {field} twice: give all its values at once")
    return field, text
