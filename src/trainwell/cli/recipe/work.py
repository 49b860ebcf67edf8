"""The work of `trainwell recipe`."""

from dataclasses import replace
from pathlib import Path

from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.run.notes import without_effect
from trainwell.cli.show.output import Messages, echo, print_json
from trainwell.core import RecipeError, value_text
from trainwell.training import Recipe, load_recipe, recipe_fields, recipe_json, recipe_toml, save_recipe

FORMATS = (".toml", ".json")


def show(options: RecipeOptions, file: Path | None, *, json: bool) -> None:
    """Print a recipe, of a file or the default one, with the changes that options make."""
    if file is not None and options.recipe is not None:
        raise RecipeError(f"both {file} and --recipe {options.recipe} name a recipe: leave one out")
    recipe = replace(options, recipe=file or options.recipe).build()
    _note(recipe)
    echo(recipe_json(recipe) if json else recipe_toml(recipe))


def check(file: Path, *, json: bool) -> None:
    """Print where a recipe file differs from the default recipe."""
    default, recipe = Recipe(), load_recipe(file)
    _note(recipe)
    values = {name: getattr(recipe, name, None) for name in recipe_fields()}
    changed = {name: value for name, value in values.items() if value != getattr(default, name, None)}
    if json:
        print_json({"file": str(file), "valid": True, "changed": changed})
        return
    differs = ", ".join(f"{name}={value_text(value)}" for name, value in changed.items())
    echo(f"{file} is a valid recipe; " + (f"it changes {differs}\n" if changed else "it is the default one\n"))


def write(options: RecipeOptions, file: Path) -> None:
    """Write a recipe into a new file."""
    if file.suffix not in FORMATS:
        raise RecipeError(f"a recipe is a .toml or .json file, '{file.name}' is neither: choose another name")
    if file.exists():
        raise RecipeError(f"{file} exists: choose another name, nothing was overwritten")
    if not file.parent.is_dir():
        raise RecipeError(f"there is no folder {file.parent}: make it, or choose another name")
    recipe = options.build()
    _note(recipe)
    save_recipe(recipe, file)
    echo(f"wrote {file}: edit it, then `trainwell train DATA --recipe {file}`\n")


def _note(recipe: Recipe) -> None:
    """Note on stderr which of the recipe's fields have no effect."""
    Messages(quiet=False).note(*without_effect([recipe]))
