"""Reads and writes recipes as TOML files (grouped, with comments) and JSON files."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from trainwell.core import MAX_TOML_BYTES, RecipeError, parse_json, parse_toml, read_bytes, write_atomic
from trainwell.optim import RULES
from trainwell.training.recipe.recipe import GROUPS, Recipe, recipe_fields

INSTEAD = "write one with `trainwell recipe write`"


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a `.toml` or `.json` file; missing fields take their defaults.

    Raises:
        RecipeError: the file is missing, is not TOML or JSON, or holds an unknown field or a bad value.
    """
    path = Path(path)
    try:
        table = read_table(path, "recipe", INSTEAD)
        if searched := [name for name, value in table.items() if isinstance(value, dict)]:
            raise RecipeError(
                f"{searched[0]} is a range or a choice, so this is a space: use `trainwell tune DATA --space FILE`"
            )
        return Recipe(**table)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from None


def save_recipe(recipe: Recipe, path: str | Path) -> None:
    """Write a recipe as `.toml` (with comments) or `.json`, depending on the file's suffix."""
    path = Path(path)
    text = recipe_json(recipe) if path.suffix == ".json" else recipe_toml(recipe)
    write_atomic(path, text.encode())


def recipe_json(recipe: Recipe) -> str:
    """All fields of a recipe as JSON text."""
    return recipe.model_dump_json(indent=2) + "\n"


def recipe_toml(recipe: Recipe) -> str:
    """A recipe as TOML text in groups, with a comment on every field; unset fields are commented out."""
    # Numbers, booleans, plain strings and arrays are written alike in JSON and TOML.
    known, values = recipe_fields(), recipe.model_dump(mode="json")
    numbers = RULES[recipe.optimizer].hyperparameters if recipe.optimizer in RULES else {}
    meanings = {name: str(info.description) for name, info in known.items() if name in values or name in numbers}
    meanings |= {name: "number of its optimizer" for name in values if name not in known}
    return toml_lines(
        (name, None if values.get(name) is None else json.dumps(values[name]), meaning)
        for name, meaning in meanings.items()
    )


def read_table(path: Path, what: str, instead: str) -> dict[str, Any]:
    """The table in a `.toml` or `.json` file.

    Args:
        path: the file.
        what: what the file contains, such as `recipe`, for messages.
        instead: how to get such a file, for the message if it is missing.

    Raises:
        RecipeError: the file cannot be read, is not TOML or JSON, or its content is not a table.
    """
    if path.suffix not in (".toml", ".json"):
        raise RecipeError(f"a {what} must be a .toml or .json file, got the suffix '{path.suffix}'")
    try:
        raw = read_bytes(path, MAX_TOML_BYTES)
        content = parse_toml(raw) if path.suffix == ".toml" else parse_json(raw)
    except OSError as error:
        raise RecipeError(f"cannot read the {what}: {error.strerror}; {instead}") from None
    except ValueError as error:
        raise RecipeError(str(error).removeprefix("is ")) from None
    if not isinstance(content, dict):
        raise RecipeError(f"a {what} must be a table of fields, got {type(content).__name__}")
    return content


def toml_lines(settings: Iterable[tuple[str, str | None, str]]) -> str:
    """TOML text in groups. Each setting has a name, a value as TOML (None writes it as a comment), and its meaning.

    Example:
        >>> toml_lines([("epochs", "3.0", "passes"), ("steps", None, "updates")]).splitlines()[1:]
        ['epochs = 3.0                         # passes', '# steps =                            # updates']
    """
    lines = []
    for name, value, meaning in settings:
        group = "hidden" if name in ("width", "depth") else name
        heading = f"# {GROUPS[group]}" if group in GROUPS else None
        if heading is not None and heading not in lines:
            lines += ["", heading]
        setting = f"# {name} =" if value is None else f"{name} = {value}"
        lines.append(f"{setting:<36} # {meaning}")
    return "\n".join(lines[1:] if lines[:1] == [""] else lines) + "\n"
