"""Trained: what `train` gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import PyTree

from trainwell.data import Dataset
from trainwell.training.recipe.recipe import Recipe
from trainwell.training.results.runs import Runs

LARGEST_INPUT = 1e4
"""Above it inputs are to blame for what diverges: standardised ones of a million rows can have 1e3."""


@dataclass(frozen=True, eq=False)
class Trained(Runs):
    """A population after training.

    Attributes:
        params: each member's parameters, one dictionary per layer, NumPy arrays.
        carries: each member's running statistics of batch norm.
    """

    params: tuple[PyTree, ...]
    carries: tuple[PyTree, ...]

    @property
    def runs(self) -> Runs:
        """The population without its parameters, which are let go with this object."""
        return Runs(
            self.dataset,
            self.sizes,
            self.members,
            self.statuses,
            self.steps,
            self.kept_steps,
            self.trace,
            self.seconds,
        )


def best_members(trained: Trained, count: int) -> Sequence[int]:
    """Indices of the members with the best score, best first, equals by their loss; diverged ones last."""
    scores, losses = (trained.kept(name).tolist() for name in (trained.score_name, "loss/validation"))
    return sorted(range(len(trained)), key=lambda m: trained.metric.order(scores[m], losses[m]))[:count]


def extreme_input(dataset: Dataset, recipe: Recipe) -> str | None:
    """What to say where all networks diverged and the inputs are to blame; None where they are not.

    Args:
        dataset: training and validation splits are looked at.
        recipe: how its inputs are scaled.

    Returns:
        Such as "the feature 'x' reaches 3e+20 standard deviations: leave it out, or scale it before".
    """
    shift, scale = dataset.scaling(recipe.inputs)
    peak = np.zeros(dataset.num_features)
    for part in (dataset.training, dataset.validation):
        fractions = 255 if part.inputs.dtype == np.uint8 else 1
        with np.errstate(all="ignore"):
            scaled = np.abs((part.inputs / fractions - shift) * scale)
        peak = np.maximum(peak, np.nan_to_num(scaled, nan=np.inf).max(0))
    worst = int(peak.argmax())
    if not peak[worst] > LARGEST_INPUT:
        return None
    units = {"standardize": "standard deviations", "center": "once centred", "none": "as it is"}[recipe.inputs]
    reaches = f"reaches {peak[worst]:.2g} {units}" if np.isfinite(peak[worst]) else "is beyond what float32 can hold"
    instead = "leave it out, or scale it before" if recipe.inputs == "standardize" else "set inputs to standardize"
    return f"the feature '{dataset.feature_names[worst]}' {reaches}: {instead}"
