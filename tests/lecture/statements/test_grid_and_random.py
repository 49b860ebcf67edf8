"""C-31 on responses whose answer is known."""

import numpy as np
import pytest

from trainwell.lecture.statements.hyperparameters import grid_and_random
from trainwell.lecture.statements.hyperparameters.response import Response

AXES = (np.linspace(-3, 2, 41), np.linspace(-8, -4, 5))
PEAK = 0.9 - 0.1 * (AXES[0] + 0.43) ** 2


def response(scores, axes=AXES):
    return Response(axes, np.stack([scores] * 8))


def test_where_one_matters_random_search_is_ahead_with_enough_trials():
    part = grid_and_random.accuracies(response(np.repeat(PEAK[:, None], 5, axis=1)), 400, are_both=False)
    assert part.conditions["at 100 trials"]
    assert part.conditions["at 25 trials"]
    assert not part.conditions["at 4 trials"]


def test_with_the_layouts_exchanged_the_claim_is_refuted(monkeypatch):
    ours, theirs = grid_and_random.at_random, grid_and_random.grid
    monkeypatch.setattr(grid_and_random, "grid", ours)
    monkeypatch.setattr(grid_and_random, "at_random", theirs)
    part = grid_and_random.accuracies(response(np.repeat(PEAK[:, None], 5, axis=1)), 400, are_both=False)
    assert part.conditions["at 100 trials"] is False
    assert grid_and_random.losses(2000).conditions["at 100 trials"] is False


def test_where_both_matter_random_search_is_not_ahead():
    axes = (AXES[0], AXES[0])
    both = response(0.9 - 0.1 * ((AXES[0][:, None] + 0.43) ** 2 + (AXES[0] - 0.1) ** 2), axes)
    assert grid_and_random.accuracies(both, 400, are_both=True).verdict == "holds"
    hardly = response(np.repeat(0.9 - 0.3 * abs(AXES[0][:, None] + 0.43), 41, axis=1), axes)
    assert grid_and_random.accuracies(hardly, 400, are_both=True).conditions["at 36 trials"] is False


def test_the_loss_left_is_that_of_the_closed_form():
    """A grid leaves 1/(12 k²) a dimension; random places, the integral of the chance that none is nearer."""
    best = np.random.default_rng(0).random((20_000, 2))
    left = grid_and_random.left_loss(grid_and_random.grid(20_000, 25, 2), best, (1.0, 1.0))
    assert left.mean() == pytest.approx(2 / (12 * 25), rel=0.02)
    a, r = np.linspace(0, 1, 401), np.linspace(0, 1, 2001)
    covered = np.minimum(a[:, None] + r, 1) - np.maximum(a[:, None] - r, 0)
    exact = np.trapezoid(np.trapezoid(2 * r * (1 - covered) ** 25, r, axis=1), a)
    left = grid_and_random.left_loss(grid_and_random.at_random(20_000, 25, 2), best, (1.0, 0.0))
    assert left.mean() == pytest.approx(exact, rel=0.05)
    ratio = grid_and_random.losses(5_000).criteria[grid_and_random.BUDGETS.index(25)].number
    assert ratio.low < exact * 12 * 25 < ratio.high


def test_between_places_scores_lie_on_straight_lines():
    made = response(np.add.outer(2 * AXES[0], AXES[1]))
    points = np.array([[-0.3, -6.7], [1.99, -4.01], [-3.0, -8.0]])
    assert made.at(points, made.chosen_by(0)) == pytest.approx(points @ [2, 1])
    assert made.at(np.array([9.0, 9.0]), made.judged_by(1)) == pytest.approx(2 * 2 - 4)
    assert made.best == pytest.approx([2, -4])
