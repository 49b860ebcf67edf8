"""`trainwell tune`: the main job: from data to a tested, saved ensemble, the recipe that made it, and why."""

import shlex
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import DataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import RunOptions
from trainwell.cli.options.search import SearchOptions
from trainwell.cli.run.completion import Done, Kept, Work, complete
from trainwell.cli.run.directory import RunDirectory, check_out
from trainwell.cli.run.request import data_facts, versions
from trainwell.cli.show.output import Messages, echo

if TYPE_CHECKING:
    from trainwell.data import Dataset
    from trainwell.search import Plan, Tuned
    from trainwell.training import Space

EXAMPLE = "Example: trainwell tune data.csv --target price --time 5m"
ALL_DIVERGED = 1  # exit code
SHORTEST = 0.1  # seconds


@dataclass(frozen=True)
class TuneRequest:
    """All that a run of `tune` depends on, but for versions and the machine."""

    space: "Space"
    plan: "Plan"
    search: SearchOptions
    fingerprint: str
    precision: str
    command: str = "tune"

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "command": self.command,
            "data": self.fingerprint,
            "space": self.space.to_json(),
            "plan": asdict(self.plan),
            "storage": self.search.shown_storage,
            "study": self.search.study,
            "precision": self.precision,
        }


@bundled
def tune(
    context: typer.Context, data: DataOptions, search: SearchOptions, recipe: RecipeOptions, run: RunOptions
) -> None:
    """Find out how a network wants to be trained on your data, and train it: the main job.

    Coarse to fine: trials drawn at random in wide ranges, poor ones stopped early, ranges narrowed to where the good
    ones are, and again. Then the best recipes are trained anew with fresh seeds, and an ensemble is chosen by the
    validation split. The test split is read once, at the end. Recipe options fix what else would be searched.
    """
    started = perf_counter()
    if search.show_space:
        _show_space(data, search, recipe, run)
        return
    done = _run(data, search, recipe, run, context.obj or [], started)
    with done.showing():
        _show(done, data, json=run.json)
    if done.results["model"] is None:
        raise typer.Exit(ALL_DIVERGED)


def _show_space(data: DataOptions, search: SearchOptions, recipe: RecipeOptions, run: RunOptions) -> None:
    run.start_runtime()
    from trainwell.training import space_toml

    space, _ = search.space_for(data.load(show_downloads=False), recipe, search.plan(run.seeds))
    echo(space_toml(space))


def _run(
    data: DataOptions,
    search: SearchOptions,
    recipe: RecipeOptions,
    run: RunOptions,
    arguments: list[str],
    started: float,
) -> Done:
    """From checked options to a complete run directory. Nothing is written before all was found to be sound."""
    check_out(run.out, resume=run.resume)
    plan = search.plan(run.seeds)
    run.start_runtime()
    say = Messages(quiet=run.quiet)
    dataset = data.load(show_downloads=say.shows_progress)
    from trainwell.cli.run.notes import without_effect
    from trainwell.search import check

    space, plan = search.space_for(dataset, recipe, plan)
    for notice in (*dataset.notices, *search.not_searched(space, recipe), *without_effect([space.base], space.axes)):
        say.note(notice)
    name = search.study or f"trainwell-{dataset.name}"
    pool = check(dataset, space, plan, search.storage, name)
    request = TuneRequest(space, plan, search, dataset.fingerprint, run.precision)
    facts = {
        "data": data_facts(dataset, data.data),
        "versions": versions(),
        "command_line": shlex.join(["trainwell", *map(search.without_password, arguments)]),
    }

    def do(directory: RunDirectory) -> Kept:
        from trainwell.cli.tune.progress import search_progress
        from trainwell.search import defined_metric, metric_of, tune as run_tune

        judged = replace(plan, metric=defined_metric(pool.datasets, metric_of(dataset, plan.metric)))
        with search_progress(judged, quiet=not say.shows_progress) as watcher:
            tuned = run_tune(
                dataset,
                space,
                _remaining(plan, started),
                folder=directory.checkpoints,
                storage=search.storage or directory.path / "study.journal",
                study=name,
                shared=search.storage is not None,
                watcher=watcher,
            )
        for notice in tuned.search.advice:
            say.note(notice)
        return _kept(tuned, dataset, data, directory, facts, started)

    return complete(Work(request, facts, dataset.name, arguments, "searching", do), run, say)


def _remaining(plan: "Plan", started: float) -> "Plan":
    """The plan with what is left of its time since the command began."""
    if plan.seconds is None:
        return plan
    return replace(plan, seconds=max(plan.seconds - (perf_counter() - started), SHORTEST))


def _kept(
    tuned: "Tuned",
    dataset: "Dataset",
    data: DataOptions,
    directory: RunDirectory,
    facts: Mapping[str, Any],
    started: float,
) -> Kept:
    """Save the model, read the test split; returned are the numbers, and what writes the page."""
    from trainwell.cli.run.results import finite
    from trainwell.cli.run.saving import judged_and_saved
    from trainwell.cli.tune.results import search_results, write_trials
    from trainwell.report import SavedModel, write_tune_page
    from trainwell.training import save_recipe, save_space

    write_trials(tuned.search, directory.path / "trials.parquet")
    save_recipe(tuned.recipe, directory.path / "recipe.toml")
    save_space(tuned.search.space, directory.path / "space.toml")
    # The test split is opened here and nowhere else: the model is chosen.
    test = None if tuned.model is None else judged_and_saved(tuned.model, dataset, directory.model)
    saved = None if test is None else SavedModel(str(directory.model), data.data, _what(tuned))
    page = partial(
        write_tune_page,
        tuned,
        directory.page,
        title=f"Tune: {dataset.name}",
        command=facts["command_line"],
        dataset=dataset,
        model=saved,
        test=test,
        seconds=perf_counter() - started,
    )
    results: dict[str, Any] = finite(
        {"command": "tune", "data": facts["data"], **search_results(tuned, test), "seconds": perf_counter() - started}
    )
    return results, page


def _what(tuned: "Tuned") -> str:
    chosen = next(option for option in tuned.options if option.chosen)
    count = len(tuned.model.networks) if tuned.model else 0
    return "one network" if count == 1 else f"{chosen.name}: the average of {count} networks"


def _show(done: Done, data: DataOptions, *, json: bool) -> None:
    from trainwell.cli.show.output import print_json, results_console
    from trainwell.cli.tune.tables import candidates_table, sentences

    path = done.directory.path
    if json:
        print_json({"run": str(path), **done.results})
        return
    console = results_console()
    console.print()
    if any(one["n"] for one in done.results["candidates"]):
        console.print(candidates_table(done.results))
    for line in sentences(done.results):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print()
    places = {"page": str(done.directory.page), "recipe": str(path / "recipe.toml")}
    if done.results["model"] is not None:
        places["model"] = str(done.directory.model)
        places["use it"] = shlex.join(["trainwell", "predict", str(path), data.data])
    for name, place in places.items():
        console.print(f"{name:<7}", end=" ", style="dim")
        console.print(place, highlight=False, markup=False, soft_wrap=True)
