"""Ranges and lists of choices for a recipe's fields, and which fields take which."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, get_args, get_origin

from pydantic.fields import FieldInfo

from trainwell.core import SpaceError, kinds_of, nearest, value_text
from trainwell.training.recipe.recipe import Recipe, recipe_fields

Scalar = bool | int | float | str | None
MOST_CHOICES = 10_000
MOST_STEPS = 10**9
MOST_DIGITS = 18  # whole numbers with as many digits fit into 64 bits
Condition = Mapping[str, Any]
"""Other fields -> the values that they must have."""


class _Conditional:
    """An axis with a condition `when`."""

    when: Condition | None

    @cached_property
    def allowed(self) -> dict[str, frozenset[tuple[bool, Any]]]:
        """For each field of the condition, the `identity` of the values for which it holds."""
        return {parent: frozenset(map(identity, values)) for parent, values in (self.when or {}).items()}


@dataclass(frozen=True)
class Range(_Conditional):
    """All numbers from `low` to `high`, both included.

    Attributes:
        low: the lower end.
        high: the upper end.
        log: whether to sample on a logarithmic scale; `low` must then be above 0.
        integer: whole numbers only; set automatically for fields of whole numbers.
        step: distance between two values; `high` must be a whole number of steps above `low`. None is 1 for whole
            numbers; other ranges are then continuous. Not allowed with `log`.
        when: other fields -> values for which this range is active; all must hold. None: always active.

    Raises:
        SpaceError: an end is not a finite number, `low` is not below `high`, or the attributes contradict each other.

    Example:
        >>> str(Range(1e-6, 1e-2, log=True)), str(Range(16, 64, step=16))
        ('1e-06..0.01:log', '16..64:step=16')

    Source: T-HP-3 and T-HP-4.
    """

    low: float
    high: float
    log: bool = False
    integer: bool = False
    step: float | None = None
    when: Condition | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        low, high = _number("low", self.low), _number("high", self.high)
        step = None if self.step is None else _number("step", self.step)
        _check_ends(low, high, self.log)
        if self.integer:
            low, high = _whole("low", low), _whole("high", high)
            step = None if step is None else _whole("step", step)
        if step is not None:
            _check_step(low, high, step, self.log)
        step = None if self.integer and step == 1 else step
        _set(self, low=low, high=high, step=step, when=_condition(self.when))

    def __str__(self) -> str:
        step = "" if self.step is None else f":step={self.step:g}"
        return f"{self.low:g}..{self.high:g}{':log' if self.log else ''}{step}"


@dataclass(frozen=True)
class Choices(_Conditional):
    """A list of values without order, such as optimizers.

    Attributes:
        values: at least one, all different; for a list-valued field tuples.
        when: other fields -> values for which this axis is active; all must hold. None: always active.

    Raises:
        SpaceError: the list is empty, holds a value twice, or NaN or Inf.

    Example:
        >>> Choices([(100, 50), ()]).labels
        ('100x50', 'none')
    """

    values: tuple[Any, ...]
    when: Condition | None = field(default=None, hash=False)

    def __init__(self, values: Any, when: Condition | None = None) -> None:
        if isinstance(values, str | bytes | Mapping) or not hasattr(values, "__iter__"):
            raise SpaceError(f"choices must be a list of values, got {values!r}: write [{values!r}, …]")
        kept = tuple(_plain(value) for value in values)
        if not kept:
            raise SpaceError("a list of choices is empty: name at least one value")
        if len(kept) > MOST_CHOICES:
            raise SpaceError(f"a list of choices has {len(kept):,} values, at most {MOST_CHOICES:,}: give a range")
        known: set[tuple[bool, Any]] = set()
        for value in kept:
            for part in value if isinstance(value, tuple) else (value,):
                if not isinstance(part, Scalar):
                    raise SpaceError(f"a list of choices has {part!r}: name numbers, words or lists of them")
                if isinstance(part, int | float) and not _is_usual(part):
                    raise SpaceError(f"a list of choices has {part}: numbers must be finite")
            if identity(value) in known:
                raise SpaceError(f"a list of choices has {value_text(value, str)} twice: name each value once")
            known.add(identity(value))
        _set(self, values=kept, when=_condition(when))

    @property
    def labels(self) -> tuple[Scalar, ...]:
        """The values as scalars, as Optuna needs them: lists as `100x50`."""
        return tuple(as_scalar(value) for value in self.values)

    def value_of(self, label: Scalar) -> Any:
        """The value that belongs to one of `labels`.

        Raises:
            SpaceError: the label is unknown.
        """
        for known, value in zip(self.labels, self.values, strict=True):
            if same(known, label):
                return value
        raise SpaceError(f"there is no choice {label!r}: choose from {', '.join(str(known) for known in self.labels)}")

    def __str__(self) -> str:
        return ",".join(value_text(value, str) for value in self.values)


Axis = Range | Choices


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal; unlike in Python, True is not 1 and False is not 0."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def identity(value: Any) -> tuple[bool, Any]:
    """A key for sets and dictionaries, equal for two values that are the `same`."""
    return isinstance(value, bool), value


def as_scalar(value: Any) -> Scalar:
    """A value as a scalar: a list as `100x50`, the empty list as `none`."""
    scalar: Scalar = value_text(value, str) if isinstance(value, tuple) else value
    return scalar


def _plain(value: Any) -> Any:
    """A value with Python's numbers in place of NumPy's, and tuples in place of lists."""
    if hasattr(value, "tolist"):  # NumPy, without importing it: help must load fast
        value = value.tolist()
    return tuple(_plain(part) for part in value) if isinstance(value, list | tuple) else value


def _condition(when: Condition | None) -> dict[str, tuple[Any, ...]] | None:
    if when is not None and not isinstance(when, Mapping):
        raise SpaceError(f"a condition must be a field and its values, as when = {{optimizer = 'adam'}}, got {when!r}")
    listed = {name: _plain(values) for name, values in (when or {}).items()}
    return {name: values if isinstance(values, tuple) else (values,) for name, values in listed.items()} or None


def _number(name: str, value: Any) -> float:
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_usual(value):
        raise SpaceError(f"{name} of a range must be a finite number, got {value!r}")
    return value


def _is_usual(value: float) -> bool:
    """Whether a number is finite; `math.isfinite` fails for very large whole numbers."""
    return abs(value) < 10**MOST_DIGITS if isinstance(value, int) else math.isfinite(value)


def _whole(name: str, value: float) -> int:
    if value != int(value):
        raise SpaceError(f"{name} of a range of whole numbers must be whole, got {value:g}: try {math.ceil(value)}")
    return int(value)


def _check_ends(low: float, high: float, log: bool) -> None:
    if low > high:
        raise SpaceError(f"the low end {low:g} of a range is above its high end {high:g}: swap them")
    if low == high:
        raise SpaceError(f"a range from {low:g} to {high:g} is a single number: write {low:g}")
    if log and low <= 0:
        hint = f"try {high / 1000:g}, or leave log out" if high > 0 else "leave log out"
        raise SpaceError(f"a log range must begin above 0, got {low:g}: {hint}")


def _check_step(low: float, high: float, step: float, log: bool) -> None:
    if log:
        raise SpaceError("a log range cannot have a step: leave step or log out")
    if step <= 0:
        raise SpaceError(f"step of a range must be above 0, got {step:g}")
    if (high - low) / step > MOST_STEPS:
        raise SpaceError(f"a range from {low:g} to {high:g} has too many steps of {step:g}: leave step out")
    first, last, width = (Decimal(str(number)) for number in (low, high, step))  # decimal: 0.1 is exactly a tenth
    count, rest = divmod(last - first, width)
    if rest or count < 1:
        raise SpaceError(f"steps of {step} from {low} do not reach {high}: try high = {first + (count or 1) * width}")


def _set(axis: Axis, **attributes: Any) -> None:
    for name, value in attributes.items():
        object.__setattr__(axis, name, value)


DERIVED = {"width": "units of every hidden layer", "depth": "number of hidden layers"}
"""Axes that together set the field `hidden` to `(width,) * depth`."""
LEAST = {"width": 1, "depth": 0}
MOST = {"width": 2**31 - 1, "depth": 1000}
COMMON = ("metric", "observe_every", "observe_first", "observe_training", "observe_batch")
"""Fields that define how trials are judged; all trials must have the same values."""


def searchable() -> tuple[str, ...]:
    """Every field that can be searched, in the order of a space's axes."""
    return ("hidden", *DERIVED, *(name for name in recipe_fields() if name not in ("hidden", *COMMON)))


