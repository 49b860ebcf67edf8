"""`trainwell train`: one recipe, several seeds, a saved model."""

from typing import Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import DataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import TrainingRunOptions
from trainwell.cli.run.command import execute

EXAMPLE = "Example: trainwell train iris --hidden 32 --optimizer momentum --epochs 50 --seeds 5"


@bundled
def train(
    context: typer.Context,
    data: DataOptions,
    recipe: RecipeOptions,
    run: TrainingRunOptions,
    single: Annotated[
        bool, typer.Option("--single", help="Save only the seed that is best on validation, no ensemble.")
    ] = False,
) -> None:
    """Train one recipe with several seeds, and save the networks as one model.

    The model averages the outputs of all seeds that did not diverge. The test split is read once, at the end.
    """
    execute("train", context.obj, run, data, recipe, single=single)
