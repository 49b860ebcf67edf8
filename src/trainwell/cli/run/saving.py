"""A chosen model on the test split, and saved with what was measured there."""

from dataclasses import replace
from pathlib import Path

from trainwell.core import ModelError, remove_own
from trainwell.data import Dataset
from trainwell.models import Model, TestQuality, judge_on_test_split, save_model

SUFFIXES = (".json", ".safetensors")
"""Of a model's files."""


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
