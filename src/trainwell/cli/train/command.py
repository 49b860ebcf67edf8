"""`trainwell train`: one recipe, several seeds, a saved model."""

from typing import Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import DataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import HOW_MANY, TrainingRunOptions
from trainwell.cli.options.transfer import TransferOptions
from trainwell.cli.run.command import execute
from trainwell.cli.show.help import FIRST_PANEL

EXAMPLE = "Example: trainwell train iris --hidden 32 --optimizer momentum --epochs 50 --seeds 5"


@bundled
def train(
    context: typer.Context,
    data: DataOptions,
    recipe: RecipeOptions,
    transfer: TransferOptions,
    run: TrainingRunOptions,
    seeds: Annotated[
        str, typer.Option(metavar="N|LIST", help=f"Seeds of the networks: {HOW_MANY}.", rich_help_panel=FIRST_PANEL)
    ] = "3",
    single: Annotated[
        bool,
        typer.Option(
            "--single",
            help="Save only the seed that is best on validation, no ensemble.",
            rich_help_panel=TrainingRunOptions.PANEL,
        ),
    ] = False,
    observe_layers: Annotated[
        bool,
        typer.Option(
            "--observe-layers",
            help="Histograms of activations and gradients per layer over training, on the page and in layers.parquet.",
            rich_help_panel=TrainingRunOptions.PANEL,
        ),
    ] = False,
) -> None:
    """Train one recipe with several seeds, and save the networks as one model.

    On small data the defaults differ: batches of 32 rows below 2,000 training rows and of 16 below 300; and where 30
    epochs make fewer than 600 updates, as many epochs as make 600, with the weights of the best observation kept.

    The model averages the outputs of all seeds that did not diverge. The test split is read once, at the end.
    """
    execute(
        "train", context.obj, run, data, recipe, transfer, seeds=seeds, single=single, observe_layers=observe_layers
    )
