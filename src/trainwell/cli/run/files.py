"""What commands leave in their run directories beside page and numbers: observations and recipes."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from trainwell.training import Recipe, Runs, save_recipe


def trace_table(runs: Runs, labels: Sequence[str], column: str = "recipe") -> pl.DataFrame:
    """The trace in long form: one row per network, observation and name.

    Args:
        runs: of a population.
        labels: of its recipes, in their order.
        column: name of the column that holds them.

    Returns:
        Columns recipe, seed, step, epoch, name, value.
    """
    trace = runs.trace
    member, point = np.nonzero(trace.steps >= 0)
    recipe_of = np.repeat(np.arange(len(runs.sizes)), runs.sizes)
    seeds = np.array([m.seed for m in runs.members])
    common = {
        column: np.array(labels, dtype=object)[recipe_of[member]],
        "seed": seeds[member],
        "step": trace.steps[member, point],
        "epoch": trace.epochs[member, point],
    }
    parts = [
        pl.DataFrame({**common, "name": [name] * len(member), "value": values[member, point]})
        for name, values in sorted(trace.values.items())
    ]
    return pl.concat(parts)


def save_recipes(recipes: Mapping[str, Recipe], folder: Path) -> None:
    """Write the recipe of each contender under its label."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, recipe in zip(file_names(list(recipes)), recipes.values(), strict=True):
        save_recipe(recipe, folder / f"{name}.toml")


def file_names(labels: Sequence[str]) -> list[str]:
    """Labels as names of files on any system, all different even where upper and lower case are one.

    Example:
        >>> file_names(["Adam, β₁ = 0.9", "adam β₁/0.9", "../x"])
        ['Adam_β₁_0.9', 'adam_β₁_0.9-2', 'x']
    """
    names: list[str] = []
    for label in labels:
        stem = re.sub(r"[^\w.+-]+", "_", label).strip("._-") or "contender"
        taken = {name.casefold() for name in names}
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names
