"""The recipes of a page: the buttons that show and hide their curves, what they have in common, where they differ."""

import json
from collections.abc import Sequence
from typing import Any

from trainwell.core import four_digits
from trainwell.display import MAX_STYLES, Chip, Head, Row, Style, Table, chips
from trainwell.training import Recipe, RecipeSummary, Runs, differing_fields, recipe_toml


def legend(summaries: Sequence[RecipeSummary], chosen: Sequence[Style], runs: Runs) -> dict[str, list[Chip]]:
    """The buttons that show and hide curves: one per recipe, and one per kind of curve.

    Args:
        summaries: one per recipe.
        chosen: the style of each recipe.
        runs: the population.
    """
    kinds = [
        Chip("validation", "validation", "currentColor"),
        Chip("training", "training", "currentColor", on=len(summaries) <= MAX_STYLES),
    ]
    if "loss/batches" in runs.trace.values:
        kinds.append(Chip("batches", "training batches", "currentColor", on=len(summaries) == 1))
    return {"recipes": chips([one.label for one in summaries], chosen, " recipes"), "kinds": kinds}


def common_toml(recipes: Sequence[Recipe]) -> str:
    """The fields on which all recipes agree, as TOML with comments.

    Example:
        >>> text = common_toml([Recipe(optimizer="sgd"), Recipe(optimizer="adam")])
        >>> "epochs = 30.0" in text, "optimizer = " in text
        (True, False)
    """
    differing = differing_fields(recipes)
    lines = recipe_toml(recipes[0]).splitlines(keepends=True)
    return "".join(line for line in lines if line.removeprefix("# ").partition(" =")[0] not in differing)


def differences(recipes: Sequence[Recipe], labels: Sequence[str], name: str = "Recipe") -> Table:
    """A table with one row per recipe and a column for each field in which recipes differ; unset fields are "default".

    Numbers are rounded to four digits unless two recipes would then look the same.

    Args:
        recipes: one or several.
        labels: one per recipe.
        name: head of the first column.

    Example:
        >>> recipes = [Recipe(learning_rate=0.013125798004555588), Recipe(learning_rate=0.5)]
        >>> [row.cells for row in differences(recipes, ["a", "b"]).rows]
        [('a', '0.01313'), ('b', '0.5')]
    """
    fields, rows = differing_fields(recipes), [recipe.model_dump(mode="json") for recipe in recipes]
    columns = [labels, *(_texts([row[field] for row in rows]) for field in fields)]
    heads = (Head(name, "free"), *(Head(field, "code") for field in fields))
    return Table(heads, tuple(Row(cells) for cells in zip(*columns, strict=True)))


def _texts(values: Sequence[Any]) -> list[str]:
    """Values of a field as text; floats have the fewest digits, at least 4, that keep different values distinct."""
    whole = ["default" if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    for digits in range(4, 18):
        number = four_digits if digits == 4 else f"{{:.{digits}g}}".format
        short = [number(v) if isinstance(v, float) else text for v, text in zip(values, whole, strict=True)]
        if len(set(short)) == len(set(whole)):
            return short
    return whole
