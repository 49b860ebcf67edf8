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

    Coarse to fine: a first round of trials spread over wide ranges, poor ones stopped early; later rounds in ranges
    narrowed to where the good trials are, most trials proposed by a Gaussian process (--sampler coarse_to_fine_uniform:
    all at random). Then the best recipes are trained again with fresh seeds, and an ensemble is chosen on the
    validation split. The test split is read once, at the end.

    A recipe option, such as --epochs 50, fixes that field. The defaults shown apply only to fields that the space
    neither searches nor sets. The default space sets epochs to 75,000 / training rows, at least 20 and at most 100.
    """
    if not search.show_space:
        execute("tune", context.obj, run, data, search, recipe)
        return
    run.start_runtime()
    work("tune").print_space(data, search, recipe)
