"""What a recipe's field may vary over, a range of numbers or a list of choices, and which fields take what."""

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
MOST_DIGITS = 18  # of a whole number: it fits into 64 bits
Condition = Mapping[str, Any]
"""Names of other fields -> the values that they must have."""


class _Conditional:
    """What has a condition `when`."""

    when: Condition | None

    @cached_property
    def allowed(self) -> dict[str, frozenset[tuple[bool, Any]]]:
        """By the fields that the condition names, what identifies the values under which it holds."""
        return {parent: frozenset(map(identity, values)) for parent, values in (self.when or {}).items()}


@dataclass(frozen=True)
class Range(_Conditional):
    """All numbers from `low` to `high`, both included.

    Attributes:
        low: the lower end.
        high: the upper end.
        log: whether to draw evenly on a logarithmic scale; `low` is then above 0.
        integer: whole numbers only. The range of a whole-numbered field becomes one by itself.
        step: distance between two values, `high` being a whole number of steps above `low`; None is 1 for whole
            numbers, and any number in between for others. Not with `log`.
        when: names of other fields -> the values under which this one is there; all must hold. None: always.

    Raises:
        SpaceError: an end is no finite number, `low` is not below `high`, or the parts do not fit together.

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
    """One of the values listed, in no order of size.

    Attributes:
        values: at least one, all different, each a value of the field; a list-valued field takes tuples.
        when: names of other fields -> the values under which this one is there; all must hold. None: always.

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
            raise SpaceError(f"choices are a list of values, got {values!r}: write [{values!r}, …]")
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
        """The values as plain scalars, which any search library and file can keep: lists as `100x50`."""
        return tuple(as_scalar(value) for value in self.values)

    def value_of(self, label: Scalar) -> Any:
        """The value behind one of `labels`.

        Raises:
            SpaceError: there is none of this label.
        """
        for known, value in zip(self.labels, self.values, strict=True):
            if same(known, label):
                return value
        raise SpaceError(f"there is no choice {label!r}: choose from {', '.join(str(known) for known in self.labels)}")

    def __str__(self) -> str:
        return ",".join(value_text(value, str) for value in self.values)


Axis = Range | Choices


def same(a: Any, b: Any) -> bool:
    """Whether two values are equal, true and false being no numbers."""
    return isinstance(a, bool) == isinstance(b, bool) and bool(a == b)


def identity(value: Any) -> tuple[bool, Any]:
    """What is equal for two values that are the `same`, to look one up among many."""
    return isinstance(value, bool), value


def as_scalar(value: Any) -> Scalar:
    """A value as a scalar: lists as `100x50`, the empty one as `none`."""
    scalar: Scalar = value_text(value, str) if isinstance(value, tuple) else value
    return scalar


def _plain(value: Any) -> Any:
    """Python's own numbers, and tuples for lists."""
    if hasattr(value, "tolist"):  # NumPy's, which is not loaded for the help of a command
        value = value.tolist()
    return tuple(_plain(part) for part in value) if isinstance(value, list | tuple) else value


def _condition(when: Condition | None) -> dict[str, tuple[Any, ...]] | None:
    if when is not None and not isinstance(when, Mapping):
        raise SpaceError(f"a condition names a field and its values, as when = {{optimizer = 'adam'}}, got {when!r}")
    listed = {name: _plain(values) for name, values in (when or {}).items()}
    return {name: values if isinstance(values, tuple) else (values,) for name, values in listed.items()} or None


def _number(name: str, value: Any) -> float:
    value = _plain(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not _is_usual(value):
        raise SpaceError(f"{name} of a range must be a finite number, got {value!r}")
    return value


def _is_usual(value: float) -> bool:
    """Whether a number is finite; a whole one of very many digits cannot even be asked by `math.isfinite`."""
    return abs(value) < 10**MOST_DIGITS if isinstance(value, int) else math.isfinite(value)


def _whole(name: str, value: float) -> int:
    if value != int(value):
        raise SpaceError(f"{name} of a range of whole numbers must be one, got {value:g}: try {math.ceil(value)}")
    return int(value)


def _check_ends(low: float, high: float, log: bool) -> None:
    if low > high:
        raise SpaceError(f"a range has its low end {low:g} above its high end {high:g}: swap them")
    if low == high:
        raise SpaceError(f"a range from {low:g} to {high:g} is one number: give {low:g} itself")
    if log and low <= 0:
        hint = f"try {high / 1000:g}, or leave log out" if high > 0 else "leave log out"
        raise SpaceError(f"a log range must begin above 0, got {low:g}: {hint}")


def _check_step(low: float, high: float, step: float, log: bool) -> None:
    if log:
        raise SpaceError("a log range takes no step: leave step or log out")
    if step <= 0:
        raise SpaceError(f"step of a range must be above 0, got {step:g}")
    if (high - low) / step > MOST_STEPS:
        raise SpaceError(f"a range from {low:g} to {high:g} has very many steps of {step:g}: leave step out")
    first, last, width = (Decimal(str(number)) for number in (low, high, step))  # as written: 0.1 is a tenth
    count, rest = divmod(last - first, width)
    if rest or count < 1:
        raise SpaceError(f"steps of {step} from {low} do not meet {high}: try high = {first + (count or 1) * width}")


def _set(axis: Axis, **attributes: Any) -> None:
    for name, value in attributes.items():
        object.__setattr__(axis, name, value)


DERIVED = {"width": "units of every hidden layer", "depth": "number of hidden layers"}
"""Axes that make the field `hidden` together: `(width,) * depth`."""
LEAST = {"width": 1, "depth": 0}
MOST = {"width": 2**31 - 1, "depth": 1000}
COMMON = ("metric", "observe_every", "observe_first", "observe_training", "observe_batch")
"""Fields that say how trials are judged; they must be the same for all."""


def searchable() -> tuple[str, ...]:
    """Every field that can be searched, in the order in which spaces list them."""
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
    """A whole number as float, if it is one that floats have."""
    return float(value) if _is_int(value) and abs(value) < 10**MOST_DIGITS else value


def typed(name: str, value: Any) -> Any:
    """A value in the field's own type: 1 as 1.0 where any number may stand, "none" as None where nothing may."""
    if isinstance(value, list | tuple):
        return tuple(_as_float(part) if float in _parts(name) else part for part in value)
    if value == "none" and name not in DERIVED and _info(name).default is None:
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
    if name not in searchable():
        raise SpaceError(f"there is no field '{name}' to search: {nearest(str(name), searchable())}")


def _info(name: str) -> FieldInfo:
    return Recipe.model_fields.get(name) or recipe_fields()[name]


def _flat(annotation: Any) -> set[Any]:
    """The types in a field's annotation, None left out."""
    return {str if isinstance(kind, str) else kind for kind in kinds_of(annotation)}


def _parts(name: str) -> set[Any]:
    """The types of a list's items."""
    annotation = None if name in DERIVED else _info(name).annotation
    lists = [kind for kind in (annotation, *get_args(annotation)) if get_origin(kind) is tuple]
    return {part for kind in lists for part in _flat(get_args(kind)[0])}


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
