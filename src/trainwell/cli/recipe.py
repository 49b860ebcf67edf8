"""`trainwell recipe`: show, check and write recipe files."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import Json
from trainwell.cli.show.output import echo, print_json
from trainwell.core import RecipeError

if TYPE_CHECKING:
    from trainwell.training import Recipe

EXAMPLE = "Example: trainwell recipe write mine.toml --optimizer sgd --schedule cosine"
SHOW_EXAMPLE = "Example: trainwell recipe show --optimizer momentum --set momentum=0.95"
CHECK_EXAMPLE = "Example: trainwell recipe check mine.toml"
FORMATS = (".toml", ".json")

recipe = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", help="Show, check and write recipe files.")
File = Annotated[Path | None, typer.Argument(metavar="[FILE]", show_default=False, help="Default: the default recipe.")]


@recipe.command(epilog=SHOW_EXAMPLE)
@bundled
def show(
    recipe: RecipeOptions,
    file: File = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, in place of TOML.")] = False,
) -> None:
    """Show a recipe, all fields with their meaning."""
    from trainwell.training import recipe_json, recipe_toml

    built = _built(recipe, file)
    _note(built)
    echo(recipe_json(built) if json else recipe_toml(built))


@recipe.command(epilog=CHECK_EXAMPLE)
@bundled
def check(file: Annotated[Path, typer.Argument(help="A .toml or .json file.")], json: Json = False) -> None:
    """Check a recipe file, and say where it differs from the default recipe."""
    from trainwell.core import value_text
    from trainwell.training import Recipe, load_recipe, recipe_fields

    default = Recipe()
    recipe = load_recipe(file)
    _note(recipe)
    values = {name: getattr(recipe, name, None) for name in recipe_fields()}
    changed = {name: value for name, value in values.items() if value != getattr(default, name, None)}
    if json:
        print_json({"file": str(file), "valid": True, "changed": changed})
        return
    differs = ", ".join(f"{name}={value_text(value)}" for name, value in changed.items())
    echo(f"{file} is a valid recipe; " + (f"it changes {differs}\n" if changed else "it is the default one\n"))


@recipe.command(epilog=EXAMPLE)
@bundled
def write(
    recipe: RecipeOptions,
    file: Annotated[Path, typer.Argument(help="A .toml or .json file, new.")] = Path("recipe.toml"),
) -> None:
    """Write a recipe file with all fields, to be edited. Overwrites nothing."""
    from trainwell.training import save_recipe

    if file.suffix not in FORMATS:
        raise RecipeError(f"a recipe is a .toml or .json file, '{file.name}' is neither: choose another name")
    if file.exists():
        raise RecipeError(f"{file} exists: choose another name, nothing was overwritten")
    if not file.parent.is_dir():
        raise RecipeError(f"there is no folder {file.parent}: make it, or choose another name")
    built = recipe.build()
    _note(built)
    save_recipe(built, file)
    echo(f"wrote {file}: edit it, then `trainwell train DATA --recipe {file}`\n")


def _note(recipe: "Recipe") -> None:
    """Say on stderr what of it does nothing."""
    from trainwell.cli.run.notes import without_effect
    from trainwell.cli.show.output import Messages

    for notice in without_effect([recipe]):
        Messages(quiet=False).note(notice)


def _built(options: RecipeOptions, file: Path | None) -> "Recipe":
    if file is not None and options.recipe is not None:
        raise RecipeError(f"both {file} and --recipe {options.recipe} name a recipe: leave one out")
    from dataclasses import replace

    return replace(options, recipe=file or options.recipe).build()
