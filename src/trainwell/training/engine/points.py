"""When a member is observed, and how a chunk of updates is cut at those points."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Bool, Int

from trainwell.core import RecipeError
from trainwell.training.recipe.recipe import Recipe

MOST_UPDATES = np.iinfo(np.int32).max  # the program counts them in 32 bits
MOST_OBSERVATIONS = 1_000_000


@dataclass(frozen=True)
class Points:
    """Updates after which a member is observed: `first`, then every `every`, and at the end, `total`."""

    first: int
    every: int
    total: int

    @classmethod
    def of(cls, recipe: Recipe, steps_per_epoch: int) -> "Points":
        """The points of a recipe: after each epoch unless it says otherwise."""
        every = recipe.observe_every or steps_per_epoch
        first = every if recipe.observe_first is None else recipe.observe_first
        total = recipe.steps or max(1, round(recipe.epochs * steps_per_epoch))
        if total > MOST_UPDATES:
            raise RecipeError(f"{total:.3g} updates are too many: at most {MOST_UPDATES:,} can be counted")
        if total // every > MOST_OBSERVATIONS:
            raise RecipeError(f"{total // every:,} observations are too many to keep: set a larger observe_every")
        return cls(min(first, total), every, total)

    @property
    def count(self) -> int:
        """Number of observations of a member that trains to the end."""
        return len(self.steps)

    @cached_property
    def steps(self) -> Int[np.ndarray, " T"]:
        """All points, ascending."""
        regular = np.arange(self.first, self.total + 1, self.every)
        return regular if regular[-1] == self.total else np.append(regular, self.total)

    def at_share(self, share: float) -> int:
        """The first observation's update at or after a share of the budget."""
        return int(self.steps[np.searchsorted(self.steps, share * self.total - 1e-9)])

    def segments(
        self, step: int, num_steps: int, num_segments: int, observed: int
    ) -> tuple[Int[np.ndarray, " n"], Bool[np.ndarray, " n"]]:
        """Cut the updates from `step` on at the points.

        Args:
            step: updates done so far.
            num_steps: most updates to do.
            num_segments: most pieces to cut into.
            observed: observations made so far.

        Returns:
            Length of each piece, and whether it ends with an observation.
        """
        stop = min(step + num_steps, self.total)
        ends = self.steps[observed : observed + num_segments]
        ends = ends[ends <= stop]
        observes = np.ones(len(ends), bool)
        if len(ends) < num_segments and stop > (ends[-1] if len(ends) else step):
            ends, observes = np.append(ends, stop), np.append(observes, False)
        return np.diff(ends, prepend=step).astype(np.int32), observes
