"""What a tuning task is: a space, and a score to make as large as possible."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import Trial

Params = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One hyperparameter; with `when`, it exists only where another one has one of some values."""

    name: str
    distribution: BaseDistribution
    when: tuple[str, tuple[Any, ...]] | None = None

    def exists(self, chosen: Mapping[str, Any]) -> bool:
        """Whether it is there, given the parameters before it."""
        return self.when is None or chosen.get(self.when[0]) in self.when[1]

    def suggest(self, trial: Trial) -> Any:
        """Its value in an Optuna trial."""
        d = self.distribution
        if isinstance(d, FloatDistribution):
            return trial.suggest_float(self.name, d.low, d.high, log=d.log)
        if isinstance(d, IntDistribution):
            return trial.suggest_int(self.name, d.low, d.high, log=d.log)
        assert isinstance(d, CategoricalDistribution)
        return trial.suggest_categorical(self.name, d.choices)


Space = tuple[Parameter, ...]


def linear(name: str, low: float, high: float, when: tuple[str, tuple[Any, ...]] | None = None) -> Parameter:
    return Parameter(name, FloatDistribution(low, high), when)


def log(name: str, low: float, high: float, when: tuple[str, tuple[Any, ...]] | None = None) -> Parameter:
    return Parameter(name, FloatDistribution(low, high, log=True), when)


def integer(name: str, low: int, high: int, *, log: bool = False) -> Parameter:
    return Parameter(name, IntDistribution(low, high, log=log))


def choice(name: str, *choices: Any) -> Parameter:
    return Parameter(name, CategoricalDistribution(choices))


def suggest(space: Space, trial: Trial) -> Params:
    """A trial's parameters, those that do not exist left out."""
    chosen: Params = {}
    for parameter in space:
        if parameter.exists(chosen):
            chosen[parameter.name] = parameter.suggest(trial)
    return chosen


def existing(space: Space, params: Mapping[str, Any]) -> Params:
    """Parameters of a flat searcher, those that do not exist left out."""
    chosen: Params = {}
    for parameter in space:
        if parameter.exists(chosen):
            chosen[parameter.name] = params[parameter.name]
    return chosen


class Task(Protocol):
    """A tuning task. All scores are to be maximised; `seed` is the study's."""

    @property
    def name(self) -> str:
        """Of the task."""

    @property
    def space(self) -> Space:
        """What is searched."""

    @property
    def metric(self) -> str:
        """What the score is, with its unit."""

    @property
    def optimum(self) -> float | None:
        """The largest true score, where it is known."""

    def scores(self, trials: Sequence[Params], seed: int) -> list[float]:
        """What the searchers are told."""

    def quality(self, trials: Sequence[Params], seed: int) -> list[list[float]]:
        """What the chosen parameters are worth: the true score, or one per fresh seed on unseen examples."""
