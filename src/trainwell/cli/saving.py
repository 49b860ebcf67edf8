"""A chosen model on the test split, and saved with what was measured there."""

import shutil
from dataclasses import replace
from pathlib import Path

from trainwell.data import Dataset
from trainwell.models import Model, TestQuality, judge_on_test_split, save_model


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
    shutil.rmtree(folder, ignore_errors=True)  # of a process that was killed before it declared its run complete
    save_model(replace(model, metrics=metrics, notes={**model.notes, "test_rows": test.rows}), folder)
    return test
