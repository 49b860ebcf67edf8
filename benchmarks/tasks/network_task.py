"""Tuning tasks with real data: small networks, trained as one population per call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from tasks.task import Params, Space
from trainwell import Dataset, Recipe, load_data, train

FRESH_SEEDS = (10_001, 10_002, 10_003, 10_004, 10_005)
NEVER = 1_000_000
FLOORS = {"accuracy": 0.0, "r2": -1.0, "loss": -5.0}
"""What a score is cut at from below, and what a diverged network gets: no searcher is thrown off by infinities."""


@dataclass(frozen=True)
class NetworkTask:
    """The score is a metric of one network on the validation split, after its last update.

    The study's seed decides the split, the initial weights, the data order and the dropout masks: within a study all
    trials share them, as they do in `trainwell tune`, and all searchers of the same seed search the same function.

    Attributes:
        name: of the task.
        source: of the data, as `trainwell.load_data` takes it.
        splits: its options: sizes of the splits.
        base: what all recipes share.
        space: what is searched.
        measure: `accuracy`, `r2`, or `loss`, which is taken negative.
        recipe: fields of a recipe from parameters; by default the parameters themselves.
        rules: the update rules in the space; their programs hold all of them, so that few are compiled.
    """

    name: str
    source: str
    splits: Mapping[str, Any]
    base: Mapping[str, Any]
    space: Space
    measure: str
    recipe: Callable[[Params], dict[str, Any]] = dict
    rules: tuple[str, ...] = field(default=())
    optimum: float | None = None
    data_dir: Path | None = None

    @property
    def metric(self) -> str:
        """What the score is."""
        return {"accuracy": "accuracy", "r2": "R²", "loss": "minus cross-entropy in nats"}[self.measure]

    def scores(self, trials: Sequence[Params], seed: int) -> list[float]:
        """On the validation split, trained with the study's seed."""
        return self._train(trials, self._data(seed), (seed,))[:, 0].tolist()

    def quality(self, trials: Sequence[Params], seed: int) -> list[list[float]]:
        """On the evaluation split (the data's test split), which no search saw, trained with fresh seeds."""
        data = self._data(seed)
        return self._train(trials, replace(data, validation=data.open_test_split()), FRESH_SEEDS).tolist()

    def _train(self, trials: Sequence[Params], data: Dataset, seeds: Sequence[int]) -> np.ndarray:
        recipes = [self._recipe(params) for params in trials]
        trained = train(data, [*recipes, *self._company(recipes)], seeds=seeds)
        scores = trained.kept(f"{self.measure}/validation")[: len(recipes) * len(seeds)]
        scores = -scores if self.measure == "loss" else scores
        floor = FLOORS[self.measure]
        return np.maximum(np.nan_to_num(scores, nan=floor, neginf=floor), floor).reshape(len(recipes), len(seeds))

    def _recipe(self, params: Params) -> Recipe:
        fields = {"observe_every": NEVER, "observe_training": 1, **self.base, **self.recipe(params)}
        return Recipe(**fields)

    def _company(self, recipes: Sequence[Recipe]) -> list[Recipe]:
        """A network of one update for each rule that a program would lack: every program then holds the same rules."""
        present: dict[Any, set[str]] = {}
        for recipe in recipes:
            present.setdefault((recipe.hidden, recipe.activation), set()).add(recipe.optimizer)
        company = []
        for (hidden, activation), rules in present.items():
            fields = {**self.base, "hidden": hidden, "activation": activation, "observe_training": 1, "steps": 1}
            if any(p.name == "dropout_rate" for p in self.space):
                fields["dropout_rate"] = 0.5
            company += [Recipe(**{**fields, "optimizer": rule}) for rule in self.rules if rule not in rules]
        return company

    def _data(self, seed: int) -> Dataset:
        return _load(self.source, tuple(sorted(self.splits.items())), self.data_dir, seed)


@lru_cache(maxsize=2)
def _load(source: str, splits: tuple[tuple[str, Any], ...], data_dir: Path | None, seed: int) -> Dataset:
    return load_data(source, data_dir=data_dir, split_seed=seed, **dict(splits))
