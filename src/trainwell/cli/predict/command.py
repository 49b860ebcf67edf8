"""`trainwell predict`: a saved model on rows, as CSV, Parquet or JSON."""

from pathlib import Path
from typing import Annotated

import typer

from trainwell.cli.options.data import DataDir, Header, MissingAsTrained, Source
from trainwell.cli.options.run import PANEL, Json, Quiet
from trainwell.cli.run.command import work
from trainwell.core import Device, configure_runtime

EXAMPLE = "Example: trainwell predict runs/train-iris-20260101-1200 flowers.csv --probabilities --out answers.csv"


def predict(
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", show_default=False, help="A run directory of `tune` or `train`, or its model/."
        ),
    ],
    data: Source,
    out: Annotated[
        Path | None, typer.Option(show_default=False, help="A .csv or .parquet file, new. Default: CSV on stdout.")
    ] = None,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Add a column per class.")] = False,
    keep: Annotated[
        list[str] | None,
        typer.Option(
            "--keep",
            metavar="COLUMN",
            show_default=False,
            help="A column of DATA to hand on, such as an id. Repeatable.",
        ),
    ] = None,
    data_dir: DataDir = None,
    header: Header = None,
    missing: MissingAsTrained = None,
    device: Annotated[Device, typer.Option(help="Where to predict.", rich_help_panel=PANEL)] = "auto",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Predict with a saved model: one line per row of DATA, in its order.

    If DATA has the target's column, scores are printed beside the predictions (on stderr); rows whose answer is
    missing or unknown are predicted too, but not scored.

    Labels are written as they were in training, also one such as =2+3, which spreadsheet programs take for a formula:
    if somebody else chose them, import the CSV as text.
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
        data_dir=data_dir,
        header=header,
        missing=missing,
    )
