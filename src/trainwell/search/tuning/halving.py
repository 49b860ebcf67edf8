"""Successive halving inside a population: poor trials stop early, the others go on from where they stopped."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

import numpy as np

from trainwell.core import METRICS
from trainwell.search.errors import SearchError
from trainwell.training import Recipe, Rungs, Seen

Standing = tuple[float, float]
"""What trials are ordered by, smaller first: the metric (turned round if larger is better), then the loss."""


@dataclass(frozen=True)
class Halving:
    """At each rung the better 1/reduction of a batch's trials go on; the last rung is at 1/reduction of the budget.

    With 3 and 2: after 1/9 of the budget a third of the trials go on, after 1/3 a ninth.

    Args:
        reduction: at least 2.
        rungs: at least 1.

    Raises:
        SearchError: a number is out of range.

    Source: Jamieson and Talwalkar, "Non-stochastic Best Arm Identification and Hyperparameter Optimization", 2016,
    Figure 3; with a reduction other than 2: Li et al., "Hyperband", 2018, Algorithm 1, inner loop.
    """

    reduction: int = 3
    rungs: int = 2

    def __post_init__(self) -> None:
        if self.reduction < 2 or self.rungs < 1:
            raise SearchError(
                f"halving needs a reduction of at least 2 and at least one rung, got {self.reduction} and "
                f"{self.rungs}: try 3 and 2"
            )

    @property
    def shares(self) -> tuple[float, ...]:
        """Shares of the budget at which trials are looked at."""
        return tuple(float(self.reduction) ** (rung - self.rungs) for rung in range(self.rungs))

    def rungs_for(self, recipes: Sequence[Recipe], trial_of: Sequence[int], metric: str) -> Rungs:
        """The rungs of one population of trials.

        Args:
            recipes: one per trial.
            trial_of: each member's trial.
            metric: `accuracy`, `loss` or `r2`, on validation.

        Returns:
            What `train_on` takes; all members of a trial go on, or stop, together.
        """

        def survivors(rung: int, seen: Mapping[int, Seen]) -> Collection[int]:
            inside: dict[int, list[Standing]] = {}
            for member, one in seen.items():
                best = recipes[trial_of[member]].keeps_best
                inside.setdefault(trial_of[member], []).append(standing(one, metric, best=best))
            order = sorted(inside, key=lambda trial: (mean_standing(inside[trial]), trial))
            stay = set(order[: ceil(len(recipes) / self.reduction ** (rung + 1))])
            return [member for member in seen if trial_of[member] in stay]

        return Rungs(self.shares, survivors)


def standing(seen: Seen, metric: str, *, best: bool) -> Standing:
    """How a member stands after what was seen of it: at its best observation, or at its last.

    Infinite for a member that diverged, or of which nothing was seen. Where the metric is undefined (NaN at a finite
    loss) it is NaN, and the best observation is that of the least loss, as in training.
    """
    values = -METRICS[metric].sign * np.asarray(seen.get(f"{metric}/validation", ()), np.float64)
    losses = np.asarray(seen.get("loss/validation", ()), np.float64)
    if not len(values) or not np.isfinite(losses[-1]):
        return np.inf, np.inf
    costs = losses if np.isnan(values).all() else values
    at = int(np.argmin(np.where(np.isnan(costs), np.inf, costs))) if best else -1
    return float(values[at]), float(losses[at])


def mean_standing(standings: Sequence[Standing]) -> Standing:
    """Of several seeds or folds; infinite if one of them diverged, as such a recipe is not to be relied on.

    The metric is the mean over those on which it is defined, which are the same for all trials; infinite if there are
    none, so that the loss decides.
    """
    values, losses = zip(*standings, strict=True)
    known = [value for value in values if not np.isnan(value)]
    return sum(known) / len(known) if known else np.inf, sum(losses) / len(losses)
