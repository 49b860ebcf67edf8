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

    Each contender's learning rate is tuned with the same budget: values from a wide range, coarse to fine, the best of
    them trained again with fresh seeds, and more where nothing was tried beside the best. Then all are trained with the
    same fresh seeds, which are added until every pair is significantly different or shown to differ by less than what
    matters, at one error rate for all pairs and looks together. Everything is judged on the validation split; the test
    split is not touched.

    --tune FIELD also tunes that field, over its usual range; --tune FIELD=a..b sets the range.

    Recipe options are what all contenders have in common. By default they train for 250,000 / (training rows) epochs,
    at least 5 and at most 30. Below 2,000 training rows batches have 32 rows (16 below 300), and there are more epochs
    where these make fewer than 600 updates; then the weights of the best observation are kept.
    """
    execute("compare", context.obj, run, data, comparison, recipe)
