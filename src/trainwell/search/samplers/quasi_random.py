"""Quasi-random search: points that fill the space more evenly than random ones."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from trainwell.search.errors import SearchError
from trainwell.search.samplers.stateless import StatelessSampler

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
