"""The labels of a population's recipes."""

from collections.abc import Sequence

from trainwell.training import Runs, recipe_labels


def checked_labels(runs: Runs, labels: Sequence[str] | None) -> tuple[str, ...]:
    """The labels given for the recipes of a population, or those found for them.

    Raises:
        ValueError: there is not one label per recipe.
    """
    groups = runs.by_recipe()
    if labels is None:
        return recipe_labels([runs.members[group[0]].recipe for group in groups])
    if len(labels) != len(groups):
        raise ValueError(f"give one label per recipe: got {len(labels)} labels for {len(groups)} recipes")
    return tuple(labels)
