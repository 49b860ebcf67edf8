"""C-08, with different initial weights and with the same under different names."""

import numpy as np
import pytest

from trainwell.lecture.book import INITIALIZATIONS, BookData
from trainwell.lecture.statements.initialization import depth_and_initial_weights as statement
from trainwell.lecture.statements.statement import Setup

DEPTHS = (1, 4)
SAME = dict.fromkeys(INITIALIZATIONS, INITIALIZATIONS["He"])


@pytest.fixture(scope="module")
def trained():
    setup = Setup("small", BookData.load("iris"))
    data = setup.data.part(None, "unused")
    found = {}
    for name, schemes in (("different", INITIALIZATIONS), ("the same", SAME)):
        recipes = statement.recipes_of(data, DEPTHS, schemes)
        short = {
            key: one.evolve(hidden=(8,) * len(one.hidden), batch_size=20, steps=80, observe_every=80, learning_rate=0.3)
            for key, one in recipes.items()
        }
        runs = setup.train_each(data, short, range(5))
        found[name] = {key: statement.accuracies(own, data) for key, own in runs.items()}
    return found


def test_initial_weights_matter_more_with_depth_unless_they_are_the_same(trained):
    parts = [statement.matters(trained[name], DEPTHS, statement.GIVEN) for name in ("different", "the same")]
    assert [part.verdict for part in parts] == ["holds", "does not hold"]
    assert statement.he_over_xavier(trained["the same"], DEPTHS, {}).verdict == "does not hold"


def test_how_far_they_are_apart_is_counted_seed_by_seed(trained):
    """The best and the worst are those of the other seeds."""
    found, by_hand = trained["different"], []
    for seed in range(5):
        others = {label: np.delete(found[f"{label}, 4 hidden"], seed).mean() for label in INITIALIZATIONS}
        best, worst = max(others, key=others.__getitem__), min(others, key=others.__getitem__)
        by_hand.append(found[f"{best}, 4 hidden"][seed] - found[f"{worst}, 4 hidden"][seed])
    np.testing.assert_allclose(statement.apart(found, 4), by_hand)


def test_more_noise_with_depth_is_not_taken_for_initial_weights_that_matter_more():
    """Accuracies that differ by chance alone, ten times as much in deep networks."""
    rng = np.random.default_rng(0)
    found = {
        f"{label}, {depth} hidden": 0.8 + rng.normal(0, noise, 200)
        for depth, noise in ((1, 0.01), (4, 0.1))
        for label in INITIALIZATIONS
    }
    own = np.array([found[f"{label}, 4 hidden"] for label in INITIALIZATIONS])
    assert np.mean(own.max(0) - own.min(0)) > 0.1
    assert abs(statement.apart(found, 4).mean()) < 0.03
    assert statement.matters(found, DEPTHS, statement.GIVEN).verdict != "holds"
