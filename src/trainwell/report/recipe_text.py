"""Recipes to copy: what all have in common as TOML, and a table of what sets them apart."""

import json
from collections.abc import Sequence

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


def differences(recipes: Sequence[Recipe]) -> list[list[str]]:
    """One row per recipe: its values of the differing fields, as TOML; the rule's own default where unset."""
    fields = differing_fields(recipes)
    rows = [recipe.model_dump(mode="json") for recipe in recipes]
    return [["default" if row[f] is None else json.dumps(row[f], ensure_ascii=False) for f in fields] for row in rows]
