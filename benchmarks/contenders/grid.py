"""Grid search: the coarsest full grid with at least as many points as there are trials, in random order."""

from itertools import product
from typing import Any

import numpy as np
from optuna.distributions import CategoricalDistribution
from tasks import Params, Space
from tasks.task import Parameter, existing

from trainwell.core import stream


class Grid:
    """All choices of each categorical parameter, evenly spaced values of each number on its scale.

    Three values or more include the ends of the range; two stand at its quarters, where they serve better.
    Where the full grid has more points than there are trials, a random part of it is visited. Points that differ
    only in parameters which do not exist there are visited once.
    """

    def __init__(self, space: Space, seed: int, trials: int) -> None:
        self.batch = trials
        self._points = grid_points(space, trials)
        order = stream(seed, "grid").permutation(len(self._points))
        self._next = (self._points[int(i)] for i in order)

    def ask(self, count: int) -> list[Params]:
        """The next points; after the last one, the last again."""
        return [next(self._next, self._points[-1]) for _ in range(count)]

    def tell(self, scores: list[float]) -> None:
        """Nothing is learned."""


def grid_points(space: Space, trials: int) -> list[Params]:
    """The points of the coarsest grid, levels being added to one number after another."""
    levels = {p.name: 2 for p in space if not isinstance(p.distribution, CategoricalDistribution)}
    while True:
        for name in levels:
            points = _points(space, levels)
            if len(points) >= trials:
                return points
            levels[name] += 1


def _points(space: Space, levels: dict[str, int]) -> list[Params]:
    axes = [_values(parameter, levels.get(parameter.name, 0)) for parameter in space]
    names = [parameter.name for parameter in space]
    points = [existing(space, dict(zip(names, values, strict=True))) for values in product(*axes)]
    return list({tuple(point.items()): point for point in points}.values())


def _values(parameter: Parameter, count: int) -> list[Any]:
    d: Any = parameter.distribution
    if isinstance(d, CategoricalDistribution):
        return list(d.choices)
    shares = np.linspace(0, 1, count) if count > 2 else np.array([0.25, 0.75])
    values = d.low * (d.high / d.low) ** shares if d.log else d.low + (d.high - d.low) * shares
    values = np.clip(values, d.low, d.high)
    return [float(v) for v in values] if isinstance(d.low, float) else sorted({round(v) for v in values})
