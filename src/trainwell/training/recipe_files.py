"""Recipes as TOML and JSON files."""

import json
import tomllib
from pathlib import Path
from typing import Any

from trainwell.core.errors import RecipeError
from trainwell.core.files import write_atomic
from trainwell.training.recipe import Recipe

GROUPS = {
    "hidden": "Network",
    "initialization": "Initial weights",
    "inputs": "Inputs",
    "optimizer": "Optimizer",
    "schedule": "Learning rate over time",
    "l2_penalty": "Regularization",
    "batch_size": "Batches",
    "epochs": "Budget and stopping",
    "observe_every": "Observation",
}


def load_recipe(path: str | Path) -> Recipe:
    """Read a recipe from a `.toml` or `.json` file; missing fields take their defaults.

    Raises:
        RecipeError: the file is missing, is not TOML or JSON, or holds an unknown field or a bad value.
    """
    path = Path(path)
    try:
        return Recipe(**_parse(path))
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from None


def _parse(path: Path) -> dict[str, Any]:
    if path.suffix not in (".toml", ".json"):
        raise RecipeError(f"a recipe is a .toml or .json file, this ends in '{path.suffix}'")
    try:
        text = path.read_text(encoding="utf-8")
        content = tomllib.loads(text) if path.suffix == ".toml" else json.loads(text)
    except OSError as error:
        raise RecipeError(
            f"cannot read the recipe: {error.strerror}; write one with `trainwell recipe write`"
        ) from None
    except ValueError as error:
        raise RecipeError(f"not valid {path.suffix[1:].upper()}: {error}") from None
    if not isinstance(content, dict):
        raise RecipeError("a recipe is a table of fields, this is something else")
    return content


def save_recipe(recipe: Recipe, path: str | Path) -> None:
    """Write a recipe as `.toml` (with comments) or `.json`, by the file's ending."""
    path = Path(path)
    text = recipe_json(recipe) if path.suffix == ".json" else recipe_toml(recipe)
    write_atomic(path, text.encode())


def recipe_json(recipe: Recipe) -> str:
    """A recipe as JSON text, all fields."""
    return recipe.model_dump_json(indent=2) + "\n"


def recipe_toml(recipe: Recipe) -> str:
    """A recipe as TOML text in groups, every field with its meaning; unset ones as comments."""
    lines = []
    for name, value in recipe.model_dump(mode="json").items():
        if name in GROUPS:
            lines += ["", f"# {GROUPS[name]}"]
        # JSON's numbers, booleans, plain strings and arrays are TOML's, too.
        setting = f"# {name} =" if value is None else f"{name} = {json.dumps(value)}"
        lines.append(f"{setting:<36} # {Recipe.model_fields[name].description}")
    return "\n".join(lines[1:]) + "\n"
