"""`trainwell race`: optimizers on a surface, with their paths, and what each of them came to."""

import shlex
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.race import RaceOptions, RaceRunOptions
from trainwell.cli.run.completion import Done, Kept, Work, complete
from trainwell.cli.run.directory import RunDirectory, check_out
from trainwell.cli.run.request import versions
from trainwell.cli.show.output import Messages

if TYPE_CHECKING:
    from trainwell.landscape import Race, RaceSetup

EXAMPLE = "Example: trainwell race rosenbrock --vary optimizer=sgd,momentum,adam --tuned"
ALL_DIVERGED = 1  # exit code


@dataclass(frozen=True)
class RaceRequest:
    """All that a race depends on, but for versions and the machine."""

    setup: "RaceSetup"
    options: RaceOptions
    precision: str
    command: str = "race"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        setup, options = self.setup, self.options
        return {
            "command": self.command,
            "surface": setup.surface.name,
            "numbers": sorted((options.words or [])[1:]),
            "contenders": {label: recipe.model_dump(mode="json") for label, recipe in setup.recipes.items()},
            "start": options.start or [],
            "starts": options.starts,
            "start_seed": options.start_seed if options.starts else None,
            "steps": setup.steps,
            "tuned": setup.tuned,
            "noise": setup.noise,
            "seed": setup.seed,
            "tolerance": setup.tolerance,
            "precision": self.precision,
        }


@bundled
def race(context: typer.Context, options: RaceOptions, where: RaceRunOptions) -> None:
    """Let optimizers race down a surface, and see their paths.

    On the bowl, from (-7, 2), it is the lecture's race of SGD, momentum, AdaGrad and Adam with the lecture's settings.
    Elsewhere its six rules race with tuned learning rates, unless contenders are named. The page plays the race.

    A descent has converged where the gradient is small at a minimum, is stuck where it is small elsewhere, has escaped
    or diverged where it left the surface's surroundings lower or higher than it began, and is running otherwise.
    """
    if options.show_list:
        from trainwell.cli.race.surfaces import print_surfaces

        print_surfaces(json=where.json)
        return
    done = _run(options, where, context.obj or [])
    with done.showing():
        _show(done, json=where.json)
    if all(set(one["outcomes"]) == {"diverged"} for one in done.results["contenders"]):
        raise typer.Exit(ALL_DIVERGED)


def _run(options: RaceOptions, where: RaceRunOptions, arguments: list[str]) -> Done:
    """From checked options to a complete run directory. Nothing is written before all was found to be sound."""
    run = where.run
    check_out(run.out, resume=run.resume)
    run.start_runtime()
    setup = options.setup()
    say = Messages(quiet=run.quiet)
    for notice in _notices(setup, options):
        say.note(notice)
    command = shlex.join(["trainwell", *arguments])
    facts = {"versions": versions(), "command_line": command}

    def do(directory: RunDirectory) -> Kept:
        from trainwell.landscape import run_race

        started = perf_counter()
        what = "tuning and racing" if setup.tuned else "racing"
        with say.console.status(what) if say.shows_progress else nullcontext():
            found = run_race(setup)
        return _kept(found, directory, command, started)

    request = RaceRequest(setup, options, run.precision)
    return complete(Work(request, facts, setup.surface.name, arguments, "racing", do), run, say)


def _notices(setup: "RaceSetup", options: RaceOptions) -> Sequence[str]:
    """What the user may want to know before anything descends."""
    from trainwell.cli.race.notes import of_networks, rates_of_networks, tuned_although_given
    from trainwell.cli.run.notes import without_effect

    return [
        *without_effect(list(setup.recipes.values())),
        *of_networks(options.contenders()),
        *rates_of_networks(setup),
        *tuned_although_given(setup),
    ]


def _kept(found: "Race", directory: RunDirectory, command: str, started: float) -> Kept:
    """Write tables and recipes; returned are the numbers, and what writes the page."""
    from trainwell.cli.race.files import write_files
    from trainwell.cli.race.results import race_results
    from trainwell.cli.run.results import finite
    from trainwell.report import write_race_page

    files = write_files(found, directory)
    seconds = perf_counter() - started
    title = f"Race: {found.descents.surface.name}"
    page = partial(write_race_page, found, directory.page, title=title, command=command, seconds=seconds, files=files)
    results: dict[str, Any] = finite(
        {"command": "race", **race_results(found), "files": files, "seconds": perf_counter() - started}
    )
    return results, page


def _show(done: Done, *, json: bool) -> None:
    from trainwell.cli.race.tables import race_table, race_title
    from trainwell.cli.show.output import print_json, results_console

    results = done.results
    if json:
        print_json({"run": str(done.directory.path), **results})
        return
    console = results_console()

    def line(text: str, style: str = "") -> None:
        console.print(text, style=style, highlight=False, markup=False, soft_wrap=True)

    console.print()
    console.print(race_table(results, race_title(results)))
    line(results["headline"], "bold")
    for text in results["remarks"]:
        line(text, "dim")
    console.print()
    console.print("page", end="  ", style="dim")
    line(str(done.directory.page))
    console.print("beside it", end="  ", style="dim")
    line(f"{', '.join(results['files'])}, results.json")
