"""Recipes to copy: what all have in common as TOML, and a table of what sets them apart."""

import json
from collections.abc import Sequence
from typing import Any

from trainwell.core import short_text
from trainwell.display import Head, Row, Table
from trainwell.training import Recipe, differing_fields, recipe_toml


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
    """One row per recipe: its values of the differing fields, as TOML; the rule's own default where unset.

    Numbers have four digits where these tell the recipes apart: the files have all.

    Args:
        recipes: one or several.
        labels: of them.
        name: what they are, as the first column's head.

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
    """The values of a field."""
    whole = ["default" if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    short = [short_text(v) if isinstance(v, float) else text for v, text in zip(values, whole, strict=True)]
    return short if len(set(short)) == len(set(whole)) else whole
