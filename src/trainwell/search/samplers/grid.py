"""Grid search that works with ask and tell, in batches and after a resume."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice, product
from math import prod
from typing import Any, TypeAlias

import numpy as np
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.study import Study
from optuna.trial import FrozenTrial

from trainwell.core import stream
from trainwell.search.errors import SearchError
from trainwell.search.samplers.stateless import StatelessSampler
from trainwell.search.study.distributions import Numeric, from_unit, to_unit

Point: TypeAlias = Mapping[str, Any]
Active: TypeAlias = Callable[[Point], Point]
"""The part of a point that has an effect: without the parameters whose condition is not met."""


def grid_of(
    distributions: Mapping[str, BaseDistribution], num_trials: int, active: Active = dict
) -> dict[str, list[Any]]:
    """The coarsest grid with at least as many different points as there are trials.

    All choices; of every number two values (the ends of its range), one more of one number after another until there
    are enough, evenly spaced on its own scale.

    Args:
        distributions: by parameter.
        num_trials: at least 1.
        active: points are different if what this gives is.

    Returns:
        The values of each parameter.

    Example:
        >>> grid_of({"momentum": FloatDistribution(0.5, 1.0), "layers": IntDistribution(1, 2)}, 5)
        {'momentum': [0.5, 0.75, 1.0], 'layers': [1, 2]}
    """
    if num_trials < 1:
        raise SearchError(f"a grid needs the number of trials, at least 1, got {num_trials}")
    numbers = {
        name: each for name, each in distributions.items() if isinstance(each, FloatDistribution | IntDistribution)
    }
    levels = dict.fromkeys(numbers, 2)
    while True:
        grid = {
            name: _values(each, levels[name]) if isinstance(each, FloatDistribution | IntDistribution) else _all(each)
            for name, each in distributions.items()
        }
        for name in numbers:
            if _has_points(grid, num_trials, active):
                return grid
            levels[name] += 1
            grid[name] = _values(numbers[name], levels[name])
        if all(levels[name] > 2 * num_trials for name in numbers):  # every value of every integer is in it
            return grid


def _has_points(grid: Mapping[str, list[Any]], count: int, active: Active) -> bool:
    """Whether a grid has so many different points."""
    if prod(len(values) for values in grid.values()) < count:
        return False
    points = (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))
    return len(list(islice(_different(points, active), count))) == count


def _different(points: Iterable[Point], active: Active) -> Iterator[Point]:
    """The points without those whose active part came before."""
    seen = set()
    for point in points:
        key = tuple(active(point).items())
        if key not in seen:
            seen.add(key)
            yield point


def _all(distribution: BaseDistribution) -> list[Any]:
    assert isinstance(distribution, CategoricalDistribution)
    return list(distribution.choices)


def _values(distribution: Numeric, count: int) -> list[float | int]:
    """Evenly spaced values of a number, ends included."""
    first, last = to_unit(distribution, distribution.low), to_unit(distribution, distribution.high)
    if distribution.single():
        return [distribution.low]
    return sorted({from_unit(distribution, float(place)) for place in np.linspace(first, last, count)})


class GridSampler(StatelessSampler):
    """Grid search: trial after trial another point of a grid, in random order.

    Of points that differ only in parameters without an effect it takes the first. After the last it starts again.
    Optuna's sampler of this name stops the study there, which fails outside of `study.optimize`.

    Args:
        grid: the values of each parameter; others are drawn at random.
        seed: of the order; at least 0, a fresh one by default.
        active: see `grid_of`.

    Raises:
        SearchError: if there is nothing to try.

    Source: LECTURE T-HP-2.

    Example:
        >>> import optuna
        >>> study = optuna.create_study(sampler=GridSampler({"x": [0.0, 0.5]}, seed=0))
        >>> sorted(study.ask().suggest_float("x", 0, 1) for _ in range(2))
        [0.0, 0.5]
    """

    def __init__(self, grid: Mapping[str, list[Any]], seed: int | None = None, active: Active = dict) -> None:
        super().__init__(seed)
        if not grid or not all(grid.values()):
            raise SearchError("the grid is empty: give at least one parameter, and a value of each")
        names = sorted(grid)
        points = [dict(zip(names, values, strict=True)) for values in product(*(grid[name] for name in names))]
        order = stream(self._seed, "grid").permutation(len(points))
        self._points: list[Point] = []  # as far as they were needed
        self._left = _different((points[int(index)] for index in order), active)

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The value of the trial's point."""
        point = self._point(trial.number)
        if param_name not in point:
            return super().sample_independent(study, trial, param_name, param_distribution)
        value = point[param_name]
        if not param_distribution._contains(param_distribution.to_internal_repr(value)):
            raise SearchError(
                f"the grid's value {value} of {param_name} lies outside of {param_distribution}: change it"
            )
        return value

    def _point(self, number: int) -> Point:
        self._points.extend(islice(self._left, max(number + 1 - len(self._points), 0)))
        return self._points[number % len(self._points)]
