"""Figures of hyperparameters: ranks, and what grid and random search find, against what they are by hand."""

from math import exp
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.lecture.figures.figure import Content, Given
from trainwell.lecture.figures.hyperparameters import grid_and_random, random_trials

ENDS = {"trial 1": (0.5, 0.9), "trial 2": (0.7, 0.3), "trial 3": (0.7, 0.6)}
"""Validation accuracy at the end, of two seeds."""


@pytest.fixture(scope="module")
def ranked(untrained) -> Content:
    observed = {
        label: [{"accuracy/validation": [0.1, end], "accuracy/training": [0.2, end + 0.1]} for end in ends]
        for label, ends in ENDS.items()
    }
    given = untrained(observed)
    for i, runs in enumerate(given.runs.values()):
        for seed, one in enumerate(runs):
            recipe = one.members[0].recipe.evolve(learning_rate=10.0 ** -(i + 2), l2_penalty=10.0 ** -(4 + i + seed))
            one.members = [SimpleNamespace(seed=seed, recipe=recipe)]
    return random_trials.draw(given)


def test_trials_are_ranked_within_each_seed(ranked: Content) -> None:
    found = {one.label: one.seeds[:, -1].tolist() for one in ranked.series}
    assert found["rank 1: validation accuracy"] == [0.7, 0.9]  # of the same accuracy the first tried
    assert found["rank 2: validation accuracy"] == [0.7, 0.6]
    assert found["rank 3: validation accuracy"] == [0.5, 0.3]
    np.testing.assert_allclose(found["rank 1: training accuracy"], [0.8, 1.0])
    assert len(found) == 6


def test_panels_say_their_numbers(ranked: Content) -> None:
    panels, plane = ranked.drawings
    titles = [note.text for note in panels.chart.layout.annotations][:3]
    assert titles == ["1: η 0.001–0.01", "2: η 0.0001–0.0001", "3: η 0.001–0.01"]
    (table,) = ranked.tables.values()
    assert [row.cells[0] for row in table.rows] == ["1", "2", "3"]
    assert table.rows[0].cells[3] == "0.8"
    best = plane.chart.data[-1]
    assert sorted(best.x) == [1e-4, 1e-4, 1e-3, 1e-3, 1e-2, 1e-2]


def test_one_seed_has_rate_and_decay_in_its_titles(untrained) -> None:
    given = untrained({"trial 1": [{"accuracy/validation": [0.1], "accuracy/training": [0.2]}]})
    run = given.runs["trial 1"][0]
    run.members[0].recipe = run.members[0].recipe.evolve(learning_rate=0.0086, l2_penalty=3.2e-6)
    panels, _ = random_trials.draw(given).drawings
    assert panels.chart.layout.annotations[0].text == "1: η 0.009, λ 3e-6"


def test_a_grid_of_nine_has_three_values_of_each_number() -> None:
    points = grid_and_random.trials("grid", 9, 0)
    assert {tuple(point) for point in points} == {(x, y) for x in (0.0, 0.5, 1.0) for y in (0.0, 0.5, 1.0)}
    assert len(np.unique(grid_and_random.trials("random", 9, 0)[:, 0])) == 9


def test_what_both_find() -> None:
    content = grid_and_random.draw(Given({}, (3, 4)))
    grid, random = content.series
    assert grid.seeds.shape == random.seeds.shape == (40, 7)
    assert (np.diff(random.seeds) >= 0).all()
    assert ((grid.seeds > 0) & (grid.seeds <= 1)).all()
    assert random.seeds[:, 1:].mean() > grid.seeds[:, 1:].mean() + 0.05
    # nearest of the grid to the drawn peak at (0.3, 0.6): (0.5, 0.5)
    reached = 0.98 * exp(-0.5 * (0.2 / 0.08) ** 2) + 0.02 * 0.9
    assert f"reaches {reached:.2f}; random" in content.drawings[0].said
    assert grid_and_random.accuracy(np.array([0.3, 0.6]), np.array([0.3, 0.6])) == 1
