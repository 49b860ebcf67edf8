"""`trainwell compare`: a grid of recipes, several seeds each."""

from collections.abc import Mapping
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

EXAMPLE = "Example: trainwell compare digits --vary optimizer=sgd,momentum,adam --vary hidden=50,100x100 --epochs 20"
SEEDS = 5
ALL_DIVERGED = 1  # exit code
AS_GIVEN = (
    "Each contender ran as given, with its optimizer's default learning rate where none was set: this is no tuned, "
    "fair comparison."
)


@bundled
def compare(
    context: typer.Context,
    data: DataOptions,
    vary: Annotated[
        list[str],
        typer.Option(
            metavar="FIELD=a,b,c",
            show_default=False,
            help="Values of a recipe's field; several --vary make a grid. Lists are joined by x: hidden=100x100,50.",
        ),
    ],
    recipe: RecipeOptions,
    run: RunOptions,
) -> None:
    """Train every combination of some fields' values with several seeds, and rank them on the validation split."""

    def ask() -> Asked:
        from trainwell.cli.fields import parse_grid

        base = recipe.build()
        grid = parse_grid(vary)
        return Asked(base, [base.evolve(**fields) for fields in grid], grid)

    def conclude(trained: "Trained", directory: RunDirectory) -> Conclusion:
        return Conclusion({})

    done = run_population(Work("compare", context.obj or [], ask, SEEDS, conclude), data, run)
    _show(done, json=run.json)
    if all(recipe["diverged"] == recipe["networks"] for recipe in done.results["recipes"]):
        raise typer.Exit(ALL_DIVERGED)


def _show(done: Done, *, json: bool) -> None:
    from trainwell.cli.output import print_json, results_console
    from trainwell.cli.tables import recipes_table

    if json:
        print_json({"run": str(done.directory.path), "seconds": done.seconds, **done.results})
        return
    console = results_console()
    console.print()
    console.print(recipes_table(done.results, _title(done.results, done.seconds), console.width))
    console.print(AS_GIVEN, style="dim", highlight=False)
    console.print()
    console.print("page", end="  ", style="dim")
    console.print(str(done.directory.page), highlight=False, markup=False, soft_wrap=True)


def _title(results: Mapping[str, Any], seconds: float | None) -> str:
    took = "" if seconds is None else f" in {seconds:.1f} s"
    return f"{len(results['members'])} networks on {results['data']['name']}{took}"
