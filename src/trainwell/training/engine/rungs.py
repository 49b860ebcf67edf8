"""Rungs: points of a training run at which poor members stop early and the others go on."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

Seen = Mapping[str, np.ndarray]
"""A member's observations so far, by name."""


@dataclass(frozen=True)
class Rungs:
    """When to look at a population, and who goes on.

    Members are neither trained again nor compiled again for it: those that go on do so from where they stopped, and
    end with the same bits as if they had never been looked at.

    Args:
        shares: of each member's budget, ascending, each in (0, 1); a member is looked at by its first observation
            at or after that share.
        survivors: told the rung's place in `shares` and the observations up to it of every member that is still in,
            by index (those that stopped early, too; of diverged ones nothing); returns the indices that go on.
    """

    shares: Sequence[float]
    survivors: Callable[[int, Mapping[int, Seen]], Collection[int]]
