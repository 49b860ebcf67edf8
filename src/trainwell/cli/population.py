"""What `train` and `compare` share: ask, check, make the run directory, train, keep the results.

Nothing is written before the data and all recipes were found to be sound.
"""

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from trainwell.cli.data_options import DataOptions
from trainwell.cli.output import Messages
from trainwell.cli.request import Request, data_facts, versions
from trainwell.cli.run_directory import RunDirectory, check_out, open_run
from trainwell.cli.run_options import RunOptions, parse_seeds
from trainwell.core.errors import Interrupted

if TYPE_CHECKING:
    from trainwell.models import Quality
    from trainwell.report import SavedModel
    from trainwell.training import Recipe, Trained


@dataclass(frozen=True)
class Asked:
    """The recipes of a command.

    Attributes:
        base: what they are changes of.
        recipes: all of them.
        varied: per recipe, the fields in which it differs from the others.
    """

    base: "Recipe"
    recipes: "Sequence[Recipe]"
    varied: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Conclusion:
    """What a command makes of a trained population.

    Attributes:
        results: added to the run's results, as JSON values.
        model: the saved model, for the page.
        test: its quality on the test split, for the page.
    """

    results: Mapping[str, Any]
    model: "SavedModel | None" = None
    test: "Quality | None" = None


@dataclass(frozen=True)
class Done:
    """A complete run.

    Attributes:
        directory: where it is.
        results: its numbers, as in `results.json`.
        seconds: what training took; None if an earlier process had completed the run.
    """

    directory: RunDirectory
    results: Mapping[str, Any]
    seconds: float | None


@dataclass(frozen=True)
class Work:
    """A command's part of `run_population`.

    Attributes:
        command: `train` or `compare`.
        arguments: the command line after `trainwell`.
        ask: makes the recipes; called when JAX's settings are made.
        num_seeds: how many seeds if the user does not say.
        conclude: what to do with the trained population.
        single: see `Request`.
    """

    command: str
    arguments: Sequence[str]
    ask: Callable[[], Asked]
    num_seeds: int
    conclude: "Callable[[Trained, RunDirectory], Conclusion]"
    single: bool = False


def run_population(work: Work, data: DataOptions, run: RunOptions) -> Done:
    """Train what a command asks for, from checked options to a complete run directory.

    Args:
        work: the command's part.
        data: which data.
        run: seeds, where to, on what machine.

    Raises:
        TrainwellError: something is wrong with what the user asked; nothing was written.
        Interrupted: Ctrl-C; the line says how to go on.
    """
    check_out(run.out, resume=run.resume)
    seeds = parse_seeds(run.seeds, work.num_seeds)
    run.start_runtime()
    from trainwell.cli.notes import without_effect
    from trainwell.cli.results import labels_of
    from trainwell.training import members_work

    asked = work.ask()
    say = Messages(quiet=run.quiet)
    dataset = data.load(show_downloads=say.shows_progress)
    work_each = members_work([dataset], asked.recipes, len(seeds))
    for notice in (*dataset.notices, *without_effect(asked.recipes)):
        say.note(notice)
    labels = labels_of(asked.varied, asked.recipes)
    request = Request(
        work.command, asked.recipes, labels, seeds, dataset.fingerprint, run.precision, single=work.single
    )
    facts = {
        "data": data_facts(dataset, data.data),
        "versions": versions(),
        "command_line": shlex.join(["trainwell", *work.arguments]),
    }
    directory = open_run(run.out, request, facts, asked.base, dataset.name)
    stored = directory.results()
    if stored is not None:
        directory.tidy()
        say.note(f"{directory.path} is already complete, nothing was trained")
        return Done(directory, stored, None)
    if run.resume and not directory.resumed:
        say.note(f"{run.out} had nothing to go on with: training from the start")
    with resumable(directory, work.arguments):
        from trainwell.cli.progress import population_progress
        from trainwell.training import train

        directory.checkpoints.mkdir(exist_ok=True)
        started = perf_counter()
        with population_progress(work_each, quiet=not say.shows_progress) as progress:
            trained = train(
                asked.recipes, dataset, seeds, checkpoints=directory.checkpoints, progress=progress.callbacks
            )
            progress.finish()
        seconds = perf_counter() - started
        results = _kept(work, asked, labels, trained, directory, facts, seconds)
    return Done(directory, results, seconds)


def _kept(
    work: Work,
    asked: Asked,
    labels: Sequence[str],
    trained: "Trained",
    directory: RunDirectory,
    facts: Mapping[str, Any],
    seconds: float,
) -> Mapping[str, Any]:
    """Write all results of a trained population, the numbers last: they declare the run complete."""
    from trainwell.cli.results import finite, population_results
    from trainwell.cli.trace_file import write_trace
    from trainwell.report import write_page

    write_trace(trained, labels, directory.trace)
    conclusion = work.conclude(trained, directory)
    write_page(
        trained,
        directory.page,
        title=f"{work.command.capitalize()}: {trained.dataset.name}",
        command=facts["command_line"],
        model=conclusion.model,
        labels=labels,
        test=conclusion.test,
        seconds=seconds,
    )
    results: dict[str, Any] = finite(
        {
            "command": work.command,
            "data": facts["data"],
            **population_results(trained, labels, asked.varied),
            **conclusion.results,
        }
    )
    directory.finish(results)
    return results


@contextmanager
def resumable(directory: RunDirectory, arguments: Sequence[str]) -> Iterator[None]:
    """Turn Ctrl-C into a line that says how to go on."""
    try:
        yield
    except (Interrupted, KeyboardInterrupt) as stop:
        what = str(stop) or "stopped on request"
        raise Interrupted(f"{what}; go on with: {_resume_command(directory, arguments)}") from None


def _resume_command(directory: RunDirectory, arguments: Sequence[str]) -> str:
    words = ["trainwell", *arguments]
    if not any(word == "--out" or word.startswith("--out=") for word in words):
        words += ["--out", str(directory.path)]
    if "--resume" not in words:
        words.append("--resume")
    return shlex.join(words)