def kinds(name: str) -> set[Any]:
    """The types of a field's values, such as {int, str}; `tuple` for lists."""
    return {int} if name in DERIVED else _flat(_info(name).annotation)


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
    """A whole number as float, unless it has too many digits."""
    return float(value) if _is_int(value) and abs(value) < 10**MOST_DIGITS else value


def typed(name: str, value: Any) -> Any:
    """A value in the field's type: 1 becomes 1.0 for a field of floats, "none" becomes None for an optional field."""
    if isinstance(value, list | tuple):
        return tuple(_as_float(part) if float in _parts(name) else part for part in value)
    if value == "none" and name not in DERIVED and _info(name).default is None:
        return None
    return _as_float(value) if float in kinds(name) else value


def fitted(name: str, axis: Axis) -> Axis:
    """Convert an axis to its field's type.

    Args:
        name: the field, or `width` or `depth`.
        axis: its range or choices.

    Returns:
        The same axis with values of the field's type; for a field of whole numbers a range is of whole numbers, too.

    Raises:
        SpaceError: there is no such field, it cannot be searched, or it cannot have a range.
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
        raise SpaceError(f"{name} cannot be a range, its values are {what}: list them as choices")
    low, high, step = axis.low, axis.high, axis.step
    if float not in types and any(end is not None and end != int(end) for end in (low, high, step)):
        raise SpaceError(f"{name} is a whole number, its range is {axis}: give whole ends and steps")
    for end in (low, high) if name in DERIVED else ():
        count(name, int(end))
    if axis.integer or float not in types:
        return Range(low, high, axis.log, True, step, axis.when)
    return Range(float(low), float(high), axis.log, False, None if step is None else float(step), axis.when)


def count(name: str, value: Any) -> int:
    """Check a value of `width` or `depth` and return it as `int`."""
    if not _is_int(value) or value < LEAST[name]:
        raise SpaceError(f"{name} must be a whole number from {LEAST[name]}, got {value!r}")
    if value > MOST[name]:  # checked here because `(width,) * depth` would use too much memory
        raise SpaceError(f"{name} must be at most {MOST[name]}, got {value}")
    return int(value)


def check_field(name: str) -> None:
    """Raise `SpaceError` for an unknown field, or one that must be the same for all trials."""
    if name in COMMON:
        raise SpaceError(f"{name} defines how trials are judged and must be the same for all: give one value")
    if name not in searchable():
        raise SpaceError(f"there is no field '{name}' to search: {nearest(str(name), searchable())}")


def _info(name: str) -> FieldInfo:
    return Recipe.model_fields.get(name) or recipe_fields()[name]


def _flat(annotation: Any) -> set[Any]:
    """The types in a field's annotation, without None."""
    return {str if isinstance(kind, str) else kind for kind in kinds_of(annotation)}


def _parts(name: str) -> set[Any]:
    """The types of a list's items."""
    annotation = None if name in DERIVED else _info(name).annotation
    lists = [kind for kind in (annotation, *get_args(annotation)) if get_origin(kind) is tuple]
    return {part for kind in lists for part in _flat(get_args(kind)[0])}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
