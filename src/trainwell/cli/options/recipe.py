"""Options that make a recipe: one per field, and any field by `--set FIELD=VALUE`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer

from trainwell.cli.options.bundles import Settings, option_of
from trainwell.core import RecipeError

if TYPE_CHECKING:
    from trainwell.training import Recipe


def panel(name: str) -> str:
    """The help's panel of a recipe's field."""
    from trainwell.training import group_of

    return f"Recipe, {group_of(name).lower()}"


RECIPE = Settings("trainwell.training", "Recipe", panel, as_text=True)
"""One option for each field of a recipe."""


def on_a_surface(name: str) -> bool:
    """Whether a recipe's field matters in a race, which has no network and no data."""
    from trainwell.training import OptimizerSettings

    return name in OptimizerSettings.model_fields and name != "layer_learning_rates"


@dataclass(frozen=True)
class RecipeOptions:
    """A recipe file and changes to it: what is not given is as the file, or the default recipe, has it."""

    PANEL: ClassVar = "Recipe"
    recipe: Annotated[
        Path | None, typer.Option(help="Recipe file to start from (.toml or .json), in place of the default recipe.")
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="FIELD=VALUE", help="Any field of the recipe by its name (repeatable)."),
    ] = None
    given: Annotated[Mapping[str, Any], RECIPE] = field(default_factory=dict)

    def build(self, rows: int | None = None) -> "Recipe":
        """The recipe asked for. Loads JAX: settle the runtime first.

        Args:
            rows: number of training rows, for the default recipe on small data; None for the usual defaults.

        Raises:
            RecipeError: the file, a field's name or a value is wrong.
        """
        from trainwell.training import Recipe, fitting, load_recipe

        changes = self.changes()
        if self.recipe is None and rows is not None:
            return fitting(rows, **changes)
        base = Recipe() if self.recipe is None else load_recipe(self.recipe)
        return base.evolve(**changes) if changes else base

    def changes(self) -> dict[str, Any]:
        """Values that these options set, by field; see `changes_of`."""
        return changes_of(self.given, self.settings)


def changes_of(given: Mapping[str, Any], settings: list[str] | None) -> dict[str, Any]:
    """Recipe values that options set, by field.

    Args:
        given: texts of options, and true or false, by field.
        settings: texts `FIELD=VALUE`, which count where both are given.

    Raises:
        RecipeError: a field's name or a value is wrong; the line names the option.
    """
    from trainwell.cli.options.fields import parse_assignments
    from trainwell.training import Recipe, parse_field

    changes: dict[str, Any] = {}
    for name, text in given.items():
        try:
            changes[name] = parse_field(name, text) if isinstance(text, str) else text
            Recipe(**{name: changes[name]})
        except RecipeError as error:
            if re.match(f"{name} (must|has|tuple) |unknown {name} ", str(error)):  # else it is about several fields
                raise RecipeError(f"{option_of(name)}: {error}") from None
    return changes | parse_assignments(settings or [])
