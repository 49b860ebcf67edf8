"""Which fields of a recipe can be searched, and by what."""

from collections.abc import Iterable
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from trainwell.core import SpaceError, nearest
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.space.axes import MOST_DIGITS, Axis, Choices, Range

DERIVED = {"width": "units of every hidden layer", "depth": "number of hidden layers"}
"""Axes that make the field `hidden` together: `(width,) * depth`."""
LEAST = {"width": 1, "depth": 0}
MOST = {"width": 2**31 - 1, "depth": 1000}
COMMON = ("metric", "observe_every", "observe_first", "observe_training", "observe_batch")
"""Fields that say how trials are judged; they must be the same for all."""
ORDER = ("hidden", *DERIVED, *(name for name in Recipe.model_fields if name not in ("hidden", *COMMON)))
"""Every field that can be searched, in the order in which spaces list them."""


def kinds(name: str) -> set[Any]:
    """The types of a field's values, such as {int, str}; `tuple` for lists."""
    return {int} if name in DERIVED else set(_flat(Recipe.model_fields[name].annotation))


def takes_lists(name: str) -> bool:
    """Whether the field's value is itself a list."""
    return tuple in kinds(name)


def values_of(name: str, raw: Any) -> tuple[Any, ...]:
    """One or several values of a field, as a tuple of values: a list of lists for a list-valued field.

    Example:
        >>> values_of("optimizer", "sgd"), values_of("hidden", [9, 9]), values_of("hidden", [[9, 9], []])
        (('sgd',), ((9, 9),), ((9, 9), ()))
    """
    several = isinstance(raw, list | tuple)
    if several and takes_lists(name):
        several = bool(raw) and (any(isinstance(one, list | tuple) for one in raw) or set(raw) <= {None, "none"})
    return tuple(typed(name, one) for one in (raw if several else (raw,)))


def _as_float(value: Any) -> Any:
    """A whole number as float, if it is one that floats have."""
    return float(value) if _is_int(value) and abs(value) < 10**MOST_DIGITS else value


def typed(name: str, value: Any) -> Any:
    """A value in the field's own type: 1 as 1.0 where any number may stand, "none" as None where nothing may."""
    if isinstance(value, list | tuple):
        return tuple(_as_float(part) if float in _parts(name) else part for part in value)
    if value == "none" and name not in DERIVED and Recipe.model_fields[name].default is None:
        return None
    return _as_float(value) if float in kinds(name) else value


def fitted(name: str, axis: Axis) -> Axis:
    """An axis in its field's own type.

    Args:
        name: the field, or `width` or `depth`.
        axis: what it is to vary over.

    Returns:
        The same axis with values of the field's type; a range of a whole-numbered field is one of whole numbers.

    Raises:
        SpaceError: there is no such field, it cannot be searched, or not by a range.
    """
    check_field(name)
    if not isinstance(axis, Range | Choices):
        raise SpaceError(f"{name} must be a Range or Choices to be searched, got {axis!r}")
    types = kinds(name)
    if isinstance(axis, Choices):
        for value in axis.values if name in DERIVED else ():
            count(name, value)
        return Choices([typed(name, value) for value in axis.values], axis.when)
    if not types & {int, float}:
        what = "lists" if tuple in types else "true or false" if bool in types else "words"
        raise SpaceError(f"{name} takes no range, its values are {what}: list them as choices")
    low, high, step = axis.low, axis.high, axis.step
    if float not in types and any(end is not None and end != int(end) for end in (low, high, step)):
        raise SpaceError(f"{name} is a whole number, its range is {axis}: give whole ends and steps")
    for end in (low, high) if name in DERIVED else ():
        count(name, int(end))
    if axis.integer or float not in types:
        return Range(low, high, axis.log, True, step, axis.when)
    return Range(float(low), float(high), axis.log, False, None if step is None else float(step), axis.when)


def count(name: str, value: Any) -> int:
    """A value of `width` or `depth`, checked."""
    if not _is_int(value) or value < LEAST[name]:
        raise SpaceError(f"{name} must be a whole number from {LEAST[name]}, got {value!r}")
    if value > MOST[name]:  # a tuple of so many layers is made before a recipe could refuse it
        raise SpaceError(f"{name} must be at most {MOST[name]}, got {value}")
    return int(value)


def check_field(name: str) -> None:
    """Refuse what is no field, or one that must be the same for all trials."""
    if name in COMMON:
        raise SpaceError(f"{name} says how trials are judged and must be the same for all: give one value")
    if name not in ORDER:
        raise SpaceError(f"there is no field '{name}' to search: {nearest(str(name), ORDER)}")


def _flat(annotation: Any) -> Iterable[Any]:
    """The types in a field's annotation, None left out."""
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _flat(get_args(annotation)[0])
    elif origin in (Union, UnionType):
        for part in get_args(annotation):
            yield from _flat(part)
    elif origin is Literal:
        yield from {type(word) for word in get_args(annotation)}
    elif annotation is not type(None):
        yield origin or annotation


def _parts(name: str) -> set[Any]:
    """The types of a list's items."""
    annotation = None if name in DERIVED else Recipe.model_fields[name].annotation
    lists = [kind for kind in (annotation, *get_args(annotation)) if get_origin(kind) is tuple]
    return {part for kind in lists for part in _flat(get_args(kind)[0])}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
