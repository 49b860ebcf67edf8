"""How figures of training take what was observed."""

import numpy as np
import pytest

from trainwell.data import from_arrays
from trainwell.lecture.figures.figure import Given
from trainwell.lecture.figures.training import (
    KAISER,
    LOSS,
    MOST_POINTS,
    diverged_notes,
    observed,
    training_content,
)
from trainwell.training import Recipe, train_each


@pytest.fixture(scope="module")
def given():
    """Of two seeds one that diverges: its weights are too large for float32 after an update or two."""
    random = np.random.default_rng(0)
    data = from_arrays(random.normal(size=(40, 3)), ["a", "a", "b", "c"] * 10, validation=8, test=8)
    recipe = Recipe(hidden=(4, 4), optimizer="sgd", learning_rate=0.1, batch_size=4, epochs=6, inputs="none")
    wild = recipe.evolve(initialization="normal", weight_std=1e20)
    trained = [one.runs for one in train_each([(data, recipe, 0), (data, wild, 1)])]
    assert [one.statuses for one in trained] == [("finished",), ("diverged",)]
    return Given({"ours": trained[:1], "wild": trained[1:]}, (0,), "full")


def test_what_diverged_says_the_first_class_to_the_end(given) -> None:
    shown = {"training accuracy": "accuracy/training", "training loss": "loss/training"}
    tame_accuracy, _, accuracy, loss = observed(given, shown)
    training = given.runs["wild"][0].dataset.training
    assert [one.label for one in (accuracy, loss)] == ["wild: training accuracy", "wild: training loss"]
    assert accuracy.seeds.tolist() == [[(training.targets == 0).mean()] * 6]
    assert np.isnan(loss.seeds).all()
    assert loss.seeds.shape == (1, 6)
    assert tame_accuracy.seeds[0].tolist() == given.runs["ours"][0].trace["accuracy/training"][0].tolist()
    assert accuracy.x.tolist() == list(range(6))
    (note,) = diverged_notes(given)
    assert note.startswith("wild: seed 1 diverged.")


def test_a_smoothed_curve_is_drawn_at_few_places_and_kept_at_all(untrained) -> None:
    losses = np.sin(np.arange(2000) / 90) + 2
    given = untrained({"ours": [{"loss/last_batch": losses}]})
    shown = {"training loss": "loss/last_batch"}
    content = training_content(given, shown, "loss", LOSS, updates=True, smoothing=KAISER)
    assert content.series[0].seeds.tolist() == [losses.tolist()]
    (line,) = content.drawings[0].chart.data
    assert len(line.x) == MOST_POINTS
    assert (line.x[0], line.x[-1]) == (1, 2000)
    weights = KAISER / KAISER.sum()
    middle = int(np.flatnonzero(line.x > 1000)[0])
    own = int(line.x[middle]) - 1
    assert line.y[middle] == pytest.approx(weights @ losses[own - 5 : own + 6])
