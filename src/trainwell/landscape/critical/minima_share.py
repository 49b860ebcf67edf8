"""The share of minima among critical points, with its interval, and what is to be known of the search behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.landscape.critical.merging import merged
from trainwell.landscape.critical.set import ENDS, CriticalSet
from trainwell.statistics import Interval, mean_interval, proportion_interval

ALIKE = 1e-6
"""Share of the largest value and eigenvalue within which two are the same."""


@dataclass(frozen=True, eq=False)
class MinimaShare:
    """What kinds of critical points were found on functions of one size.

    Attributes:
        dimension: D, the number of coordinates or parameters.
        share: of minima among the points that are not degenerate, with its Wilson interval.
        expected: the share among all critical points by theory; None where there is none.
        values: of the function at each point.
        indices: number of negative eigenvalues at each point.
        per_function: of each function, how many of its points are minima, and how many they are.
        degenerate: points left out because an eigenvalue is near zero.
        ends: how many searches ended in each way, see `CriticalSet`.
    """

    dimension: int
    share: Interval
    expected: float | None
    values: Float[np.ndarray, " N"]
    indices: Int[np.ndarray, " N"]
    per_function: Int[np.ndarray, "F 2"]
    degenerate: int
    ends: Mapping[str, int]

    @property
    def index_share(self) -> Interval:
        """Mean share of negative eigenvalues, with its interval."""
        return mean_interval(self.indices / self.dimension, within=(0.0, 1.0))

    def by_value(self, parts: int = 5) -> tuple["ValuePart", ...]:
        """The points in parts of (nearly) equal number, lowest values first.

        Args:
            parts: their number at most, at least 1; there are no empty parts.
        """
        order = np.argsort(self.values, kind="stable")
        split = [rows for rows in np.array_split(order, parts) if len(rows)]
        return tuple(ValuePart.of(self.values[rows], self.indices[rows], self.dimension) for rows in split)


@dataclass(frozen=True)
class ValuePart:
    """Critical points whose values are alike.

    Attributes:
        low: the lowest value.
        high: the highest.
        share: of minima.
        index_share: mean share of negative eigenvalues.
    """

    low: float
    high: float
    share: Interval
    index_share: Interval

    @classmethod
    def of(cls, values: Float[np.ndarray, " N"], indices: Int[np.ndarray, " N"], dimension: int) -> "ValuePart":
        """The part that these points make."""
        shares = mean_interval(indices / dimension, within=(0.0, 1.0))
        share = proportion_interval(int((indices == 0).sum()), len(indices))
        return cls(float(values.min()), float(values.max()), share, shares)


def minima_share(found: Sequence[CriticalSet], expected: float | None = None) -> MinimaShare:
    """The share of minima among the points found on functions of one dimension, each point counted once.

    Points of one function with the same value and the same eigenvalues are one: copies by a symmetry, such as that of
    exchanging two hidden units.

    Args:
        found: on each function, at least one.
        expected: the share by theory.
    """
    once = [_first_of_copies(one) for one in found]
    kept = [rows & (one.kinds != "degenerate") for one, rows in zip(found, once, strict=True)]
    each = [one.indices[rows] for one, rows in zip(found, kept, strict=True)]
    indices = np.concatenate(each)
    return MinimaShare(
        dimension=found[0].surface.dimension,
        share=proportion_interval(int((indices == 0).sum()), len(indices)),
        expected=expected,
        values=np.concatenate([one.values[rows] for one, rows in zip(found, kept, strict=True)]),
        indices=indices,
        per_function=np.array([((some == 0).sum(), len(some)) for some in each]),
        degenerate=int(sum(rows.sum() for rows in once)) - len(indices),
        ends={end: sum(one.by_end.get(end, 0) for one in found) for end in ENDS},
    )


def _first_of_copies(found: CriticalSet) -> Bool[np.ndarray, " N"]:
    """Which points have a value or eigenvalues that none before has."""
    first = np.zeros(len(found), bool)
    if len(found):
        size = float(abs(found.eigenvalues).max())
        prints = np.column_stack([found.values / max(1, abs(found.values).max()), found.eigenvalues / (size or 1)])
        first[np.unique(merged(prints, ALIKE), return_index=True)[1]] = True
    return first
