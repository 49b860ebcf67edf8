"""Options that make a recipe: common fields by name, all others by `--set FIELD=VALUE`."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from trainwell.training import Recipe

PANEL = "Recipe"


@dataclass(frozen=True)
class RecipeOptions:
    """A recipe file and changes to it; None leaves a field as the file, or the default, has it."""

    recipe: Annotated[
        Path | None,
        typer.Option(help="Recipe to start from (.toml or .json). Default: the default one.", rich_help_panel=PANEL),
    ] = None
    hidden: Annotated[
        str | None,
        typer.Option(
            metavar="WIDTHS", help="Widths of the hidden layers, as 100,100; 'none' for none.", rich_help_panel=PANEL
        ),
    ] = None
    activation: Annotated[
        str | None, typer.Option(help="relu, sigmoid, tanh, leaky_relu, elu, maxout, …", rich_help_panel=PANEL)
    ] = None
    batch_norm: Annotated[
        bool | None,
        typer.Option("--batch-norm/--no-batch-norm", show_default=False, help="Batch norm.", rich_help_panel=PANEL),
    ] = None
    initialization: Annotated[str | None, typer.Option(help="he, glorot, xavier, normal, …", rich_help_panel=PANEL)] = (
        None
    )
    optimizer: Annotated[
        str | None,
        typer.Option(help="adam, sgd, momentum, nesterov, adagrad, rmsprop, adamw, …", rich_help_panel=PANEL),
    ] = None
    learning_rate: Annotated[
        float | None, typer.Option(help="Default: the optimizer's own.", show_default=False, rich_help_panel=PANEL)
    ] = None
    schedule: Annotated[
        str | None, typer.Option(help="constant, step, exponential, cosine, linear, …", rich_help_panel=PANEL)
    ] = None
    warmup_epochs: Annotated[
        float | None, typer.Option(help="Linear warm-up in front of the schedule.", rich_help_panel=PANEL)
    ] = None
    l2_penalty: Annotated[float | None, typer.Option(help="λ of ½λ‖W‖².", rich_help_panel=PANEL)] = None
    dropout_rate: Annotated[
        float | None, typer.Option(help="Probability of a hidden unit being zeroed.", rich_help_panel=PANEL)
    ] = None
    batch_size: Annotated[str | None, typer.Option(help="Examples per update, or 'full'.", rich_help_panel=PANEL)] = (
        None
    )
    epochs: Annotated[float | None, typer.Option(help="Passes over the training split.", rich_help_panel=PANEL)] = None
    steps: Annotated[int | None, typer.Option(help="Number of updates, in place of epochs.", rich_help_panel=PANEL)] = (
        None
    )
    patience: Annotated[
        int | None, typer.Option(help="Observations without improvement before stopping.", rich_help_panel=PANEL)
    ] = None
    metric: Annotated[
        str | None,
        typer.Option(
            help="What early stopping watches, and tune and compare judge by: loss, accuracy or r2.",
            rich_help_panel=PANEL,
        ),
    ] = None
    settings: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="Any other field (repeatable); `trainwell recipe show` lists them.",
            rich_help_panel=PANEL,
        ),
    ] = None

    def build(self) -> "Recipe":
        """The recipe asked for. Loads JAX: settle the runtime first.

        Raises:
            RecipeError: the file, a field's name or a value is wrong.
        """
        from trainwell.training import Recipe, load_recipe

        base = Recipe() if self.recipe is None else load_recipe(self.recipe)
        changes = self.changes()
        return base.evolve(**changes) if changes else base

    def changes(self) -> dict[str, Any]:
        """What these options say beside the file, by field.

        Raises:
            RecipeError: a field's name or a value is wrong.
        """
        from trainwell.cli.options.fields import parse, parse_assignments

        given = {field.name: getattr(self, field.name) for field in fields(self)[1:-1]}
        changes = {
            name: parse(name, value) if isinstance(value, str) else value
            for name, value in given.items()
            if value is not None
        }
        return changes | parse_assignments(self.settings or [])
