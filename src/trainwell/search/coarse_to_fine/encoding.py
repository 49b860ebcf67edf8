"""Encoding of trials and candidates as points of a unit cube, the inputs of the Gaussian process."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int
from optuna.distributions import CategoricalDistribution, FloatDistribution

from trainwell.search.coarse_to_fine.ranges import Extent, narrowed
from trainwell.search.study.distributions import Known, from_unit, inside, to_unit

INACTIVE = -1.0  # position of a parameter that a trial does not have


Condition: TypeAlias = tuple[int, Float[np.ndarray, " K"], Bool[np.ndarray, " K"]]
"""When a parameter is active: index of its parent parameter, the parent's positions, and whether it is active there."""


class Encoding:
    """Encodes trials.

    The position of a number is its location in its range in [0, 1], on its (log) scale; that of a choice is its index.
    `positions` has them for all trials [trials, parameters].

    Conditions are inferred from the trials: a parameter is conditional if a choice or an integer that more trials have
    decides without exception which trials have it.
    """

    def __init__(self, distributions: Mapping[str, Known], params: Sequence[Mapping[str, Any]]) -> None:
        self.names = list(distributions)
        self.distributions = list(distributions.values())
        self.ordered = [_ordered(each) for each in self.distributions]
        self.positions = np.array([[self._position(j, each) for j in range(len(self.names))] for each in params])
        self.conditions = self._conditions()

    def points(self, positions: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "N C"]:
        """The points of positions: one column per number or ordered choice, one-hot columns for an unordered choice."""
        columns = []
        for j, distribution in enumerate(self.distributions):
            column, absent = positions[:, j], positions[:, j] < 0
            if not isinstance(distribution, CategoricalDistribution):
                columns.append(np.where(absent, 0.5, column)[:, None])
            elif self.ordered[j]:
                columns.append(np.where(absent, 0.5, column / max(len(distribution.choices) - 1, 1))[:, None])
            else:  # one-hot, scaled so that two different choices have distance 1
                columns.append(sqrt(0.5) * (column[:, None] == np.arange(len(distribution.choices))))
        return np.concatenate(columns, axis=1)

    def groups(self) -> Int[np.ndarray, " C"]:
        """The index of the parameter that each column of the points belongs to."""
        widths = [
            len(each.choices) if isinstance(each, CategoricalDistribution) and not ordered else 1
            for each, ordered in zip(self.distributions, self.ordered, strict=True)
        ]
        return np.repeat(np.arange(len(widths)), widths)

    def valid(self, positions: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "N J"]:
        """Candidates made valid: numbers rounded to their steps, inactive parameters marked as such."""
        positions = positions.copy()
        for j, distribution in enumerate(self.distributions):
            if not isinstance(distribution, CategoricalDistribution) and distribution.step is not None:
                values, where = np.unique(positions[:, j], return_inverse=True)
                snapped = [to_unit(distribution, from_unit(distribution, float(value))) for value in values]
                positions[:, j] = np.array(snapped)[where]
        for j, (parent, known, present) in self.conditions.items():
            near = np.abs(positions[:, parent][:, None] - known).argmin(axis=1)
            positions[~present[near], j] = INACTIVE
        return positions

    def values(self, positions: Float[np.ndarray, " J"]) -> dict[str, Any]:
        """The parameter values at the positions of one trial."""
        found = {}
        for j, (name, distribution) in enumerate(zip(self.names, self.distributions, strict=True)):
            if positions[j] < 0:
                continue
            if isinstance(distribution, CategoricalDistribution):
                found[name] = distribution.choices[int(positions[j])]
            else:
                found[name] = from_unit(distribution, float(positions[j]))
        return found

    def _position(self, j: int, params: Mapping[str, Any]) -> float:
        name, distribution = self.names[j], self.distributions[j]
        if name not in params:
            return INACTIVE
        if isinstance(distribution, CategoricalDistribution):
            return float(distribution.to_internal_repr(params[name]))
        if distribution.log and params[name] <= 0:
            return 0.0
        return float(np.clip(to_unit(distribution, params[name]), 0, 1))

    def _conditions(self) -> dict[int, Condition]:
        """Conditions by parameter; parameters that more trials have come first, so parents before children."""
        counts = (self.positions >= 0).sum(axis=0)
        order = sorted(range(len(self.names)), key=lambda j: (-counts[j], j))
        found: dict[int, Condition] = {}
        for j in order:
            for parent in order:
                if counts[parent] <= counts[j] or isinstance(self.distributions[parent], FloatDistribution):
                    continue
                values, where = np.unique(self.positions[:, parent], return_inverse=True)
                share = np.bincount(where, self.positions[:, j] >= 0) / np.bincount(where)
                if np.isin(share, (0, 1)).all():
                    found[j] = (parent, values, share == 1)
                    break
        return found


