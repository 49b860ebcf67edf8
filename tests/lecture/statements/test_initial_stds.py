"""C-12 on outcomes that are made up, and on small networks."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.book import BATCH_NORM, SGD
from trainwell.lecture.statements.batch_norm.initial_stds import (
    WITH,
    WITHOUT,
    outcomes,
    parts,
    tuned_outcomes,
)
from trainwell.training import Recipe

STDS = (1.0, 0.1, 0.05, 1e-4)


def made(spread_with, spread_without):
    """Accuracies around 0.9 less a share of the spread for every standard deviation."""
    rng = np.random.default_rng(0)
    shares = dict(zip(STDS, (0.5, 0.0, 0.1, 1.0), strict=True))
    spreads = {WITH: spread_with, WITHOUT: spread_without}
    return {
        (label, std): 0.9 - shares[std] * spread + rng.normal(0, 0.002, 10)
        for label, spread in spreads.items()
        for std in STDS
    }


def test_where_batch_norm_levels_the_outcomes_both_claims_hold():
    found = parts(made(0.05, 0.8), made(0.02, 0.5), [], "")
    assert [part.verdict for part in found[:2]] == ["holds", "holds"]
    ratio = found[0].criteria[0].number
    ours, theirs = (
        np.ptp([values for (own, _), values in made(0.05, 0.8).items() if own == label], axis=0).mean()
        for label in (WITH, WITHOUT)
    )
    assert ratio.estimate == pytest.approx(ours / theirs)


def test_where_it_does_not_they_are_refuted():
    found = parts(made(0.8, 0.4), made(0.8, 0.4), [], "")
    everywhere = "stds from 0.0001 to 1"
    assert [part.conditions[everywhere] for part in found[:2]] == [False, False]
    near = "stds within a factor of 3.2 of He's"
    assert found[1].conditions[near] is True or found[1].conditions[near] is None  # 0.08 apart, and noise


def test_a_rate_at_the_end_of_its_grid_leaves_tuned_outcomes_open():
    found = parts(made(0.05, 0.8), made(0.02, 0.5), [], "at the end")
    assert found[0].conditions["each std at its best rate"] is None


def test_small_networks_need_batch_norm_where_weights_are_small():
    """From std 0.0001 three layers pass nothing on: without batch norm only the share of the largest class is left."""
    data = BookData.load("digits").part(200, "none")
    common = Recipe(**SGD, hidden=(8, 8, 8), batch_size=50, steps=60, observe_every=60)
    recipes = {WITH: common.evolve(**BATCH_NORM), WITHOUT: common}
    recipes = {label: own.evolve(learning_rate=0.3) for label, own in recipes.items()}
    found = outcomes(Setup("small"), data, recipes, (1e-3,), 3)
    largest = np.bincount(data.training.targets).max() / len(data.training)
    assert found[WITHOUT, 1e-3].max() <= largest + 1e-6 < 0.5 < found[WITH, 1e-3].min()
    tuned, rates, _ = tuned_outcomes(Setup("small"), data, recipes, (1e-3,), (0.1, 0.3, 1.0), 3)
    assert tuned[WITH, 1e-3].mean() >= found[WITH, 1e-3].mean() - 0.1
    assert [what for what, _ in rates] == [f"rate chosen, {label}, std 0.001" for label in (WITH, WITHOUT)]
