"""`trainwell tune`: the main job: from data to a tested, saved ensemble, the recipe that made it, and why."""

from typing import Annotated

import typer

from trainwell.cli.options.bundles import ASIDE, bundled
from trainwell.cli.options.data import DataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import TrainingRunOptions
from trainwell.cli.options.search import SearchOptions
from trainwell.cli.run.command import execute, work

EXAMPLE = "Example: trainwell tune data.csv --target price --time 5m"


@bundled
def tune(
    context: typer.Context,
    data: DataOptions,
    search: SearchOptions,
    recipe: Annotated[RecipeOptions, ASIDE],
    run: TrainingRunOptions,
) -> None:
    """Find out how a network wants to be trained on your data, and train it: the main job.

    Coarse to fine: trials drawn at random in wide ranges, poor ones stopped early, ranges narrowed to where the good
    ones are, and again. Then the best recipes are trained anew with fresh seeds, and an ensemble is chosen by the
    validation split. The test split is read once, at the end.

    Recipe options fix what else would be searched; their defaults hold where nothing is searched.
    """
    if not search.show_space:
        execute("tune", context.obj, run, data, search, recipe)
        return
    run.start_runtime()
    work("tune").print_space(data, search, recipe)
