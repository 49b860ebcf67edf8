"""The work of `trainwell curvature`."""

from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import asdict
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from rich.table import Column

from trainwell.cli.curvature.command import CurvatureOptions
from trainwell.cli.options.data import FileOptionsAsTrained, ReadingOptions
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import PAGE, RunDirectory
from trainwell.cli.run.files import model_folder
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import PlainConsole
from trainwell.cli.show.tables import BEST, new_table, numbers
from trainwell.core import DataError, ModelError, sha256, write_table
from trainwell.data import PreparedRows, load_rows
from trainwell.landscape import CurvatureSettings, NetworkCurvature, curvature_of, labelled_rows
from trainwell.models import Model, TrainedNetwork, load_model
from trainwell.report import write_curvature_page

DENSITY, DIRECTIONS = FILES = ("density.csv", "directions.csv")


def check(call: Call, model: Path, source: str, options: CurvatureOptions, files: FileOptionsAsTrained) -> Task:
    """Check the request and return its task.

    Args:
        call: how the command was called.
        model: a run directory or its model.
        source: source of the rows: a built-in name or a file.
        options: which network, and how closely.
        files: how the rows are read.
    """
    folder, how = model_folder(model), CurvatureSettings(**options.given)
    loaded = load_model(folder)
    number, count = options.network, len(loaded.networks)
    if number > count:
        raise ModelError(f"--network is {number}, and the model has {count}: name one from 1")
    trained_on = _training(loaded, source, files) if options.split == "training" else None
    rows = trained_on or load_rows(source, loaded.preparation, show_progress=call.say.shows_progress, **asdict(files))
    split, notices = labelled_rows(rows, loaded.preparation.targets.name, how.rows, how.seed, source)
    if options.split == "training" and trained_on is None:
        notices = (
            *notices,
            f"{source} is not known as what the model was trained on, so that all its rows are measured (if it has a "
            "test set of its own, only that)",
        )
    call.say.note(*notices)
    if count > 1:
        call.say.note(
            f"network {number} of {count} is measured; --network N measures another (each has its own loss surface)"
        )
    network = loaded.networks[number - 1]
    facts = {
        "model": loaded.name,
        "network": number,
        "num_networks": count,
        "seed": network.seed,
        "source": source,
        "rows": len(split),
        "labelled_rows": len(rows.scored),
        "split": "training" if trained_on else "all",
        "notices": notices,
    }

    def do(directory: RunDirectory) -> Kept:
        started = perf_counter()
        with call.say.console.status("measuring the curvature") if call.say.shows_progress else nullcontext():
            found = curvature_of(network, split, probes=how.probes, steps=how.steps, seed=how.seed)
        return _kept(found, network, facts, directory, call.command_line, started)

    return Task(
        {
            # The manifest holds the checksums of the model's files.
            "model": sha256((folder / "manifest.json").read_bytes()),
            "network": number,
            "data": sha256(split.inputs.tobytes() + split.targets.tobytes()),
            "probes": how.probes,
            "steps": how.steps,
            "seed": how.seed,
            "precision": call.run.precision,
        },
        loaded.name,
        "measuring",
        do,
        _show,
        files=FILES,
    )


def _training(model: Model, source: str, files: FileOptionsAsTrained) -> PreparedRows | None:
    """The rows of the training split, if these are the data the model was trained on; otherwise None.

    They are read and split as then, which the model's facts say, and are the same if their fingerprint is.
    """
    read = model.facts.get("read")
    if not isinstance(read, dict):
        return None
    now = {name: value for name, value in asdict(files).items() if value is not None}
    try:
        dataset = ReadingOptions(**{**read, **now}).read(source, show_progress=False)
    except (DataError, TypeError):  # other data, or options of another version
        return None
    if dataset.fingerprint != model.facts.get("data_fingerprint"):
        return None
    split = dataset.training
    return PreparedRows(split.inputs, split.targets, np.arange(len(split)), ())


def _kept(
    found: NetworkCurvature,
    network: TrainedNetwork,
    facts: Mapping[str, Any],
    directory: RunDirectory,
    command: str,
    started: float,
) -> Kept:
    """Write the tables; returned are the numbers, and what writes the page."""
    write_table(found.to_frame(), directory.path / DENSITY)
    write_table(found.directions_frame(), directory.path / DIRECTIONS)
    labelled = f" of {facts['labelled_rows']:,}" if facts["labelled_rows"] > facts["rows"] else ""
    labelled += ", the model's training split" if facts["split"] == "training" else ""
    page = partial(
        write_curvature_page,
        found,
        directory.path / PAGE,
        title=f"Curvature: {facts['model']}",
        facts=[
            ("Data", facts["source"]),
            ("Rows", f"{facts['rows']:,}{labelled}"),
            ("Network", f"{facts['network']} of {facts['num_networks']}, seed {network.seed}"),
            ("Layers", str(network.structure)),
            ("Optimizer", network.recipe.optimizer),
        ],
        notices=facts["notices"],
        command=command,
        seconds=perf_counter() - started,
    )
    return {**facts, **found.to_json()}, page


def _show(console: PlainConsole, results: Results, directory: RunDirectory) -> None:
    title = (
        f"network {results['network']} of {results['num_networks']} of {results['model']}, "
        f"{results['parameters']:,} parameters, on {results['rows']:,} rows of {results['source']}"
    )
    columns = [Column(), numbers("", BEST, no_wrap=True), Column("", style="dim")]
    lines = (["  " * line["indented"] + line["name"], line["value"], line["meaning"]] for line in results["lines"])
    console.print(new_table(title, columns, lines, show_header=False))
    console.lines([results["headline"]])
    console.locations({"page": str(directory.path / PAGE)}, 6)
