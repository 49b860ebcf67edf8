"""Samplers whose draws follow from seed and trial number alone, so that a resumed study draws the same."""

from collections.abc import Sequence
from typing import Any
from zlib import crc32

import numpy as np
from jaxtyping import Float
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.samplers import BaseSampler
from optuna.study import Study
from optuna.trial import FrozenTrial

from trainwell.core import stream
from trainwell.search.errors import SearchError
from trainwell.search.study.distributions import from_unit


def checked_seed(seed: int | None) -> int:
    """A seed to draw from: the given one, or a fresh one.

    Raises:
        SearchError: if it is negative or no integer.
    """
    if seed is None:
        return int(np.random.SeedSequence().generate_state(1)[0])
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise SearchError(f"seed must be an integer of at least 0, got {seed!r}: try 0")
    return int(seed)


def value_at(distribution: BaseDistribution, position: float) -> Any:
    """The value of a number or choice at a position in [0, 1)."""
    if isinstance(distribution, CategoricalDistribution):
        return distribution.choices[int(position * len(distribution.choices))]
    assert isinstance(distribution, FloatDistribution | IntDistribution)
    return from_unit(distribution, position)


class StatelessSampler(BaseSampler):
    """Draws every parameter on its own: uniformly on its scale, unless `position` says otherwise."""

    def __init__(self, seed: int | None = None) -> None:
        self._seed = checked_seed(seed)

    def __repr__(self) -> str:
        return f"{type(self).__name__}(seed={self._seed})"

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Nothing: every parameter is drawn when it is asked for."""
        return {}

    def sample_relative(
        self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]
    ) -> dict[str, Any]:
        """Nothing: every parameter is drawn when it is asked for."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Draw one parameter of one trial."""
        position = self.position(trial.number, param_name)
        return self.value(study, trial, param_name, param_distribution, position)

    def again(
        self, study: Study, trial: FrozenTrial, attempt: int, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """Another draw, where the first one repeats another trial's recipe; attempts count from 0."""
        draw = stream(self._seed, "again", trial.number, attempt, crc32(param_name.encode())).random()
        return self.value(study, trial, param_name, param_distribution, float(draw))

    def value(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution, position: float
    ) -> Any:
        """What lies at a position, in [0, 1), of what a trial's parameter is drawn from: its whole range."""
        return value_at(param_distribution, position)

    def position(self, number: int, name: str) -> float:
        """Where in its range a parameter of a trial lies, in [0, 1)."""
        return float(stream(self._seed, "random search", number, crc32(name.encode())).random())


class RandomSampler(StatelessSampler):
    """Random search, on each parameter's own scale.

    Optuna's sampler of this name draws from a generator that moves on with every draw; a resumed study would repeat
    its first draws.

    Args:
        seed: at least 0; a fresh one by default.

    Source: LECTURE T-HP-3.

    Example:
        >>> import optuna
        >>> first, again = (optuna.create_study(sampler=RandomSampler(seed=0)) for _ in range(2))
        >>> first.ask().suggest_float("x", 0, 1) == again.ask().suggest_float("x", 0, 1)
        True
    """


FIRST = 7  # log2 of how many points are drawn at once


class QuasiRandomSampler(StatelessSampler):
    """A scrambled Sobol sequence over the parameters named; others are drawn at random.

    Args:
        names: of the parameters; their order does not matter.
        seed: of the scrambling; at least 0, a fresh one by default.

    Raises:
        SearchError: if no parameter is named.

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
            raise SearchError("a quasi-random sequence needs the names of the parameters: give at least one")
        self._columns = {name: column for column, name in enumerate(sorted(set(names)))}
        self._points: Float[np.ndarray, "N J"] = np.empty((0, len(self._columns)))

    def position(self, number: int, name: str) -> float:
        """The trial's point of the sequence."""
        if name not in self._columns:
            return super().position(number, name)
        if number >= len(self._points):
            self._points = self._sequence(max(FIRST, (number + 1).bit_length()))
        return float(self._points[number, self._columns[name]])

    def _sequence(self, exponent: int) -> Float[np.ndarray, "N J"]:
        """The first 2^exponent points: a longer sequence begins with a shorter one."""
        from scipy.stats.qmc import Sobol

        return np.asarray(Sobol(len(self._columns), scramble=True, rng=self._seed).random_base2(exponent))
