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
SEEDS = range(6)
RULES = {"sgd": "sgd", "momentum": "momentum_step", "adagrad": "adagrad", "adam": "adam_folded"}
SCHEMES = {"he": {"initialization": "he"}, "xavier": {"initialization": "xavier"}}


def recipe_of(setting: dict[str, Any]) -> Recipe:
    scheme = SCHEMES.get(str(setting["scheme"]), {"initialization": "normal", "weight_std": 0.01})
    return Recipe(
        hidden=(100,) * 4,
        inputs="none",
        optimizer=RULES[setting["rule"]],
        learning_rate=setting["learning_rate"],
        batch_size=128,
        batches="replacement",
        steps=2000,
        observe_every=1,
        observe_batch=True,
        observe_training=1,
        **scheme,
    )


def test_final_losses_lie_within_the_references_spread(mnist_folder: Path) -> None:
    # Few validation images: what the reference measures is the loss on the last batch, nothing else.
    dataset = load_data("mnist", data_dir=mnist_folder, validation=10)
    settings = REFERENCE["settings"]
    trained = train([recipe_of(setting) for setting in settings], dataset, SEEDS)
    first, last = REFERENCE["windows"]["final_losses"]
    window = trained.trace["loss/last_batch"][:, first:last].mean(1).reshape(len(settings), len(SEEDS))
    for setting, ours in zip(settings, window, strict=True):
        theirs = np.array(setting["final_losses"])
        spread = theirs.std(ddof=1)
        standard_error = spread * np.sqrt(1 / len(ours) + 1 / len(theirs))
        assert len(theirs) >= 5
        assert abs(ours.mean() - theirs.mean()) < 4 * standard_error, setting["name"]
        assert ks_2samp(ours, theirs).pvalue > 1e-3, setting["name"]


@pytest.mark.parametrize("seeds", [range(5)])
def test_mnist_784_128_10_sigmoid_reaches_97_percent(mnist_folder: Path, seeds: range) -> None:
    recipe = Recipe(
        hidden=(128,), activation="sigmoid", initialization="xavier", optimizer="adam", learning_rate=0.003, epochs=12
    )
    trained = train(recipe, load_data("mnist", data_dir=mnist_folder), seeds)
    best = np.nanmax(trained.trace["accuracy/validation"], axis=1)
    assert np.median(best) >= 0.97
