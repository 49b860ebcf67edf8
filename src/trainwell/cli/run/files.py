"""Files that several commands write into their run directories: recipes and the model."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainwell.cli.run.directory import MODEL, REQUEST
from trainwell.core import ModelError, file_names, remove_own
from trainwell.data import Dataset
from trainwell.models import Model, TestQuality, judge_on_test_split, save_model
from trainwell.training import Recipe, save_recipe

SUFFIXES = (".json", ".safetensors")
"""Of a model's files."""


def save_recipes(recipes: Mapping[str, Recipe], folder: Path) -> None:
    """Write the recipe of each contender under its label."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, recipe in zip(file_names(list(recipes)), recipes.values(), strict=True):
        save_recipe(recipe, folder / f"{name}.toml")


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


def judged_and_saved(model: Model, dataset: Dataset, folder: Path, read: Mapping[str, Any]) -> TestQuality | None:
    """Open the test split, once, when the model is chosen, and save the model.

    Args:
        model: the final one: nothing is decided after its test score is known.
        dataset: what it was trained on.
        folder: where to save it.
        read: how the data were read, see `ReadingOptions.not_default`; saved with the model.

    Returns:
        Its quality on the test split; None where that is the validation split.
    """
    test = None if dataset.validates_on_test else judge_on_test_split(model, dataset)
    metrics = model.metrics if test is None else {**model.metrics, f"{test.metric}/test": test.scores[test.metric]}
    known = {"validates_on_test": True} if test is None else {"test_rows": test.rows}
    if any(path.is_symlink() or (path.is_file() and path.suffix not in SUFFIXES) for path in folder.rglob("*")):
        raise ModelError(
            f"{folder} holds files that are not the model's: move them elsewhere, then resume with --resume"
        )
    remove_own(folder, SUFFIXES)  # of a process that was killed before it declared its run complete
    save_model(replace(model, metrics=metrics, facts={**model.facts, **known, "read": dict(read)}), folder)
    return test


def usage(results: Mapping[str, Any], run: Path, data: Sequence[str]) -> dict[str, str]:
    """Path of the saved model and an example `predict` command; empty if there is no model.

    Args:
        results: of the run.
        run: its directory.
        data: see `DataOptions.to_predict`.
    """
    if results["model"] is None:
        return {}
    return {"model": str(run / MODEL), "use it": shlex.join(["trainwell", "predict", str(run), *data])}
