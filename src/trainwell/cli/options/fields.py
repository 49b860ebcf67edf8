"""Recipe fields written on the command line: FIELD=VALUE, and FIELD=a,b,c for a grid."""

from collections.abc import Iterable, Sequence
from itertools import product
from typing import Any, get_args, get_origin

from trainwell.core import RecipeError, nearest
from trainwell.training import Recipe


def parse(field: str, text: str) -> Any:
    """A field's value from text; whether it is in range, the recipe says.

    Args:
        field: name of a recipe's field.
        text: a number, a word, or several joined by `,` or `x` for a field that is a list; `none` unsets a
            field that is unset by default, and is the empty list.

    Raises:
        RecipeError: the text, or an item of a list, is empty.

    Example:
        >>> parse("hidden", "100x50"), parse("learning_rate", "1e-3"), parse("clip_norm", "none")
        ((100, 50), 0.001, None)
    """
    text = text.strip()
    info = Recipe.model_fields[field]
    if not text:
        instead = "none, or some numbers" if _is_list(info.annotation) else "one, or leave the field out"
        raise RecipeError(f"{field} has an empty value: write {instead}")
    if text.lower() == "none" and info.default is None:
        return None
    if _is_list(info.annotation):
        items = text.strip("[]()").replace("x", ",").split(",")
        if text.lower() == "none" or text in ("[]", "()"):
            return ()
        if len(items) > 1 and not items[-1].strip():  # "100,": a list of one
            items.pop()
        if not all(item.strip() for item in items):
            raise RecipeError(f"{field} has an empty place in '{text}': write numbers joined by commas, or none")
        return tuple(_number(item.strip()) for item in items)
    if bool in (info.annotation, *get_args(info.annotation)) and text.lower() in ("true", "false"):
        return text.lower() == "true"
    return _number(text)


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
                raise RecipeError(f"--vary {field} has the value {written(value)} twice: name each value once")
        axes[field] = values
    return [dict(zip(axes, combination, strict=True)) for combination in product(*axes.values())]


def written(value: Any) -> str:
    """A field's value as it is written on the command line.

    Example:
        >>> written((100, 50)), written(0.001), written(None)
        ('100x50', '0.001', 'none')
    """
    if value is None or value == ():
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float):
        return f"{value:g}"
    return "x".join(written(item) for item in value) if isinstance(value, (tuple, list)) else str(value)


def _halves(assignment: str, option: str, taken: Iterable[str]) -> tuple[str, str]:
    field, equals, text = assignment.partition("=")
    field = field.strip().replace("-", "_")
    if not equals:
        raise RecipeError(f"{option} {assignment} has no '=': write {option} {field or 'FIELD'}=VALUE")
    if field not in Recipe.model_fields:
        raise RecipeError(f"{option}: unknown field '{field}': {nearest(field, Recipe.model_fields)}")
    if field in taken:
        raise RecipeError(f"{option} names {field} twice: give all its values at once")
    return field, text


def _is_list(annotation: Any) -> bool:
    return any(get_origin(kind) is tuple for kind in (annotation, *get_args(annotation)))


def _number(text: str) -> int | float | str:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text
