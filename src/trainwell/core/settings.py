"""Settings: the fields of recipes (how to train), plans (of a search) and terms (of a comparison).

Pydantic's `Field` at each field has its description and range.
The command line's options, settings files and search spaces read names, types, ranges and descriptions from here.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import MISSING, fields
from inspect import cleandoc
from operator import index
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from trainwell.core.errors import shortened

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

T = TypeVar("T")
SEED_BOUND = 2**63
"""Seeds must be below it, because they are stored as signed 64-bit integers."""
FIRST: Any = {"first": True}
"""Marks the settings that help shows first, because they matter most: `Field(…, json_schema_extra=FIRST)`.

`json_schema_extra` may also have `shown`: the text that help shows as the default.
"""


def settings_of(owner: Any) -> "dict[str, FieldInfo]":
    """Name -> setting, of a pydantic model or of a dataclass whose fields are `Annotated[…, Field(description=…)]`.

    A dataclass's fields without a description are omitted.
    """
    if hasattr(owner, "model_fields"):
        return dict(owner.model_fields)
    from pydantic.fields import FieldInfo

    found: dict[str, FieldInfo] = {}
    for one in fields(owner):
        annotation: Any = one.type
        if get_origin(annotation) is Annotated:
            made: Any = one.default_factory if one.default is MISSING else None
            found[one.name] = FieldInfo.from_annotated_attribute(annotation, None if made else one.default)
            found[one.name].default_factory = made
    return found


def checked_seeds(seeds: Any, error: type[Exception]) -> tuple[int, ...]:
    """Seeds as numbers: one rule for training, searches and comparisons.

    A bare number is refused, because it would be one seed here, and is how many on the command line.

    Args:
        seeds: the seeds themselves.
        error: what to raise.

    Example:
        >>> checked_seeds(range(2), ValueError)
        (0, 1)
        >>> checked_seeds(5, ValueError)
        Traceback (most recent call last):
            ...
        ValueError: seeds must be a list, got 5: write [5] for the seed 5, or range(5) for five seeds
    """
    if not isinstance(seeds, Iterable):
        raise error(f"seeds must be a list, got {seeds!r}: write [5] for the seed 5, or range(5) for five seeds")
    given = list(seeds)
    try:
        found = tuple(map(index, given))
    except TypeError:
        found = ()
    if not found or min(found) < 0 or len(set(found)) < len(found):
        got = shortened(str(given), 60)
        raise error(f"seeds must be different whole numbers from 0, at least one, got {got}")
    return found


def described(owner: type[T]) -> type[T]:
    """Class decorator for dataclasses: adds the settings' descriptions to the docstring as `Args`.

    The signature of `__init__` then has plain types in place of `Annotated[…]`.
    """
    lines = [f"    {name}: {setting.description}." for name, setting in settings_of(owner).items()]
    what, raises, errors = cleandoc(owner.__doc__ or "").partition("Raises:\n")
    owner.__doc__ = "\n".join([f"{what}Args:", *lines, "", f"{raises}{errors}"])
    taken: dict[str, Any] = owner.__init__.__annotations__
    taken |= {name: get_args(kind)[0] for name, kind in taken.items() if get_origin(kind) is Annotated}
    return owner


def kinds_of(annotation: Any) -> Iterator[Any]:
    """The types in a setting's annotation, without None. A `Literal` yields its values.

    Example:
        >>> list(kinds_of(int | Literal["full"] | None)), list(kinds_of(tuple[int, ...] | None))
        ([<class 'int'>, 'full'], [<class 'tuple'>])
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin in (Annotated, Union, UnionType):
        for part in parts[:1] if origin is Annotated else parts:
            yield from kinds_of(part)
    elif origin is Literal:
        yield from parts
    elif annotation is not type(None):
        yield origin or annotation


def bounds_of(setting: "FieldInfo") -> Mapping[str, float]:
    """The bounds of a setting's range that are given: name (`ge`, `gt`, `le` or `lt`) -> value."""
    return {
        name: getattr(one, name) for one in setting.metadata for name in ("ge", "gt", "le", "lt") if hasattr(one, name)
    }
