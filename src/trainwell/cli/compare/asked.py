"""What is refused of a comparison: terms and contenders that cannot be meant."""

from collections.abc import Mapping, Sequence
from typing import Any

from trainwell.comparison import Terms
from trainwell.core import METRICS, RecipeError
from trainwell.data import Dataset
from trainwell.nn import INITIALIZERS
from trainwell.search import metric_of
from trainwell.training import Recipe

LARGEST_MARGIN = 0.1  # of accuracy: from here on points were meant


def check_scores(datasets: Sequence[Dataset], terms: Terms) -> None:
    """Refuse a margin or a target that no score of a data set can have.

    Raises:
        RecipeError: a margin of accuracy was written in points, or a target is outside the metric's range.
    """
    for dataset in datasets:
        metric = METRICS[metric_of(dataset, terms.metric)]
        if terms.margin is not None and metric.is_share and terms.margin >= LARGEST_MARGIN:
            points = f"{100 * terms.margin:g}"
            raise RecipeError(
                f"--margin {terms.margin:g} means {points} points of accuracy: for {terms.margin:g} points write "
                f"{terms.margin / 100:g}"
            )
        low, high = metric.within
        if terms.target is not None and not low <= terms.target <= high:
            raise RecipeError(f"--target-score {terms.target:g} cannot be reached on {dataset.name}: {metric.hint}")


def check_initial_spread(given: Mapping[str, Mapping[str, Any]], base: Recipe | Mapping[str, Any]) -> None:
    """Refuse initial weights without the spread that their scheme needs, or with one that it sets itself.

    Args:
        given: changes of the base by label.
        base: what they are changes of.

    Raises:
        RecipeError: some are; the line says how one contender alone is given two fields.
    """
    shared = base.model_dump() if isinstance(base, Recipe) else base
    for label, changes in given.items():
        recipe = {**shared, **changes}
        name = recipe.get("initialization", Recipe().initialization)
        if "initialization" not in changes or name not in INITIALIZERS:
            continue  # what is wrong then is said with the recipe
        if INITIALIZERS[name].needs_std and recipe.get("weight_std") is None:
            raise RecipeError(
                f"contender '{label}': initialization '{name}' needs weight_std: write "
                f'--contender "gauss: initialization={name} weight_std=0.01"'
            )
        if not INITIALIZERS[name].needs_std and recipe.get("weight_std") is not None:
            raise RecipeError(
                f"contender '{label}': initialization '{name}' sets its own weight_std: give that to the contender "
                'which needs it, by --contender "gauss: initialization=normal weight_std=0.01"'
            )
