"""`trainwell compare`: is A better than B? Tuned alike, on common seeds, with verdicts that say how sure they are."""

from typing import Annotated

import typer

from trainwell.cli.options.bundles import ASIDE, bundled
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.data import SeveralDataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import TrainingRunOptions
from trainwell.cli.run.command import execute

EXAMPLE = "Example: trainwell compare digits --vary optimizer=sgd,momentum,adam"


@bundled
def compare(
    context: typer.Context,
    data: SeveralDataOptions,
    comparison: ComparisonOptions,
    recipe: Annotated[RecipeOptions, ASIDE],
    run: TrainingRunOptions,
) -> None:
    """Compare ways to train, fairly, with a verdict on every pair.

    Each contender's learning rate is tuned with the same budget: values over a wide range, later ones closer to the
    best, and additional ones where none was tried next to it; the best are trained again with fresh seeds. Then all
    contenders are trained with the same new seeds. Seeds are added, up to --most-seeds, until each pair is shown to
    differ, or to differ by less than --margin; the error rate covers all pairs and all times they are tested.
    Everything is judged on the validation split; the test split is not touched.

    --tune FIELD also tunes that field, over its usual range; --tune FIELD=a..b sets the range.

    Recipe options are what all contenders have in common. By default they train for 250,000 / (training rows) epochs,
    at least 5 and at most 30. Below 2,000 training rows batches have 32 rows (16 below 300), and there are more epochs
    where these make fewer than 600 updates.
    """
    execute("compare", context.obj, run, data, comparison, recipe)
