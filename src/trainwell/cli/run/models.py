"""A command's model: where it is, and a chosen one saved with what was measured on the test split."""

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainwell.cli.run.directory import MODEL, REQUEST
from trainwell.core import ModelError, remove_own
from trainwell.data import Dataset
from trainwell.models import Model, TestQuality, judge_on_test_split, save_model

SUFFIXES = (".json", ".safetensors")
"""Of a model's files."""


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


def judged_and_saved(model: Model, dataset: Dataset, folder: Path) -> TestQuality:
    """Open the test split, once, when the model is chosen, and save the model.

    Args:
        model: nothing is decided after this.
        dataset: what it was trained on.
        folder: where to save it.

    Returns:
        Its quality on the test split.
    """
    test = judge_on_test_split(model, dataset)
    metrics = {**model.metrics, f"{test.metric}/test": test.scores[test.metric]}
    if any(path.is_symlink() or (path.is_file() and path.suffix not in SUFFIXES) for path in folder.rglob("*")):
        raise ModelError(f"{folder} holds files that are not the model's: move them elsewhere, then go on by --resume")
    remove_own(folder, SUFFIXES)  # of a process that was killed before it declared its run complete
    save_model(replace(model, metrics=metrics, notes={**model.notes, "test_rows": test.rows}), folder)
    return test


def usage(results: Mapping[str, Any], run: Path, source: str) -> dict[str, str]:
    """Where a run's model is, and how it is used on the data it was made from; nothing if there is none."""
    if results["model"] is None:
        return {}
    return {"model": str(run / MODEL), "use it": shlex.join(["trainwell", "predict", str(run), source])}
