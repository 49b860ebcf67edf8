"""`trainwell curvature`: how steep a trained network's loss is, and what kind of point it is at."""

from dataclasses import asdict
from typing import Annotated

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import FileOptionsAsTrained, Model, Source
from trainwell.cli.options.run import RunOptions
from trainwell.cli.run.command import execute

EXAMPLE = "Example: trainwell curvature runs/train-digits-20260101-1200 digits"


@bundled
def curvature(
    context: typer.Context,
    model: Model,
    data: Source,
    files: FileOptionsAsTrained,
    run: RunOptions,
    network: Annotated[int, typer.Option(min=1, metavar="N", help="Which of the model's networks, from 1.")] = 1,
    rows: Annotated[int, typer.Option(min=1, metavar="N", help="Rows at most; of more, so many are drawn.")] = 10_000,
    probes: Annotated[
        int,
        typer.Option(
            min=1,
            max=10_000,
            metavar="N",
            help="Random vectors of the spectrum, where there are too many parameters for all.",
        ),
    ] = 5,
    steps: Annotated[
        int, typer.Option(min=2, max=100_000, metavar="N", help="Hessian products for each of them: more see finer.")
    ] = 80,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="Seed of the random vectors and rows.")
    ] = 0,
) -> None:
    """Measure the curvature of a trained network's loss on DATA: eigenvalues of its Hessian, stable steps, flatness.

    DATA needs the target's column; rows without a known answer are left out. Image sets give their test images.
    """
    execute(
        "curvature",
        context.obj,
        run,
        model,
        data,
        number=network,
        most=rows,
        probes=probes,
        steps=steps,
        seed=seed,
        **asdict(files),
    )
