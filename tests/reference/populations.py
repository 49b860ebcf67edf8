"""Populations with numbers chosen by hand: nothing is trained."""

from collections.abc import Callable, Sequence

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.training import Recipe, Trace, Trained, TrainedMember

Curves = dict[str, Sequence[Sequence[float]]]


def _population(
    recipes: Sequence[Recipe],
    seeds: int,
    scores: Sequence[Sequence[float]],
    statuses: Sequence[str] | None = None,
    data: str = "iris",
) -> Trained:
    """A population whose validation score is given, and the losses of which follow from it.

    A score of NaN has no finite loss either; a row that is shorter than the others ended earlier.
    """
    dataset = load_data(data)
    points = max(map(len, scores))
    score = np.array([[*row, *[np.nan] * (points - len(row))] for row in scores], np.float64)
    steps = np.array([[10 * (i + 1) if i < len(row) else -1 for i in range(points)] for row in scores])
    epochs = np.where(steps > 0, steps / 10, np.nan)
    name = "accuracy" if dataset.task == "classification" else "r2"
    values = {f"{name}/validation": score, f"{name}/training": (1 + score) / 2}
    values |= {"loss/validation": 2 - score, "loss/training": 1.5 - score, "loss/batches": 1.8 - score}
    last = tuple(10 * len(row) for row in scores)
    members = tuple(TrainedMember(recipe, seed) for recipe in recipes for seed in range(seeds))
    nothing = tuple({} for _ in members)
    ends = tuple(statuses or ["finished"] * len(members))
    sizes, trace = (seeds,) * (len(members) // seeds), Trace(values, steps, epochs)
    return Trained(dataset, sizes, members, ends, last, last, trace, (0.0,) * len(members), nothing, nothing)


@pytest.fixture
def population() -> Callable[..., Trained]:
    """Makes populations: `population(recipes, seeds, scores, statuses, data)`."""
    return _population


@pytest.fixture
def two(population: Callable[..., Trained]) -> Trained:
    """Two recipes with three seeds each; `adam`'s last member diverged, `sgd`'s first stopped early."""
    recipes = [Recipe(optimizer="sgd"), Recipe(optimizer="adam")]
    scores = [[0.4, 0.5], [0.5, 0.6, 0.7], [0.5, 0.7, 0.9], [0.8, 0.9, 0.95], [0.8, 0.9, 0.97], [0.3]]
    return population(recipes, 3, scores, ["stopped", *["finished"] * 4, "diverged"])
