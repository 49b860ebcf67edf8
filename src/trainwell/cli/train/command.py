"""`trainwell train`: one recipe, several seeds, a saved model."""

import shlex
from collections.abc import Mapping, Sequence
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.data import DataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import RunOptions, parse_seeds
from trainwell.cli.run.completion import Done, Kept, Work, complete
from trainwell.cli.run.directory import RunDirectory, check_out
from trainwell.cli.run.request import TrainRequest, data_facts, versions
from trainwell.cli.show.output import Messages

if TYPE_CHECKING:
    from trainwell.data import Dataset
    from trainwell.models import TestQuality
    from trainwell.report import SavedModel
    from trainwell.training import Recipe, Trained

EXAMPLE = "Example: trainwell train iris --hidden 32 --optimizer momentum --epochs 50 --seeds 5"
SEEDS = 3
ALL_DIVERGED = 1  # exit code


@bundled
def train(
    context: typer.Context,
    data: DataOptions,
    recipe: RecipeOptions,
    run: RunOptions,
    single: Annotated[
        bool, typer.Option("--single", help="Save only the seed that is best on validation, no ensemble.")
    ] = False,
) -> None:
    """Train one recipe with several seeds, and save the networks as one model.

    The model averages the outputs of all seeds that did not diverge. The test split is read once, at the end.
    """
    done = _run(data, recipe, run, context.obj or [], single=single)
    with done.showing():
        _show(done, data, json=run.json)
    if done.results["model"] is None:
        raise typer.Exit(ALL_DIVERGED)


def _run(data: DataOptions, options: RecipeOptions, run: RunOptions, arguments: list[str], *, single: bool) -> Done:
    """From checked options to a complete run directory. Nothing is written before all was found to be sound."""
    check_out(run.out, resume=run.resume)
    seeds = parse_seeds(run.seeds, SEEDS)
    run.start_runtime()
    from trainwell.cli.run.notes import heavy, without_effect
    from trainwell.training import members_work

    recipe = options.build()
    say = Messages(quiet=run.quiet)
    dataset = data.load(show_downloads=say.shows_progress)
    work_each = members_work([dataset], [recipe], len(seeds))
    for notice in (*dataset.notices, *without_effect([recipe]), *heavy(recipe, dataset)):
        say.note(notice)
    facts = {
        "data": data_facts(dataset, data.data),
        "versions": versions(),
        "command_line": shlex.join(["trainwell", *arguments]),
    }

    def do(directory: RunDirectory) -> Kept:
        started = perf_counter()
        trained = _trained(recipe, dataset, seeds, work_each, directory, say)
        return _kept(trained, data, directory, facts, perf_counter() - started, single=single)

    request = TrainRequest(recipe, seeds, dataset.fingerprint, run.precision, single=single)
    return complete(Work(request, facts, dataset.name, arguments, "training", do, recipe), run, say)


def _trained(
    recipe: "Recipe",
    dataset: "Dataset",
    seeds: Sequence[int],
    work: Sequence[float],
    directory: RunDirectory,
    say: Messages,
) -> "Trained":
    from trainwell.cli.show.progress import population_progress
    from trainwell.training import train

    with population_progress(work, quiet=not say.shows_progress) as progress:
        trained = train([recipe], dataset, seeds, checkpoints=directory.checkpoints, progress=progress.callbacks)
        progress.finish()
    return trained


def _kept(
    trained: "Trained",
    data: DataOptions,
    directory: RunDirectory,
    facts: Mapping[str, Any],
    seconds: float,
    *,
    single: bool,
) -> Kept:
    """Write all but numbers and page; returned are the numbers, and what writes the page."""
    from trainwell.cli.run.results import finite, population_results
    from trainwell.cli.run.trace_file import trace_table, write_parquet
    from trainwell.report import write_page

    label = trained.members[0].recipe.optimizer
    write_parquet(trace_table(trained, [label]), directory.trace)
    saved, test, numbers = _model(trained, directory, data, single=single)
    page = partial(
        write_page,
        trained,
        directory.page,
        title=f"Train: {trained.dataset.name}",
        command=facts["command_line"],
        model=saved,
        labels=[label],
        test=test,
        seconds=seconds,
    )
    results: dict[str, Any] = finite(
        {"command": "train", "data": facts["data"], **population_results(trained, [label]), **numbers}
    )
    return results, page


def _model(
    trained: "Trained", directory: RunDirectory, data: DataOptions, *, single: bool
) -> "tuple[SavedModel | None, TestQuality | None, dict[str, Any]]":
    """Save the networks that did not diverge as one model, and read the test split."""
    from trainwell.cli.run.saving import judged_and_saved
    from trainwell.models import Model
    from trainwell.report import SavedModel
    from trainwell.training import best_members, extreme_input

    finished = [m for m in range(len(trained)) if trained.statuses[m] != "diverged"]
    if not finished:
        why = extreme_input(trained.dataset, trained.members[0].recipe)
        return None, None, {"model": None, "test": None, "remedy": why or "lower the learning rate"}
    chosen = list(best_members(trained, 1)) if single else finished
    model = Model.of(trained, chosen)
    quality = judged_and_saved(model, trained.dataset, directory.model)
    seeds = [trained.members[m].seed for m in chosen]
    what = f"seed {seeds[0]}" if len(seeds) == 1 else f"the average of {len(seeds)} seeds"
    saved = SavedModel(str(directory.model), data.data, what)
    return saved, quality, {"model": {"folder": "model", "seeds": seeds}, "test": quality.to_json()}


def _show(done: Done, data: DataOptions, *, json: bool) -> None:
    from trainwell.cli.show.output import print_json, results_console
    from trainwell.cli.show.tables import members_table

    results = done.results
    path = done.directory.path
    if json:
        print_json({"run": str(path), "seconds": done.seconds, **results})
        return
    console = results_console()
    console.print()
    title = f"{results['recipes'][0]['label']} on {results['data']['name']}"
    console.print(members_table(results, title))
    for line in _sentences(results):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    console.print()
    places = {"page": str(done.directory.page)}
    if results["model"] is not None:
        places |= {
            "model": str(done.directory.model),
            "use it": shlex.join(["trainwell", "predict", str(path), data.data]),
        }
    for name, place in places.items():
        console.print(f"{name:<7}", end=" ", style="dim")
        console.print(place, highlight=False, markup=False, soft_wrap=True)


def _sentences(results: Mapping[str, Any]) -> Sequence[str]:
    from trainwell.cli.show.tables import ends, number, on_test_split
    from trainwell.core import METRICS

    recipe = results["recipes"][0]
    metric = str(results["score"]).split("/")[0]
    seen = recipe["values"][results["score"]]
    if results["model"] is None:
        return [f"all {recipe['networks']} networks diverged, so there is no model: {results['remedy']}"]
    seeds = results["model"]["seeds"]
    what = f"seed {seeds[0]}" if len(seeds) == 1 else f"the average of {len(seeds)} seeds"
    lines = [
        f"validation {METRICS[metric].title}: {number(seen['mean'], 4)} (95% interval {ends(seen)}, "
        f"{seen['n']} seed{'s' if seen['n'] != 1 else ''})",
        f"test {on_test_split(results['test'], f' of the model ({what})')}",
    ]
    if why := results.get("undefined", {}).get("r2/validation"):
        lines.insert(0, f"R² is undefined on the validation split ({why}): networks are judged by the loss")
    if recipe["diverged"]:
        lines.append(f"{recipe['diverged']} of {recipe['networks']} networks diverged and are not in the model")
    return lines
