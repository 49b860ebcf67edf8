"""Trials and candidates as points of a unit cube, for a surrogate to measure distances in."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import sqrt
from typing import Any, TypeAlias

import numpy as np
from jaxtyping import Bool, Float, Int
from optuna.distributions import CategoricalDistribution, FloatDistribution

from trainwell.search.coarse_to_fine.ranges import Extent, narrowed
from trainwell.search.study.distributions import Known, from_unit, inside, to_unit

ABSENT = -1.0  # the place of a parameter that a trial does not have


Condition: TypeAlias = tuple[int, Float[np.ndarray, " K"], Bool[np.ndarray, " K"]]
"""When a parameter is there: another one that decides, its places, and at which of them it is."""


class Encoding:
    """Places of trials: a number's position on its own scale in [0, 1], the index of a choice.

    Which parameters depend on others is learned from which trials had them: a parameter is conditional if a choice or
    an integer that more trials have decides without exception whether trials have it.
    """

    def __init__(self, distributions: Mapping[str, Known], params: Sequence[Mapping[str, Any]]) -> None:
        self.names = list(distributions)
        self.distributions = list(distributions.values())
        self.ordered = [_ordered(each) for each in self.distributions]
        self.places = np.array([[self._place(j, each) for j in range(len(self.names))] for each in params])
        self.conditions = self._conditions()

    def points(self, places: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "N C"]:
        """Coordinates of places: one column per number, one per value of an unordered choice."""
        columns = []
        for j, distribution in enumerate(self.distributions):
            column, absent = places[:, j], places[:, j] < 0
            if not isinstance(distribution, CategoricalDistribution):
                columns.append(np.where(absent, 0.5, column)[:, None])
            elif self.ordered[j]:
                columns.append(np.where(absent, 0.5, column / max(len(distribution.choices) - 1, 1))[:, None])
            else:  # two different choices are 1 apart
                columns.append(sqrt(0.5) * (column[:, None] == np.arange(len(distribution.choices))))
        return np.concatenate(columns, axis=1)

    def groups(self) -> Int[np.ndarray, " C"]:
        """To which parameter each column of the points belongs."""
        widths = [
            len(each.choices) if isinstance(each, CategoricalDistribution) and not ordered else 1
            for each, ordered in zip(self.distributions, self.ordered, strict=True)
        ]
        return np.repeat(np.arange(len(widths)), widths)

    def settled(self, places: Float[np.ndarray, "N J"]) -> Float[np.ndarray, "N J"]:
        """Candidates as they would be tried: on the steps, and without parameters whose condition is not met."""
        places = places.copy()
        for j, distribution in enumerate(self.distributions):
            if not isinstance(distribution, CategoricalDistribution) and distribution.step is not None:
                values, where = np.unique(places[:, j], return_inverse=True)
                snapped = [to_unit(distribution, from_unit(distribution, float(value))) for value in values]
                places[:, j] = np.array(snapped)[where]
        for j, (parent, known, present) in self.conditions.items():
            near = np.abs(places[:, parent][:, None] - known).argmin(axis=1)
            places[~present[near], j] = ABSENT
        return places

    def values(self, places: Float[np.ndarray, " J"]) -> dict[str, Any]:
        """The parameters at a place."""
        found = {}
        for j, (name, distribution) in enumerate(zip(self.names, self.distributions, strict=True)):
            if places[j] < 0:
                continue
            if isinstance(distribution, CategoricalDistribution):
                found[name] = distribution.choices[int(places[j])]
            else:
                found[name] = from_unit(distribution, float(places[j]))
        return found

    def _place(self, j: int, params: Mapping[str, Any]) -> float:
        name, distribution = self.names[j], self.distributions[j]
        if name not in params:
            return ABSENT
        if isinstance(distribution, CategoricalDistribution):
            return float(distribution.to_internal_repr(params[name]))
        if distribution.log and params[name] <= 0:
            return 0.0
        return float(np.clip(to_unit(distribution, params[name]), 0, 1))

    def _conditions(self) -> dict[int, Condition]:
        """Conditions by parameter, those of parameters that more trials have first: parents before children."""
        counts = (self.places >= 0).sum(axis=0)
        order = sorted(range(len(self.names)), key=lambda j: (-counts[j], j))
        found: dict[int, Condition] = {}
        for j in order:
            for parent in order:
                if counts[parent] <= counts[j] or isinstance(self.distributions[parent], FloatDistribution):
                    continue
                values, where = np.unique(self.places[:, parent], return_inverse=True)
                share = np.bincount(where, self.places[:, j] >= 0) / np.bincount(where)
                if np.isin(share, (0, 1)).all():
                    found[j] = (parent, values, share == 1)
                    break
        return found


def _ordered(distribution: Known) -> bool:
    """Whether choices are numbers in ascending order, such as widths."""
    if not isinstance(distribution, CategoricalDistribution):
        return True
    numbers = [each for each in distribution.choices if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(numbers) == len(distribution.choices) and all(a < b for a, b in pairwise(numbers))


COARSEST, FINEST = 1, 7  # changes have a standard deviation of 2^-1 to 2^-7 of the narrowed range
OTHER_CHOICE = 0.15  # share of the changes of a choice that draw another one


class Candidates:
    """Places inside the extents of a round, as `Encoding` describes them."""

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
        """Spread evenly over the range of each number (a Latin hypercube), choices at random."""
        columns = []
        for j in range(len(self._encoding.names)):
            if j in self._alive:
                columns.append(self._rng.choice(self._alive[j], count))
                continue
            low, high = self._limits[j]
            spread = (self._rng.permutation(count) + self._rng.random(count)) / count
            columns.append(low + (high - low) * spread)
        return self._encoding.settled(np.stack(columns, axis=1))

    def around(self, centres: Float[np.ndarray, "K J"], count: int) -> Float[np.ndarray, "N J"]:
        """Some parameters of good places changed a little or a lot, but not beyond the ends of the ranges."""
        size = len(self._encoding.names)
        places = centres[np.arange(count) % len(centres)].copy()
        changed = self._rng.random((count, size)) < max(1 / 3, min(1, 2 / size))
        changed[np.arange(count), self._rng.integers(size, size=count)] = True
        steps = self._rng.standard_normal((count, size)) * 2.0 ** -self._rng.uniform(COARSEST, FINEST, (count, 1))
        for j in range(size):
            if j in self._alive:
                other = (self._rng.random(count) < OTHER_CHOICE) & changed[:, j]
                other |= ~np.isin(places[:, j], self._alive[j])
                places[other, j] = self._rng.choice(self._alive[j], int(other.sum()))
                continue
            low, high = self._limits[j]
            absent = places[:, j] < 0
            moved = places[:, j] + changed[:, j] * steps[:, j] * (high - low)
            moved = np.where(absent, low + (high - low) * self._rng.random(count), moved)
            places[:, j] = np.clip(moved, low, high)
        return self._encoding.settled(places)
