"""`trainwell curvature`: how steep a trained network's loss is, and what kind of point it is at."""

import shlex
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated

import typer

from trainwell.cli.curvature.request import CurvatureRequest
from trainwell.cli.options.data import DataDir, Header, MissingAsTrained, Source
from trainwell.cli.options.run import PANEL, Json, Quiet, RunOptions
from trainwell.cli.run.completion import Done, Kept, Work, complete
from trainwell.cli.run.directory import RunDirectory, check_out
from trainwell.cli.run.model_folder import model_folder
from trainwell.cli.run.request import versions
from trainwell.cli.show.output import Messages
from trainwell.core import Device, ModelError, Precision

if TYPE_CHECKING:
    from trainwell.cli.curvature.rows import LabelledRows
    from trainwell.models import Model

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
    run = RunOptions(None, out, resume, None, device, precision, json, quiet)
    check_out(out, resume=resume)
    folder = model_folder(model)
    run.start_runtime()
    from trainwell.cli.curvature.rows import labelled_rows
    from trainwell.models import load_model

    say = Messages(quiet=quiet)
    loaded = load_model(folder)
    if network > len(loaded.networks):
        raise ModelError(f"--network is {network}, and the model has {len(loaded.networks)}: name one from 1")
    read = labelled_rows(data, loaded, rows, seed, data_dir=data_dir, header=header, missing=missing, say=say)
    for notice in read.notices:
        say.note(notice)
    if len(loaded.networks) > 1:
        say.note(f"network {network} of {len(loaded.networks)} is measured, each has a landscape of its own: --network")
    arguments = context.obj or []
    request = CurvatureRequest(folder, network, read.fingerprint, probes, steps, seed, precision)
    command = shlex.join(["trainwell", *arguments])

    def do(directory: RunDirectory) -> Kept:
        return _measured(loaded, read, request, directory, command, say)

    done = complete(
        Work(request, {"versions": versions(), "command_line": command}, loaded.name, arguments, "measuring", do),
        run,
        say,
    )
    with done.showing():
        _show(done, json=json)


def _measured(
    model: "Model",
    read: "LabelledRows",
    request: CurvatureRequest,
    directory: RunDirectory,
    command: str,
    say: Messages,
) -> Kept:
    """Measure, and write the tables; returned are the numbers, and what writes the page."""
    from contextlib import nullcontext

    from trainwell.cli.curvature.results import curvature_results, write_tables
    from trainwell.landscape import network_curvature
    from trainwell.report import write_curvature_page

    network = model.networks[request.network - 1]
    started = perf_counter()
    with say.console.status("measuring the curvature") if say.shows_progress else nullcontext():
        found = network_curvature(
            network.structure,
            network.params,
            network.statistics,
            network.numbers,
            read.split,
            probes=request.probes,
            steps=request.steps,
            seed=request.seed,
        )
    write_tables(found, directory.path)
    facts = {"model": model.name, "network": request.network, "networks": len(model.networks), "seed": network.seed}
    page = partial(
        write_curvature_page,
        found,
        directory.page,
        title=f"Curvature: {model.name}",
        facts=read.facts(network, request.network, len(model.networks)),
        recipe=network.recipe,
        notices=read.notices,
        command=command,
        seconds=perf_counter() - started,
    )
    return curvature_results(found, network.recipe, {**facts, **read.to_json()}), page


def _show(done: Done, *, json: bool) -> None:
    from trainwell.cli.show.output import print_json, results_console
    from trainwell.cli.show.tables import new_table

    results, path = done.results, done.directory.path
    if json:
        print_json({"run": str(path), "seconds": done.seconds, **results})
        return
    console = results_console()
    console.print()
    table = new_table(
        f"network {results['network']} of {results['networks']} of {results['model']}, "
        f"{results['parameters']:,} parameters, on {results['rows']:,} rows of {results['source']}"
    )
    table.add_column("")
    table.add_column("", justify="right", style="bold cyan", no_wrap=True)
    table.add_column("", style="dim")
    table.show_header = False
    for line in results["lines"]:
        table.add_row(line["name"], line["value"], line["meaning"])
    console.print(table)
    console.print(results["headline"], highlight=False, markup=False, soft_wrap=True)
    console.print()
    console.print("page   ", end=" ", style="dim")
    console.print(str(done.directory.page), highlight=False, markup=False, soft_wrap=True)