def _ordered(distribution: Known) -> bool:
    """Whether a parameter is a number, or its choices are numbers in ascending order, such as widths."""
    if not isinstance(distribution, CategoricalDistribution):
        return True
    numbers = [each for each in distribution.choices if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(numbers) == len(distribution.choices) and all(a < b for a, b in pairwise(numbers))


COARSEST, FINEST = 1, 7  # numbers are changed with a standard deviation of 2^-1 to 2^-7 of the narrowed range
OTHER_CHOICE = 0.15  # probability that a changed choice is drawn anew


class Candidates:
    """Draws candidates within the extents of a round, as positions (see `Encoding`)."""

    def __init__(self, encoding: Encoding, extents: Mapping[str, Extent], rng: np.random.Generator) -> None:
        self._encoding, self._rng = encoding, rng
        self._alive: dict[int, Float[np.ndarray, " K"]] = {}
        self._limits: dict[int, tuple[float, float]] = {}
        for j, (name, distribution) in enumerate(zip(encoding.names, encoding.distributions, strict=True)):
            extent = extents[name]
            if isinstance(distribution, CategoricalDistribution):
                self._alive[j] = np.array([distribution.to_internal_repr(each) for each in extent.choices or ()])
            else:
                self._limits[j] = inside(distribution, narrowed(extent))

    def wide(self, count: int) -> Float[np.ndarray, "N J"]:
        """Candidates in all ranges: a Latin hypercube for numbers, random choices."""
        columns = []
        for j in range(len(self._encoding.names)):
            if j in self._alive:
                columns.append(self._rng.choice(self._alive[j], count))
                continue
            low, high = self._limits[j]
            spread = (self._rng.permutation(count) + self._rng.random(count)) / count
            columns.append(low + (high - low) * spread)
        return self._encoding.valid(np.stack(columns, axis=1))

    def around(self, centres: Float[np.ndarray, "K J"], count: int) -> Float[np.ndarray, "N J"]:
        """Candidates near the given positions: some parameters are changed by random amounts, within the ranges."""
        size = len(self._encoding.names)
        positions = centres[np.arange(count) % len(centres)].copy()
        changed = self._rng.random((count, size)) < max(1 / 3, min(1, 2 / size))
        changed[np.arange(count), self._rng.integers(size, size=count)] = True
        steps = self._rng.standard_normal((count, size)) * 2.0 ** -self._rng.uniform(COARSEST, FINEST, (count, 1))
        for j in range(size):
            if j in self._alive:
                other = (self._rng.random(count) < OTHER_CHOICE) & changed[:, j]
                other |= ~np.isin(positions[:, j], self._alive[j])
                positions[other, j] = self._rng.choice(self._alive[j], int(other.sum()))
                continue
            low, high = self._limits[j]
            absent = positions[:, j] < 0
            moved = positions[:, j] + changed[:, j] * steps[:, j] * (high - low)
            moved = np.where(absent, low + (high - low) * self._rng.random(count), moved)
            positions[:, j] = np.clip(moved, low, high)
        return self._encoding.valid(positions)
