"""mle-hyperopt's random search with refinement: after some trials, the ranges become those of the best trials.

The package (0.0.10) itself searches. It knows no conditions: it gets the flat space, and parameters that do not
exist in a trial are left out of it.
"""

from typing import Any

import numpy as np
from mle_hyperopt import RandomSearch
from optuna.distributions import CategoricalDistribution, FloatDistribution
from tasks import Params, Space
from tasks.task import existing

TOP = 5


class Refining(RandomSearch):
    """The package's search, with two slips of its refinement mended so that it runs, and runs the same each time."""

    def refine_space(
        self,
        real: dict[str, Any] | None = None,
        integer: dict[str, Any] | None = None,
        categorical: dict[str, Any] | None = None,
    ) -> None:
        """The refined ranges: every integer's with its prior, choices in an order that does not hang on hashes."""
        integer = integer and {name: self.integer[name] | one for name, one in integer.items()}
        categorical = categorical and {name: sorted(choices) for name, choices in categorical.items()}
        super().refine_space(real, integer, categorical)


class MleRefinement:
    """`RandomSearch` that refines after every round to the ranges of its `TOP` best trials."""

    def __init__(self, space: Space, seed: int, trials: int, batch: int) -> None:
        self.batch = batch
        self._space = space
        self._choices = {p.name: d.choices for p in space if isinstance(d := p.distribution, CategoricalDistribution)}
        self._asked: list[dict[str, Any]] = []
        self._search = Refining(
            **_flat(space),
            search_config={"refine_after": list(range(batch, trials, batch)), "refine_top_k": TOP},
            maximize_objective=True,
            seed_id=seed,
        )
        self._random = np.random.get_state()  # noqa: NPY002  # the package draws from NumPy's global generator

    def ask(self, count: int) -> list[Params]:
        """The next trials."""
        others = np.random.get_state()  # noqa: NPY002  # see above
        np.random.set_state(self._random)  # noqa: NPY002  # see above
        asked = self._search.ask(count)
        self._random = np.random.get_state()  # noqa: NPY002  # see above
        np.random.set_state(others)  # noqa: NPY002  # see above
        self._asked = asked if isinstance(asked, list) else [asked]
        return [existing(self._space, self._plain(params)) for params in self._asked]

    def tell(self, scores: list[float]) -> None:
        """Their scores; at the end of a round the package refines its space."""
        self._search.tell(self._asked, [float(score) for score in scores])

    def _plain(self, params: dict[str, Any]) -> Params:
        plain = {name: getattr(value, "item", lambda value=value: value)() for name, value in params.items()}
        return {name: self._choices[name][int(v)] if name in self._choices else v for name, v in plain.items()}


def _flat(space: Space) -> dict[str, dict[str, Any] | None]:
    """The space as the package takes it; a choice goes by its index as text, since all must be of one type."""
    kinds: dict[str, dict[str, Any]] = {"real": {}, "integer": {}, "categorical": {}}
    for parameter in space:
        d: Any = parameter.distribution
        if isinstance(d, CategoricalDistribution):
            kinds["categorical"][parameter.name] = [str(i) for i in range(len(d.choices))]
            continue
        kind = "real" if isinstance(d, FloatDistribution) else "integer"
        prior = "log-uniform" if d.log else "uniform"
        kinds[kind][parameter.name] = {"begin": d.low, "end": d.high, "prior": prior}
    return {kind: ranges or None for kind, ranges in kinds.items()}
