"""Recipes to copy: what all have in common as TOML, and a table of what sets them apart."""

import json
from collections.abc import Sequence
from typing import Any

from trainwell.report.tuning.axes import value_text
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
    """One row per recipe: its values of the differing fields, as TOML; the rule's own default where unset.

    Numbers have four digits where these tell the recipes apart: the files have all.

    Example:
        >>> differences([Recipe(learning_rate=0.013125798004555588), Recipe(learning_rate=0.5)])
        [['0.01313'], ['0.5']]
        >>> differences([Recipe()])
        [[]]
    """
    rows = [recipe.model_dump(mode="json") for recipe in recipes]
    columns = [_texts([row[field] for row in rows]) for field in differing_fields(recipes)]
    return [[column[row] for column in columns] for row in range(len(rows))]  # also where nothing differs


def _texts(values: Sequence[Any]) -> list[str]:
    """The values of a field."""
    whole = ["default" if value is None else json.dumps(value, ensure_ascii=False) for value in values]
    short = [value_text(v) if isinstance(v, float) else text for v, text in zip(values, whole, strict=True)]
    return short if len(set(short)) == len(set(whole)) else whole
