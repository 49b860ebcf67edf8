"""The book's network learns as published: against an independent NumPy implementation (F-6-9, F-6-15)."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import ks_2samp

from trainwell.data import load_data
from trainwell.training import Recipe, train

REFERENCE = json.loads((Path(__file__).parents[1] / "reference" / "book_losses.json").read_text())
RULES = {"sgd": "sgd", "momentum": "momentum_step", "adagrad": "adagrad", "adam": "adam_folded"}
SCHEMES = {"he": {"initialization": "he"}, "xavier": {"initialization": "xavier"}}


def recipe_of(setting: dict[str, Any], window: tuple[int, int]) -> Recipe:
    """Observed in the window alone, which is of updates counted from 0, its end excluded."""
    scheme = SCHEMES.get(str(setting["scheme"]), {"initialization": "normal", "weight_std": 0.01})
    return Recipe(
        hidden=(100,) * 4,
        inputs="none",
        optimizer=RULES[setting["rule"]],
        learning_rate=setting["learning_rate"],
        batch_size=128,
        batches="replacement",
        steps=window[1],
        observe_first=window[0] + 1,
        observe_every=1,
        observe_batch=True,
        observe_training=1,
        **scheme,
    )


# Of every window of updates, the seeds that are compared; `make soak` has all of the reference, and the last updates.
SEEDS = {"early_losses": range(10), "middle_losses": range(4)}


@pytest.fixture(scope="module")
def losses(mnist_folder: Path) -> dict[str, np.ndarray]:
    """Mean losses of a window [setting, seed]; those seeds that are looked at in both are trained once."""
    few = SEEDS["middle_losses"]
    both = window_losses(mnist_folder, list(SEEDS), few)
    rest = window_losses(mnist_folder, ["early_losses"], SEEDS["early_losses"][len(few) :])
    return both | {"early_losses": np.concatenate([both["early_losses"], rest["early_losses"]], axis=1)}


def window_losses(folder: Path, parts: Sequence[str], seeds: range) -> dict[str, np.ndarray]:
    """Mean losses of some windows [setting, seed], of one training."""
    # Few validation images: what the reference measures is the loss on the last batch, nothing else.
    dataset = load_data("mnist", data_dir=folder, validation=10)
    settings, windows = REFERENCE["settings"], {part: REFERENCE["windows"][part] for part in parts}
    begin, end = min(first for first, _ in windows.values()), max(last for _, last in windows.values())
    trained = train(dataset, [recipe_of(setting, (begin, end)) for setting in settings], seeds)
    observed = trained.trace["loss/last_batch"].reshape(len(settings), len(seeds), -1)
    assert observed.shape[2] == end - begin
    return {part: observed[..., first - begin : last - begin].mean(-1) for part, (first, last) in windows.items()}


@pytest.mark.parametrize("part", SEEDS)
def test_losses_lie_within_the_references_spread(losses: dict[str, np.ndarray], part: str) -> None:
    assert losses[part].shape == (len(REFERENCE["settings"]), len(SEEDS[part]))
    compare_with_reference(part, losses[part])


def compare_with_reference(part: str, losses: np.ndarray) -> None:
    """Means and distributions over seeds, of every setting."""
    for setting, ours in zip(REFERENCE["settings"], losses, strict=True):
        theirs = np.array(setting[part])
        spread = theirs.std(ddof=1)
        standard_error = spread * np.sqrt(1 / len(ours) + 1 / len(theirs))
        assert len(theirs) >= 5
        assert abs(ours.mean() - theirs.mean()) < 4 * standard_error, setting["name"]
        assert ks_2samp(ours, theirs).pvalue > 1e-3, setting["name"]


@pytest.mark.parametrize("seeds", [range(5)])
def test_mnist_784_128_10_sigmoid_reaches_97_percent(mnist_folder: Path, seeds: range) -> None:
    recipe = Recipe(
        hidden=(128,),
        activation="sigmoid",
        initialization="xavier",
        optimizer="adam",
        learning_rate=0.006,
        schedule="cosine",
        epochs=5,
    )
    trained = train(load_data("mnist", data_dir=mnist_folder), recipe, seeds)
    best = np.nanmax(trained.trace["accuracy/validation"], axis=1)
    assert np.median(best) >= 0.97
