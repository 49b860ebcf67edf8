"""The book's network learns as published: against an independent NumPy implementation (F-6-9, F-6-15)."""

import json
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


@pytest.mark.parametrize(("part", "seeds"), [("early_losses", range(10)), ("middle_losses", range(4))])
def test_losses_lie_within_the_references_spread(mnist_folder: Path, part: str, seeds: range) -> None:
    """`make soak` has all seeds of the reference, and the last updates."""
    compare_with_reference(mnist_folder, part, seeds)


def compare_with_reference(folder: Path, part: str, seeds: range) -> None:
    """Means and distributions over seeds, of every setting."""
    # Few validation images: what the reference measures is the loss on the last batch, nothing else.
    dataset = load_data("mnist", data_dir=folder, validation=10)
    settings = REFERENCE["settings"]
    first, last = REFERENCE["windows"][part]
    trained = train(dataset, [recipe_of(setting, (first, last)) for setting in settings], seeds)
    losses = trained.trace["loss/last_batch"]
    assert losses.shape[1] == last - first
    for setting, ours in zip(settings, losses.mean(1).reshape(len(settings), len(seeds)), strict=True):
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
