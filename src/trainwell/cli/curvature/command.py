"""`trainwell curvature`: how steep a trained network's loss is, and what kind of point it is at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal

import typer

from trainwell.cli.options.bundles import Settings, bundled
from trainwell.cli.options.data import FileOptionsAsTrained, Model, Source
from trainwell.cli.options.run import RunOptions
from trainwell.cli.run.command import execute
from trainwell.cli.show.help import FIRST_PANEL

EXAMPLE = "Example: trainwell curvature runs/train-digits-20260101-1200 digits"
CURVATURE = Settings("trainwell.landscape", "CurvatureSettings", lambda name: FIRST_PANEL)


@dataclass(frozen=True)
class CurvatureOptions:
    """Which network of a model is looked at, on how many rows, and how closely."""

    PANEL: ClassVar = FIRST_PANEL
    network: Annotated[int, typer.Option(min=1, metavar="N", help="Which of the model's networks, from 1.")] = 1
    split: Annotated[
        Literal["training", "all"],
        typer.Option(
            help="training: only the rows that the model was trained on, if DATA are its data; all: every row with a "
            "known answer."
        ),
    ] = "training"
    given: Annotated[Mapping[str, Any], CURVATURE] = field(default_factory=dict)


@bundled
def curvature(
    context: typer.Context,
    model: Model,
    data: Source,
    options: CurvatureOptions,
    files: FileOptionsAsTrained,
    run: RunOptions,
) -> None:
    """Measure the curvature of a trained network's loss on DATA: eigenvalues of its Hessian, flatness, stable rates.

    If DATA are the data the model was trained on, the training rows are used. Otherwise, and with --split all, these
    are all rows with a known answer; where DATA has a test set of its own (image sets, NPZ with x_test), only those of
    this set. DATA needs the target's column.
    """
    execute("curvature", context.obj, run, model, data, options, files)
