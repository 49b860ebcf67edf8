"""The work of `trainwell race`."""

from collections.abc import Mapping
from contextlib import nullcontext
from functools import partial
from inspect import signature
from time import perf_counter
from typing import Any

import polars as pl
from rich.table import Column

from trainwell.cli.options.race import RaceOptions
from trainwell.cli.race.asked import contenders_of, of_networks, rates_of_networks, setup_of, tuned_although_given
from trainwell.cli.race.results import race_table, race_title
from trainwell.cli.run.command import Call
from trainwell.cli.run.directory import PAGE, RECIPES, RESULTS, RunDirectory
from trainwell.cli.run.files import save_recipes
from trainwell.cli.run.notes import without_effect
from trainwell.cli.run.task import Kept, Results, Task
from trainwell.cli.show.output import PlainConsole, print_json, results_console
from trainwell.cli.show.tables import new_table
from trainwell.core import write_table
from trainwell.landscape import SURFACES, Race, run_race, shown, surface
from trainwell.report import write_race_page

FILES = tuple(f"{name}.{form}" for name in ("tuning", "paths", "descents") for form in ("parquet", "csv"))


def print_surfaces(*, json: bool) -> None:
    """The surfaces as a table or as one JSON object on stdout: name, description, start, parameters."""
    surfaces: list[dict[str, Any]] = [
        {
            "name": name,
            "description": surface(name).description,
            "start": surface(name).start.tolist(),
            "parameters": {one.name: one.default for one in signature(factory).parameters.values()},
        }
        for name, factory in SURFACES.items()
    ]
    if json:
        print_json({"surfaces": surfaces})
        return
    columns = [
        Column("name", style="bold", no_wrap=True),
        *map(Column, ("description", "start", "parameters (defaults)")),
    ]
    rows = ([one["name"], one["description"], shown(one["start"]), _assignments(one["parameters"])] for one in surfaces)
    results_console().print(new_table("surfaces", columns, rows))


def _assignments(values: Mapping[str, Any]) -> str:
    return " ".join(f"{name}={'none' if value is None else value}" for name, value in values.items())


def check(call: Call, options: RaceOptions) -> Task:
    """Check the request and return its task."""
    contenders = contenders_of(options)
    setup = setup_of(options, contenders)
    call.say.note(
        *without_effect(list(setup.recipes.values())),
        *of_networks(contenders),
        *rates_of_networks(setup),
        *tuned_although_given(setup),
    )

    def do(directory: RunDirectory) -> Kept:
        started = perf_counter()
        what = "tuning and racing" if setup.tuned else "racing"
        with call.say.console.status(what) if call.say.shows_progress else nullcontext():
            found = run_race(setup)
        return _kept(found, directory, call, started)

    return Task(
        {
            "surface": setup.surface.name,
            "parameters": sorted((options.words or [])[1:]),
            "contenders": {label: recipe.model_dump(mode="json") for label, recipe in setup.recipes.items()},
            "start": options.start or [],
            "starts": options.starts,
            "start_seed": options.start_seed if options.starts else None,
            "steps": setup.steps,
            "tuned": setup.tuned,
            "noise": setup.noise,
            "seed": setup.seed,
            "tolerance": setup.tolerance,
            "precision": call.run.precision,
        },
        setup.surface.name,
        "racing",
        do,
        _show,
        files=FILES,
        is_lost=lambda results: all(set(one["outcomes"]) == {"diverged"} for one in results["contenders"]),
    )


def _kept(found: Race, directory: RunDirectory, call: Call, started: float) -> Kept:
    """Write tables and recipes; returned are the numbers, and what writes the page."""
    tables = {"paths": found.descents.paths_frame(), "descents": found.to_frame()}
    if found.tunings:
        tables["tuning"] = pl.concat([one.to_frame() for one in found.tunings.values()])
    for name, table in tables.items():
        write_table(table, *(directory.path / f"{name}.{form}" for form in ("parquet", "csv")))
    save_recipes(found.descents.recipes, directory.path / RECIPES)
    files = [*(f"{name}.csv" for name in tables), RECIPES]
    page = partial(
        write_race_page,
        found,
        directory.path / PAGE,
        title=f"Race: {found.descents.surface.name}",
        command=call.command_line,
        seconds=perf_counter() - started,
        files=files,
    )
    return {**found.to_json(), "files": files, "seconds": perf_counter() - started}, page


def _show(console: PlainConsole, results: Results, directory: RunDirectory) -> None:
    console.print(race_table(results, race_title(results)))
    console.lines([results["headline"]], "bold")
    console.lines(results["remarks"], "dim")
    console.locations({"page": str(directory.path / PAGE), "beside it": ", ".join([*results["files"], RESULTS])})
