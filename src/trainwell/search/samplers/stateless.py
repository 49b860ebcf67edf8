"""Samplers whose draws depend only on seed and trial number, so that a resumed study draws the same values."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice, product
from math import prod
from typing import Any, TypeAlias
from zlib import crc32

import numpy as np
from jaxtyping import Float
from optuna.distributions import BaseDistribution, CategoricalDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from trainwell.core import SearchError, stream
from trainwell.search.study.distributions import Known, Numeric, from_unit, known, to_unit


def checked_seed(seed: int | None) -> int:
    """The given seed, or a random one for None.

    Raises:
        SearchError: the seed is negative or not an integer.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SearchError(f"seed must be an integer of at least 0, got {seed!r}: try 0")
    return int(seed)


def value_at(distribution: BaseDistribution, position: float) -> Any:
    """The value at a position in [0, 1) of a numeric range or a list of choices."""
    one = known(distribution)
    if isinstance(one, CategoricalDistribution):
        return one.choices[int(position * len(one.choices))]
    return from_unit(one, position)


class StatelessSampler(BaseSampler):
    """Draws every parameter independently, uniformly on its (log) scale; subclasses may override `position`."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = checked_seed(seed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seed={self._seed})"

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Empty, as all parameters are drawn independently."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Empty, as all parameters are drawn independently."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draw one parameter of one trial."""
        position = self.position(trial.number, param_name)
        return self.value(study, trial, param_name, param_distribution, position)

    def redraw(
        self, study: Study, trial: FrozenTrial, attempt: int, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draw again, if the first draws gave the recipe of another trial; `attempt` counts from 0."""
        draw = stream(self._seed, "again", trial.number, attempt, crc32(param_name.encode())).random()
        return self.value(study, trial, param_name, param_distribution, float(draw))

    def value(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution, position: float
    ) -> Any:
        """The value at a position in [0, 1) of the range that a trial's parameter is drawn from: the full range."""
        return value_at(param_distribution, position)

    def position(self, number: int, name: str) -> float:
        """The position in [0, 1) of a trial's parameter in its range."""
        return float(stream(self._seed, "random search", number, crc32(name.encode())).random())


class RandomSampler(StatelessSampler):
    """Random search, uniform on each parameter's (log) scale.

    Optuna's sampler of the same name uses one generator for all draws, so a resumed study would repeat its first draws.

    Args:
        seed: at least 0; a random one by default.

    Source: T-HP-3.

    Example:
        >>> import optuna
        >>> first, again = (optuna.create_study(sampler=RandomSampler(seed=0)) for _ in range(2))
        >>> first.ask().suggest_float("x", 0, 1) == again.ask().suggest_float("x", 0, 1)
        True
    """


FIRST = 7  # log2 of the number of points that are computed first


class QuasiRandomSampler(StatelessSampler):
    """Quasi-random search: a scrambled Sobol sequence over the given parameters; others are drawn at random.

    Args:
        names: names of the parameters, in any order.
        seed: seed of the scrambling, at least 0; a random one by default.

    Raises:
        SearchError: `names` is empty.

    Source: Bergstra & Bengio (2012), Random Search for Hyper-Parameter Optimization, section 5; Owen (1998),
    Scrambling Sobol' and Niederreiter-Xing points.

    Example:
        >>> import optuna
        >>> study = optuna.create_study(sampler=QuasiRandomSampler(["x"], seed=0))
        >>> sorted(int(study.ask().suggest_float("x", 0, 4)) for _ in range(4))  # one in each quarter
        [0, 1, 2, 3]
    """

    def __init__(self, names: Sequence[str], seed: int | None = None) -> None:
        super().__init__(seed)
        if not names:
            raise SearchError("quasi-random search needs the names of the parameters: give at least one")
        self._columns = {name: column for column, name in enumerate(sorted(set(names)))}
        self._points: Float[np.ndarray, "N J"] = np.empty((0, len(self._columns)))

    def position(self, number: int, name: str) -> float:
        """The coordinate of the trial's point in the sequence."""
        if name not in self._columns:
            return super().position(number, name)
        if number >= len(self._points):
            self._points = self._sequence(max(FIRST, (number + 1).bit_length()))
        return float(self._points[number, self._columns[name]])

    def _sequence(self, exponent: int) -> Float[np.ndarray, "N J"]:
        """The first 2^exponent points; a longer sequence starts with the same points as a shorter one."""
        from scipy.stats.qmc import Sobol

        return np.asarray(Sobol(len(self._columns), scramble=True, rng=self._seed).random_base2(exponent))


Point: TypeAlias = Mapping[str, Any]
Active: TypeAlias = Callable[[Point], Point]
"""Returns the active parameters of a point: those whose condition is met."""


def grid_of(distributions: Mapping[str, Known], num_trials: int, active: Active = dict) -> dict[str, list[Any]]:
    """The coarsest grid with at least as many different points as there are trials.

    It has all choices, and evenly spaced values of every numeric range: first only the two ends, then one value more
    for one parameter after the other, until there are enough points.

    Args:
        distributions: distributions by parameter name.
        num_trials: number of trials, at least 1.
        active: two points are the same if their active parameters are.

    Returns:
        The values of each parameter.

    Example:
        >>> from optuna.distributions import FloatDistribution, IntDistribution
        >>> grid_of({"momentum": FloatDistribution(0.5, 1.0), "layers": IntDistribution(1, 2)}, 5)
        {'momentum': [0.5, 0.75, 1.0], 'layers': [1, 2]}
    """
    if num_trials < 1:
        raise SearchError(f"a grid needs the number of trials, at least 1, got {num_trials}")
    numbers = {name: each for name, each in distributions.items() if not isinstance(each, CategoricalDistribution)}
    levels = dict.fromkeys(numbers, 2)
    while True:
        grid = {
            name: list(each.choices) if isinstance(each, CategoricalDistribution) else _values(each, levels[name])
            for name, each in distributions.items()
        }
        for name in numbers:
            if _has_points(grid, num_trials, active):
                return grid
            levels[name] += 1
            grid[name] = _values(numbers[name], levels[name])
        if all(levels[name] > 2 * num_trials for name in numbers):  # the grid has all values of all integer ranges
            return grid


def _has_points(grid: Mapping[str, list[Any]], count: int, active: Active) -> bool:
    """Whether a grid has at least `count` different points."""
    if prod(len(values) for values in grid.values()) < count:
        return False
    points = (dict(zip(grid, values, strict=True)) for values in product(*grid.values()))
    return len(list(islice(_different(points, active), count))) == count


def _different(points: Iterable[Point], active: Active) -> Iterator[Point]:
    """The points without those whose active parameters equal those of an earlier point."""
    seen = set()
    for point in points:
        key = tuple(active(point).items())
        if key not in seen:
            seen.add(key)
            yield point


def _values(distribution: Numeric, count: int) -> list[float | int]:
    """Evenly spaced values of a numeric range, including its ends."""
    first, last = to_unit(distribution, distribution.low), to_unit(distribution, distribution.high)
    if distribution.single():
        return [distribution.low]
    return sorted({from_unit(distribution, float(position)) for position in np.linspace(first, last, count)})


class GridSampler(StatelessSampler):
    """Grid search: each trial takes the next point of a grid, in random order.

    Points that differ only in inactive parameters count once. After the last point it starts again with the first;
    Optuna's sampler of the same name stops the study instead, which fails outside of `study.optimize`.

    Args:
        grid: values of each parameter; other parameters are drawn at random.
        seed: seed of the order, at least 0; a random one by default.
        active: see `grid_of`.

    Raises:
        SearchError: the grid has no parameters, or a parameter without values.

    Source: T-HP-2.

    Example:
        >>> import optuna
        >>> study = optuna.create_study(sampler=GridSampler({"x": [0.0, 0.5]}, seed=0))
        >>> sorted(study.ask().suggest_float("x", 0, 1) for _ in range(2))
        [0.0, 0.5]
    """

    def __init__(self, grid: Mapping[str, list[Any]], seed: int | None = None, active: Active = dict) -> None:
        super().__init__(seed)
        if not grid or not all(grid.values()):
            raise SearchError("the grid is empty: give at least one parameter, and at least one value for each")
        names = sorted(grid)
        points = [dict(zip(names, values, strict=True)) for values in product(*(grid[name] for name in names))]
        order = stream(self._seed, "grid").permutation(len(points))
        self._points: list[Point] = []  # points that were computed so far
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
