"""Spaces as TOML and JSON files: a recipe's file in which fields may be ranges or lists of choices."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainwell.core import RecipeError, write_atomic
from trainwell.training.recipe.files import read_table, toml_lines
from trainwell.training.recipe.recipe import recipe_fields
from trainwell.training.space.axes import DERIVED
from trainwell.training.space.space import Space
from trainwell.training.space.table import fields_of

INSTEAD = "start from the default space, which `trainwell tune DATA --show-space` prints"


def load_space(path: str | Path) -> Space:
    """Read a space from a `.toml` or `.json` file; missing fields have the recipe's defaults and are not searched.

    A field is a plain value; a range `{ low = 1e-6, high = 1e-2, log = true }`, optionally with `integer` and `step`;
    or a list of choices, plain or as `{ choices = [...] }`. The two tables may have a condition,
    `when = { optimizer = ["momentum"] }`, and `otherwise`, the value if the condition does not hold. For a field
    whose value is a list, choices are a list of lists. `none` means unset. `width` and `depth` are fields, too.

    Args:
        path: the file.

    Raises:
        RecipeError: the file is missing, is not TOML or JSON, or holds an unknown field or a bad value.
        SpaceError: a range, a list of choices or a condition is invalid, or nothing is searched.
    """
    path = Path(path)
    try:
        return space_from_json(read_table(path, "space", INSTEAD))
    except RecipeError as error:
        raise type(error)(f"{path}: {error}") from None


def space_from_json(table: Mapping[str, Any]) -> Space:
    """The space whose `Space.to_json` is `table`.

    Raises:
        RecipeError, SpaceError: as in `load_space`.

    Example:
        >>> space_from_json({"learning_rate": {"low": 0.1, "high": 1, "log": True}}).ordered
        ('learning_rate',)
    """
    fields, otherwise = fields_of(table)
    return Space.of(otherwise, **fields)


def save_space(space: Space, path: str | Path) -> None:
    """Write a space as `.toml` (with comments) or `.json`, depending on the file's suffix."""
    path = Path(path)
    text = json.dumps(space.to_json(), indent=2) + "\n" if path.suffix == ".json" else space_toml(space)
    write_atomic(path, text.encode())


def space_toml(space: Space) -> str:
    """A space as TOML text in groups, with a comment on every field; unset fields are commented out.

    Example:
        >>> space = space_from_json({"epochs": {"low": 1.0, "high": 9.0}})
        >>> [line for line in space_toml(space).splitlines() if line.startswith("epochs")]
        ['epochs = { low = 1.0, high = 9.0 }   # passes over the training split']
    """
    table = space.to_json()
    return toml_lines(
        (name, None if value is None else _toml(value), _meaning(space, name, value)) for name, value in table.items()
    )


def _toml(value: Any) -> str:
    """A plain value as TOML; numbers, booleans, strings and arrays are written as in JSON."""
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{name} = {_toml(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(_toml(part) for part in value) + "]"
    return json.dumps("none" if value is None else value)


def _meaning(space: Space, name: str, value: Any) -> str:
    """A field's meaning and its automatic condition."""
    text = DERIVED[name] if name in DERIVED else str(recipe_fields()[name].description)
    if name not in space.axes:
        return text
    added = (space.axes[name].when or {}).keys() - value.get("when", {}).keys()
    where = [f"{parent} is {_either((space.axes[name].when or {})[parent])}" for parent in sorted(added)]
    return f"{text}; where {' and '.join(where)}" if where else text


def _either(values: tuple[Any, ...]) -> str:
    return " or ".join(_toml(list(value) if isinstance(value, tuple) else value).strip('"') for value in values)
