"""Trained: what `train` gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, PyTree

from trainwell.data import Dataset
from trainwell.training.population import Member
from trainwell.training.trace import Trace

STATUSES = ("finished", "stopped", "diverged", "pruned")
"""Trained to the end of its budget; stopped early by its patience; met a loss that is not finite; taken out."""


@dataclass(frozen=True, eq=False)
class Trained:
    """A population after training.

    Attributes:
        dataset: what it was trained on.
        num_seeds: members per recipe.
        members: recipe and seed of each, in the order asked for: all seeds of the first recipe first.
        params: each member's parameters, one dictionary per layer, NumPy arrays.
        carries: each member's running statistics of batch norm.
        statuses: each member's end, one of `STATUSES`.
        steps: updates each member did.
        kept_steps: the update whose parameters were kept: the last, or the best observation's.
        trace: what was observed.
    """

    dataset: Dataset
    num_seeds: int
    members: tuple[Member, ...]
    params: tuple[PyTree, ...]
    carries: tuple[PyTree, ...]
    statuses: tuple[str, ...]
    steps: tuple[int, ...]
    kept_steps: tuple[int, ...]
    trace: Trace

    def __len__(self) -> int:
        return len(self.members)

    def kept(self, name: str) -> Float[np.ndarray, " M"]:
        """The observation of `name` that belongs to each member's kept parameters; NaN for diverged members."""
        values = self.trace.at_step(name, self.kept_steps)
        return np.where(np.array(self.statuses) == "diverged", np.nan, values)

    @property
    def score_name(self) -> str:
        """What members are judged by: validation accuracy, or R² for regression."""
        return "accuracy/validation" if self.dataset.task == "classification" else "r2/validation"

    def by_recipe(self) -> list[list[int]]:
        """Indices of the members of each recipe, recipes in the order asked for."""
        starts = range(0, len(self), self.num_seeds)
        return [list(range(start, start + self.num_seeds)) for start in starts]


def best_members(trained: Trained, count: int) -> Sequence[int]:
    """Indices of the members with the best score, best first; diverged ones last."""
    scores = trained.kept(trained.score_name)
    return [int(i) for i in np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:count]]
