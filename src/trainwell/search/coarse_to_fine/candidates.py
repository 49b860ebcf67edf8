"""Candidates for a guided round: all over the narrowed ranges, and around good places."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Float
from optuna.distributions import CategoricalDistribution

from trainwell.search.coarse_to_fine.encoding import Encoding
from trainwell.search.coarse_to_fine.extent import Extent, narrowed
from trainwell.search.samplers.scale import inside

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
