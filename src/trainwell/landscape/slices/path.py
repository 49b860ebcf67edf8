"""The path of a network's parameters during training, to be drawn into slices."""

from collections.abc import Mapping
from dataclasses import dataclass

import jax
import numpy as np
from jaxtyping import Float, Int, PyTree

from trainwell.core import configure_runtime
from trainwell.data import Dataset
from trainwell.landscape.errors import LandscapeError
from trainwell.nn import Net
from trainwell.training import STATUSES, Member, Points, Recipe, problems_of, train_problems

POINTS = 60


@dataclass(frozen=True, eq=False)
class TrainingPath:
    """A network's parameters at K points during its training.

    Attributes:
        recipe: how it was trained.
        seed: seed of its training.
        status: how its training ended, such as "finished".
        structure: the network's structure.
        numbers: numbers for inference, as for `network_loss`.
        state: batch norm's running statistics at the end of the path.
        steps: updates done at each point, ascending from 0.
        params: parameters at each point. The last are those that training kept: the best, if the recipe restores them.
        observed_steps: updates done at each of T observations.
        seen: observed metrics by name, such as "loss/validation".
    """

    recipe: Recipe
    seed: int
    status: str
    structure: Net
    numbers: Mapping[str, np.ndarray]
    state: PyTree
    steps: Int[np.ndarray, " K"]
    params: tuple[PyTree, ...]
    observed_steps: Int[np.ndarray, " T"]
    seen: Mapping[str, Float[np.ndarray, " T"]]

    @property
    def end(self) -> PyTree:
        """The parameters that training kept."""
        return self.params[-1]


def training_path(recipe: Recipe, dataset: Dataset, seed: int = 0, *, points: int = POINTS) -> TrainingPath:
    """Train a network and keep its parameters at some points during training.

    The result is the same as that of `train`, to the bit. Point k is after T (k/K)² of all T updates, because early
    updates move the parameters most; so points are roughly evenly spaced along the path. Duplicates are left out.

    Args:
        recipe: how the network is trained.
        dataset: the data it is trained on.
        seed: seed of its training.
        points: largest number of points, at least 2; each needs the memory of the network's parameters.

    Returns:
        The points with finite parameters, and the observed metrics.

    Raises:
        LandscapeError: there are fewer than 2 points, or the network diverged before there were 2.
        RecipeError: the recipe does not fit the data.
        Interrupted: Ctrl-C.

    Example:
        >>> from trainwell.data import load_data
        >>> found = training_path(Recipe(hidden=(8,), steps=100), load_data("iris"), points=6)
        >>> found.steps.tolist(), found.params[0][0]["weights"].shape
        ([0, 4, 16, 36, 64, 100], (8, 4))
    """
    if isinstance(points, bool) or not isinstance(points, int | np.integer) or points < 2:
        raise LandscapeError(f"a path needs at least 2 points, got {points!r}")
    (problem,) = problems_of([recipe], dataset, configure_runtime().precision)
    total = Points.of(recipe, problem.steps_per_epoch).total
    steps = {round(total * share**2) for share in np.linspace(0, 1, points)}
    (result,) = train_problems([Member(recipe, seed, problem)], snapshots=steps)
    passed = {step: params for step, params in result.snapshots if step < result.best_step}
    passed[result.best_step] = result.params
    kept = {
        step: params
        for step, params in passed.items()
        if all(np.isfinite(leaf).all() for leaf in jax.tree.leaves(params))
    }
    if len(kept) < 2:
        raise LandscapeError(
            f"the network diverged after update {result.steps}, too early for a path: lower its learning rate"
        )
    return TrainingPath(
        recipe,
        seed,
        STATUSES[result.status],
        problem.network,
        {name: value for name, value in problem.numbers(seed).items() if name != "noise"},
        result.carry,
        np.array(list(kept)),
        tuple(kept.values()),
        result.observed_steps,
        result.seen,
    )
