"""`trainwell predict`: a saved model on rows, as CSV, Parquet or JSON."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import FileOptionsAsTrained, Model, Source
from trainwell.cli.options.run import Json, Quiet
from trainwell.cli.run.command import work
from trainwell.core import Device, configure_runtime

EXAMPLE = "Example: trainwell predict runs/train-iris-20260101-1200 flowers.csv --probabilities --out answers.csv"


@bundled
def predict(
    model: Model,
    data: Source,
    files: FileOptionsAsTrained,
    out: Annotated[Path | None, typer.Option(help="A .csv or .parquet file, new. Default: CSV on stdout.")] = None,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Add a column per class.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(metavar="COLUMN", help="A column of DATA to copy to the predictions, such as an id (repeatable)."),
    ] = None,
    device: Annotated[Device, typer.Option(help="Where to predict.", rich_help_panel="Run")] = "auto",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict with a saved model: one line per row of DATA, in its order.

    Where DATA has a test set of its own (image sets, NPZ with x_test), only its rows are predicted.

    If DATA has the target's column, scores are printed beside the predictions (on stderr); rows whose answer is
    missing or unknown are predicted too, but not scored.

    Labels are written unchanged. Spreadsheet programs run a label that begins with = as a formula: if you do not trust
    the labels, import the CSV as text.
    """
    configure_runtime(device=device)
    work("predict").predict(
        model,
        data,
        out,
        probabilities=probabilities,
        json=json,
        quiet=quiet,
        keep=keep or (),
        **asdict(files),
    )
