"""What several commands leave in their run directories: numbers, observations, recipes, and the model."""

import math
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from trainwell.cli.run.directory import MODEL, REQUEST
from trainwell.core import ModelError, remove_own
from trainwell.data import Dataset
from trainwell.models import Model, TestQuality, judge_on_test_split, save_model
from trainwell.training import QUANTITIES, Recipe, Runs, Trained, save_recipe

PERCENTILES = (1, 5, 25, 50, 75, 95, 99)
SUFFIXES = (".json", ".safetensors")
"""Of a model's files."""


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


def layer_table(trained: Trained) -> pl.DataFrame:
    """What was seen of the layers, in long form: one row per network, moment, quantity and layer.

    Returns:
        Columns seed, step, epoch, quantity, layer, mean, std, zeros, and percentiles `p01` to `p99`.
    """
    rows: list[dict[str, Any]] = []
    for member, one in zip(trained.members, trained.layers, strict=True):
        for name in QUANTITIES:
            for t, layer in np.ndindex(one.means[name].shape):
                facts = {"mean": one.means[name], "std": one.stds[name], "zeros": one.zeros[name]}
                spread = np.quantile(one.numbers[name][t, layer], [share / 100 for share in PERCENTILES])
                rows.append(
                    {"seed": member.seed, "step": one.steps[t], "epoch": one.epochs[t], "quantity": name}
                    | {"layer": layer + 1, **{fact: values[t, layer] for fact, values in facts.items()}}
                    | {f"p{share:02d}": value for share, value in zip(PERCENTILES, spread.tolist(), strict=True)}
                )
    return pl.DataFrame(rows)


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


def model_folder(path: Path) -> Path:
    """The model's folder, of a run directory or itself.

    Raises:
        ModelError: there is none.
    """
    if (path / "manifest.json").exists():
        return path
    if (path / MODEL).is_dir():
        return path / MODEL
    if (path / REQUEST).exists():
        raise ModelError(f"{path} has no model: only complete runs of `trainwell tune` and `trainwell train` do")
    if not path.exists():
        raise ModelError(f"there is no model at {path}: pass a run directory of `trainwell tune` or `trainwell train`")
    return path


def judged_and_saved(model: Model, dataset: Dataset, folder: Path) -> TestQuality | None:
    """Open the test split, once, when the model is chosen, and save the model.

    Args:
        model: nothing is decided after this.
        dataset: what it was trained on.
        folder: where to save it.

    Returns:
        Its quality on the test split; None where that is the validation split.
    """
    test = None if dataset.validates_on_test else judge_on_test_split(model, dataset)
    metrics = model.metrics if test is None else {**model.metrics, f"{test.metric}/test": test.scores[test.metric]}
    said = {"validates_on_test": True} if test is None else {"test_rows": test.rows}
    if any(path.is_symlink() or (path.is_file() and path.suffix not in SUFFIXES) for path in folder.rglob("*")):
        raise ModelError(f"{folder} holds files that are not the model's: move them elsewhere, then go on by --resume")
    remove_own(folder, SUFFIXES)  # of a process that was killed before it declared its run complete
    save_model(replace(model, metrics=metrics, notes={**model.notes, **said}), folder)
    return test


def usage(results: Mapping[str, Any], run: Path, source: str) -> dict[str, str]:
    """Where a run's model is, and how it is used on the data it was made from; nothing if there is none."""
    if results["model"] is None:
        return {}
    return {"model": str(run / MODEL), "use it": shlex.join(["trainwell", "predict", str(run), source])}


def finite(value: Any) -> Any:
    """A number for JSON: None where it is not finite; containers item by item."""
    if isinstance(value, Mapping):
        return {name: finite(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(item) for item in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if math.isfinite(value) else None
    return value


def data_facts(dataset: Dataset, source: str) -> dict[str, Any]:
    """What there is to know of the data, as JSON values; the test split is only counted."""
    return {
        "source": source,
        "name": dataset.name,
        "task": dataset.task,
        "rows": {
            "training": len(dataset.training),
            "validation": len(dataset.validation),
            "test": dataset.num_test,
        },
        "validates_on_test": dataset.validates_on_test,
        "features": dataset.num_features,
        "classes": list(dataset.class_names),
        "fingerprint": dataset.fingerprint,
        "notices": list(dataset.notices),
    }
