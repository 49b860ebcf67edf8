"""`trainwell compare`: is A better than B? Tuned alike, on common seeds, with verdicts that say how sure they are."""

import typer

from trainwell.cli.options.bundles import bundled
from trainwell.cli.options.compare import ComparisonOptions
from trainwell.cli.options.data import SeveralDataOptions
from trainwell.cli.options.recipe import RecipeOptions
from trainwell.cli.options.run import RunOptions
from trainwell.cli.run.command import execute

EXAMPLE = "Example: trainwell compare digits --vary optimizer=sgd,momentum,adam"


@bundled
def compare(
    context: typer.Context,
    data: SeveralDataOptions,
    comparison: ComparisonOptions,
    recipe: RecipeOptions,
    run: RunOptions,
) -> None:
    """Compare ways to train, fairly, with a verdict on every pair.

    Each contender's learning rate is tuned with the same budget: 24 values from
    1e-5 to 10, coarse to fine, the best 3 trained again with 3 fresh seeds, and
    up to 24 more where nothing was tried beside the best. Then all are trained
    with the same fresh seeds, which are added, up to 30, until every pair is told
    apart or shown to differ by less than what matters, at an error rate of 5% for
    all pairs and looks together. Everything is judged on the validation split;
    the test split is not touched.

    Recipe options are what all contenders have in common: by default 5 to 30
    epochs, as makes 250,000 examples seen.
    """
    execute("compare", context.obj, run, data, comparison, recipe)
