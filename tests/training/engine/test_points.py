"""Observation points, and chunks cut at them."""

import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.training import Points, Recipe


def test_by_default_after_each_epoch_and_at_the_end() -> None:
    assert Points.of(Recipe(epochs=2.5), 10).steps.tolist() == [10, 20, 25]
    assert Points.of(Recipe(epochs=3), 10).steps.tolist() == [10, 20, 30]


def test_the_books_epoch_points() -> None:
    # after 1 + k·(N/B) updates: N = 1000, B = 100
    points = Points.of(Recipe(batch_size=100, epochs=3, observe_first=1), 10)
    assert points.steps.tolist() == [1, 11, 21, 30]


def test_before_the_first_update() -> None:
    assert Points.of(Recipe(steps=4, observe_first=0, observe_every=2), 10).steps.tolist() == [0, 2, 4]


@pytest.mark.parametrize(
    "recipe", [Recipe(steps=23, observe_every=7), Recipe(steps=23, observe_first=0, observe_every=5)]
)
@pytest.mark.parametrize(("num_steps", "num_segments"), [(1, 4), (5, 4), (100, 2), (7, 1), (6, 3)])
def test_chunks_add_up_to_the_points(recipe: Recipe, num_steps: int, num_segments: int) -> None:
    points = Points.of(recipe, 10)
    step, seen = 0, []
    for _ in range(100):
        lengths, observes = points.segments(step, num_steps, num_segments, len(seen))
        assert len(lengths) <= num_segments
        assert lengths.sum() <= num_steps
        for length, observe in zip(lengths, observes, strict=True):
            step += int(length)
            seen += [step] if observe else []
        if len(seen) == points.count:
            break
    assert np.array_equal(seen, points.steps)
    assert step == 23


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (Recipe(epochs=1e30), "updates are too many"),
        (Recipe(steps=10**8, observe_every=1), "observations are too many"),
    ],
)
def test_a_budget_that_cannot_be_kept_is_refused(recipe: Recipe, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Points.of(recipe, 10)
