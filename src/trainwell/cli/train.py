"""`trainwell train`: one recipe, several seeds, a saved model."""

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from trainwell.cli.bundles import bundled
from trainwell.cli.data_options import DataOptions
from trainwell.cli.population import Asked, Conclusion, Done, Work, run_population
from trainwell.cli.recipe_options import RecipeOptions
from trainwell.cli.run_directory import RunDirectory
from trainwell.cli.run_options import RunOptions

if TYPE_CHECKING:
    from trainwell.training import Trained

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

    def ask() -> Asked:
        base = recipe.build()
        return Asked(base, [base], [{}])

    def conclude(trained: "Trained", directory: RunDirectory) -> Conclusion:
        return _model(trained, directory, data, single=single)

    work = Work("train", context.obj or [], ask, SEEDS, conclude, single)
    done = run_population(work, data, run)
    _show(done, data, json=run.json)
    if done.results["model"] is None:
        raise typer.Exit(ALL_DIVERGED)


def _model(trained: "Trained", directory: RunDirectory, data: DataOptions, *, single: bool) -> Conclusion:
    """Save the networks that did not diverge as one model, and read the test split."""
    from trainwell.cli.saving import judged_and_saved
    from trainwell.models import Model
    from trainwell.report import SavedModel
    from trainwell.training import best_members

    finished = [m for m in range(len(trained)) if trained.statuses[m] != "diverged"]
    if not finished:
        return Conclusion({"model": None, "test": None})
    chosen = list(best_members(trained, 1)) if single else finished
    model = Model.of(trained, chosen)
    quality = judged_and_saved(model, trained.dataset, directory.model)
    seeds = [trained.members[m].seed for m in chosen]
    what = f"seed {seeds[0]}" if len(seeds) == 1 else f"the average of {len(seeds)} seeds"
    saved = SavedModel(str(directory.model), data.data, what)
    return Conclusion({"model": {"folder": "model", "seeds": seeds}, "test": quality.to_json()}, saved, quality)


def _show(done: Done, data: DataOptions, *, json: bool) -> None:
    from trainwell.cli.output import print_json, results_console
    from trainwell.cli.tables import members_table

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
    from trainwell.cli.tables import NAMES, ends, number

    recipe = results["recipes"][0]
    metric = str(results["score"]).split("/")[0]
    seen = recipe["values"][results["score"]]
    if results["model"] is None:
        return [f"all {recipe['networks']} networks diverged, so there is no model: lower the learning rate"]
    seeds = results["model"]["seeds"]
    what = f"seed {seeds[0]}" if len(seeds) == 1 else f"the average of {len(seeds)} seeds"
    test = results["test"]["interval"]
    lines = [
        f"validation {NAMES[metric]}: {number(seen['mean'], 4)} (95% interval {ends(seen)}, "
        f"{seen['n']} seed{'s' if seen['n'] != 1 else ''})",
        f"test {NAMES[metric]} of the model ({what}): {number(test['mean'], 4)} (95% interval {ends(test)}, "
        f"{results['test']['n']:,} rows, read once)",
    ]
    if recipe["diverged"]:
        lines.append(f"{recipe['diverged']} of {recipe['networks']} networks diverged and are not in the model")
    return lines
