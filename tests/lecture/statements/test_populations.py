"""Several populations of one statement, and how they go on after a kill."""

import numpy as np

from trainwell.lecture import BookData, Run, Setup
from trainwell.training import Recipe


def test_every_population_has_checkpoints_of_its_own(tmp_path):
    """Of the same places in their populations: the second must not find the first one's."""
    data = BookData.load("digits").part(200, "unused")
    recipe = Recipe(hidden=(4,), optimizer="sgd", learning_rate=0.1, steps=10, batch_size=20)
    setup = Setup("small", BookData.load("digits"), checkpoints=tmp_path / "C-99")
    populations = [[(data, Run("", recipe, seed))] for seed in (0, 1)]
    (first,), (second,) = [setup.train_whole(one) for one in populations]
    folders = [one for one in (tmp_path / "C-99").iterdir() if any(one.iterdir())]
    assert len(folders) == 2
    (again,) = setup.train_whole(populations[0])
    np.testing.assert_array_equal(again.params[0][0]["weights"], first.params[0][0]["weights"])
    (started,) = setup.train_whole(populations[1], [(again.params[0][:1], [])])
    assert (started.params[0][0]["weights"] != second.params[0][0]["weights"]).any()
