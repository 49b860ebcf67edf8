"""`trainwell curvature`: how steep a trained network's loss is, and what kind of point it is at."""

from pathlib import Path
from typing import Annotated

import typer

from trainwell.cli.options.data import DataDir, Header, MissingAsTrained, Source
from trainwell.cli.options.run import PANEL, Json, Quiet, RunOptions
from trainwell.cli.run.command import execute
from trainwell.core import Device, Precision

EXAMPLE = "Example: trainwell curvature runs/train-digits-20260101-1200 digits"
MOST_ROWS = 10_000


def curvature(
    context: typer.Context,
    model: Annotated[
        Path,
        typer.Argument(
            metavar="MODEL", show_default=False, help="A run directory of `tune` or `train`, or its model/."
        ),
    ],
    data: Source,
    network: Annotated[int, typer.Option(min=1, help="Which of the model's networks, from 1.")] = 1,
    rows: Annotated[int, typer.Option(min=1, help="Rows at most; of more, so many are drawn.")] = MOST_ROWS,
    probes: Annotated[
        int,
        typer.Option(
            min=1, max=10_000, help="Random vectors of the spectrum, where there are too many parameters for all."
        ),
    ] = 5,
    steps: Annotated[
        int, typer.Option(min=2, max=100_000, help="Hessian products for each of them: more see finer.")
    ] = 80,
    seed: Annotated[int, typer.Option(min=0, max=2**32 - 1, help="Of the random vectors and rows.")] = 0,
    data_dir: DataDir = None,
    header: Header = None,
    missing: MissingAsTrained = None,
    out: Annotated[
        Path | None,
        typer.Option(
            show_default=False, help="Run directory, new. Default: a fresh name under runs/.", rich_help_panel=PANEL
        ),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Go on with the run in --out.", rich_help_panel=PANEL)] = (
        False
    ),
    device: Annotated[Device, typer.Option(help="Where to compute.", rich_help_panel=PANEL)] = "auto",
    precision: Annotated[Precision, typer.Option(help="Of all arithmetic.", rich_help_panel=PANEL)] = "float32",
    json: Json = False,
    quiet: Quiet = False,
) -> None:
    """Measure the curvature of a trained network's loss on DATA: eigenvalues of its Hessian, stable steps, flatness.

    DATA needs the target's column; rows without a known answer are left out. Image sets give their test images.
    """
    execute(
        "curvature",
        context.obj,
        RunOptions(None, out, resume, None, device, precision, json, quiet),
        model,
        data,
        number=network,
        most=rows,
        probes=probes,
        steps=steps,
        seed=seed,
        data_dir=data_dir,
        header=header,
        missing=missing,
    )
