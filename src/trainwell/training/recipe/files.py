"""Recipes as TOML and JSON files."""

import json
from pathlib import Path

from trainwell.core import RecipeError, write_atomic
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.recipe.settings_files import read_table, toml_lines

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
                f"{searched[0]} is a range or a choice, so this is a space: `trainwell tune --space` takes it"
            )
        return Recipe(**table)
    except RecipeError as error:
        raise RecipeError(f"{path}: {error}") from None


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
    # JSON's numbers, booleans, plain strings and arrays are TOML's, too.
    return toml_lines(
        (name, None if value is None else json.dumps(value), str(Recipe.model_fields[name].description))
        for name, value in recipe.model_dump(mode="json").items()
    )
