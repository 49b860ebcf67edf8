"""`trainwell recipe`: show, check and write recipe files."""

from pathlib import Path
from typing import Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import Json
from trainwell.cli.run.command import work
from trainwell.cli.show.help import HelpCommand, HelpGroup, help_all

EXAMPLE = "Example: trainwell recipe write mine.toml --optimizer sgd --schedule cosine"
SHOW_EXAMPLE = "Example: trainwell recipe show --optimizer momentum --set momentum=0.95"
CHECK_EXAMPLE = "Example: trainwell recipe check mine.toml"

recipe = typer.Typer(cls=HelpGroup, no_args_is_help=True, help="Show, check and write recipe files.")


@recipe.callback()
def recipes(all_options: Annotated[bool, help_all(hidden=True)] = False) -> None:
    """Take the option that every command takes."""


File = Annotated[Path | None, typer.Argument(metavar="[FILE]", show_default=False, help="Default: the default recipe.")]


@recipe.command(cls=HelpCommand, epilog=SHOW_EXAMPLE)
@bundled
def show(
    recipe: RecipeOptions,
    file: File = None,
    json: Annotated[bool, typer.Option("--json", help="As JSON, in place of TOML.")] = False,
) -> None:
    """Show a recipe, all fields with their meaning."""
    work("recipe").show(recipe, file, json=json)


@recipe.command(cls=HelpCommand, epilog=CHECK_EXAMPLE)
@bundled
def check(file: Annotated[Path, typer.Argument(help="A .toml or .json file.")], json: Json = False) -> None:
    """Check a recipe file, and say where it differs from the default recipe."""
    work("recipe").check(file, json=json)


@recipe.command(cls=HelpCommand, epilog=EXAMPLE)
@bundled
def write(
    recipe: RecipeOptions,
    file: Annotated[Path, typer.Argument(help="A .toml or .json file, new.")] = Path("recipe.toml"),
) -> None:
    """Write a recipe file with all fields, to be edited. Overwrites nothing."""
    work("recipe").write(recipe, file)
