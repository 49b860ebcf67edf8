"""Networks that were not trained: what figures draw of them is known."""

from collections.abc import Callable, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from trainwell.lecture.figures.figure import Given
from trainwell.training import Recipe


class Observed(dict[str, Any]):
    """A trace: values by name, observed after each of its epochs of one update."""

    def __init__(self, values: Mapping[str, Sequence[float]]) -> None:
        super().__init__({name: np.array([own]) for name, own in values.items()})
        self.steps = self.epochs = 1 + np.arange(len(next(iter(values.values()))))[None]

    @property
    def recipe(self) -> Recipe:
        """One that is observed so."""
        return Recipe(steps=self.steps.size, observe_first=1, observe_every=1)


@pytest.fixture(scope="session")
def untrained() -> Callable[[Mapping[str, Sequence[Mapping[str, Sequence[float]]]]], Given]:
    """What a figure is drawn from: label -> of each seed, what was observed by its name in the trace."""

    def given(observed: Mapping[str, Sequence[Mapping[str, Sequence[float]]]]) -> Given:
        runs: Any = {
            label: [
                SimpleNamespace(
                    trace=own, statuses=("finished",), members=[SimpleNamespace(seed=seed, recipe=own.recipe)]
                )
                for seed, own in enumerate(map(Observed, per_seed))
            ]
            for label, per_seed in observed.items()
        }
        return Given(runs, range(len(next(iter(observed.values())))))

    return given
