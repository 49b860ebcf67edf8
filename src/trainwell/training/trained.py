"""Trained: what `train` gives back."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import PyTree

from trainwell.training.runs import Runs


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
    """Indices of the members with the best score, best first; diverged ones last."""
    scores = trained.kept(trained.score_name)
    return [int(i) for i in np.argsort(-np.nan_to_num(scores, nan=-np.inf), kind="stable")[:count]]
