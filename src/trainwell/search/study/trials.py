"""The trials of a study: what each is asked for and recorded as, and which recipe each has, no two the same."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from typing import Any, Literal, TypeAlias
from zlib import crc32

import numpy as np
import optuna
from jaxtyping import Float
from optuna.distributions import BaseDistribution
from optuna.study import Study
from optuna.trial import FrozenTrial, Trial, TrialState

from trainwell.core import stream
from trainwell.models import TrainedNetwork
from trainwell.search.samplers.stateless import RandomSampler, value_at
from trainwell.search.study.distributions import distributions, labels_of, value_of, values_of
from trainwell.training import Axis, Choices, Recipe, Space, base_value, has_effect

OUTCOME = "outcome"  # attribute of a trial
DIGITS = 6  # of a curve's values: more than a curve shows
State = Literal["complete", "pruned", "cut", "diverged"]
AGAIN = 20  # draws in the sampler's own ranges before the recipes that are left are gone through

Key: TypeAlias = tuple[tuple[str, Any], ...]
Leaf: TypeAlias = tuple[dict[str, Any], bool]
"""A value for every active axis that has no continuum of them; whether there is an axis beside them that has."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A trial as it is asked for and trained.

    Attributes:
        number: its place in the study, from 0.
        values: the values of its active axes.
        recipe: how it is trained.
    """

    number: int
    values: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class Curve:
    """What was observed while a trial trained, means over its seeds and folds.

    Attributes:
        epochs: passes over the training split at each observation.
        training: the metric on the training split.
        validation: the metric on the validation split.
    """

    epochs: Float[np.ndarray, " T"]
    training: Float[np.ndarray, " T"]
    validation: Float[np.ndarray, " T"]


@dataclass(frozen=True, eq=False)
class TrialRecord(Asked):
    """One trial of a search that has ended.

    Attributes:
        number: its place in the study, from 0.
        values: the values of its active axes.
        recipe: how it was trained.
        state: trained to the end (or stopped early by its recipe), pruned by halving, cut off by the time limit, or
            diverged.
        value: the metric on validation, mean over seeds and those folds on which it is defined; of a pruned trial at
            its last rung; NaN if diverged.
        scores: everything observed of the kept weights, by name such as `loss/validation`.
        rungs: value at each rung it reached, by epochs trained.
        curve: what was observed while it trained.
        networks: seed by seed, in that fold by fold; of trials that came to their end, or as far as the time allowed.
            Only where they have just been trained: the study does not keep them.
    """

    state: State
    value: float
    scores: Mapping[str, float]
    rungs: Mapping[float, float]
    curve: Curve
    networks: tuple[TrainedNetwork, ...] = field(default=(), repr=False)


def tell(study: Study, trial: FrozenTrial, record: TrialRecord) -> None:
    """Store what came of a trial and end it; one that has ended is left alone."""
    if trial.state.is_finished():
        return
    if record.state == "cut" and not len(record.curve.epochs):  # nobody got to it before the time was up
        study.tell(trial.number, state=TrialState.FAIL)
        return
    open_trial = optuna.trial.Trial(study, trial._trial_id)  # the only handle on a trial that another process asked
    step = 0
    for epochs, value in record.rungs.items():
        step = max(step + 1, round(epochs))  # rungs of less than an epoch each need a step of their own, too
        if step not in trial.intermediate_values:
            open_trial.report(value, step)
    open_trial.set_user_attr(OUTCOME, _stored(record))
    if record.state == "complete":
        study.tell(trial.number, record.value)
    else:
        study.tell(trial.number, state=TrialState.FAIL if record.state == "diverged" else TrialState.PRUNED)


def record_of(asked: Asked, trial: FrozenTrial) -> TrialRecord:
    """What `tell` stored of a trial."""
    stored = trial.user_attrs[OUTCOME]
    return TrialRecord(
        asked.number,
        asked.values,
        asked.recipe,
        stored["state"],
        float("nan") if stored["value"] is None else float(stored["value"]),
        dict(stored["scores"]),
        {float(epochs): value for epochs, value in stored["rungs"]},
        Curve(*(np.array(line, np.float64) for line in stored["curve"])),
    )


def _stored(record: TrialRecord) -> dict[str, Any]:
    curve = record.curve
    return {
        "state": record.state,
        "value": _json(record.value),
        "scores": dict(record.scores),
        "rungs": [list(pair) for pair in record.rungs.items()],
        "curve": [
            [_json(float(f"{value:.{DIGITS}g}")) for value in line]
            for line in (curve.epochs, curve.training, curve.validation)
        ],
    }


def _json(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def key_of(recipe: Recipe, space: Space) -> Key:
    """What recipes of a space differ in: the searched fields that have an effect. Those of one key are trained alike.

    Example:
        >>> from trainwell.training import Choices
        >>> space = Space.of(width=Choices((8, 16)), depth=Choices((0, 1)))
        >>> key_of(space.recipe({"width": 8, "depth": 0}), space) == key_of(space.recipe({"depth": 0}), space)
        True
    """
    fields = [(name, base_value(recipe, name)) for name in space.axes if has_effect(name, recipe, {})]
    return tuple((name, float(f"{value:.12g}") if isinstance(value, float) else value) for name, value in fields)


class Recipes:
    """The recipes of a study's trials: a trial is given one that no other trial has.

    A trial has what the study's sampler proposes for it. Where another trial has that already, it is drawn again: in
    the sampler's own ranges (its `again`), then of all that is left. Draws follow from the seed, the trial's number
    and the recipes of the other trials, so that a resumed study draws the same.

    Args:
        space: what is searched.
        seed: of what is drawn again where the sampler cannot.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed
        self._distributions = distributions(space)
        self._random = RandomSampler(seed)
        self._keys: dict[int, Key] = {}  # of the trials that have all their parameters
        self._having: dict[Key, set[int]] = {}  # the trials of each key
        self._records: dict[int, TrialRecord] = {}  # of the trials that somebody trained
        self._looked, self._unsettled = 0, set[int]()  # how many trials were looked at; those that may change
        self._start()

    def suggest(self, trial: Trial) -> dict[str, Any] | None:
        """Store a trial's parameters, unless it has them all.

        Args:
            trial: of a study of this space.

        Returns:
            Values of its active axes; None, and nothing stored, if there is no recipe left for it.
        """
        trials = trial.study.get_trials(deepcopy=False)
        self._look(trials)
        frozen = trials[trial.number]
        if trial.number in self._keys:
            return values_of(frozen.params, self._space)
        for values in self._proposals(trial, frozen):
            if self._key(values) not in self._having:
                self._store(trial, values, frozen.params)
                return values
        return None

    def asked(self, trial: FrozenTrial) -> Asked:
        """What a trial that has all its parameters is trained with."""
        values = values_of(trial.params, self._space)
        return Asked(trial.number, values, self._space.recipe(values))

    def records(self, trials: Sequence[FrozenTrial]) -> list[TrialRecord]:
        """Those of a study's trials, all given, that have ended, by number; without those that nobody trained."""
        self._look(trials)
        return [self._records[number] for number in sorted(self._records)]

    def is_exhausted(self, trials: Sequence[FrozenTrial]) -> bool:
        """Whether a study's trials, all given, have all recipes of the space; those that nobody trained are left."""
        self._look(trials)
        return self._left() is None

    def repeats(self, trials: Sequence[FrozenTrial], number: int) -> bool:
        """Whether another of a study's trials, all given, has the recipe of the one with this number."""
        self._look(trials)
        return number in self._keys and self._having[self._keys[number]] != {number}

    def _start(self) -> None:
        self._leaves = self._grown(self._space.ordered, {}, is_open=False)
        self._first = next(self._leaves, None)

    def _key(self, values: Mapping[str, Any]) -> Key:
        return key_of(self._space.recipe(values), self._space)

    def _look(self, trials: Sequence[FrozenTrial]) -> None:
        """Learn of all trials of a study; one that has ended stays as it is."""
        self._unsettled.update(range(self._looked, len(trials)))
        self._looked = len(trials)
        for number in sorted(self._unsettled):
            trial, trained = trials[number], OUTCOME in trials[number].user_attrs
            ended = trial.state.is_finished()
            if ended and not trained:
                self._forget(number)
            elif number not in self._keys and self._is_whole(trial):
                self._keys[number] = self._key(values_of(trial.params, self._space))
                self._having.setdefault(self._keys[number], set()).add(number)
            if ended and trained:
                self._records[number] = record_of(self.asked(trial), trial)
            if ended:
                self._unsettled.remove(number)

    def _forget(self, number: int) -> None:
        """A trial that nobody trained leaves its recipe to others."""
        if (key := self._keys.pop(number, None)) is not None:
            self._having[key].remove(number)
            if not self._having[key]:
                del self._having[key]
            self._start()

    def _is_whole(self, trial: FrozenTrial) -> bool:
        """Whether a trial has all its parameters; its process may have been killed before."""
        values = values_of(trial.params, self._space)
        return bool(values) and all(name in values for name in self._space.active(values))

    def _proposals(self, trial: Trial, frozen: FrozenTrial) -> Iterator[dict[str, Any]]:
        stored, again = frozen.params, getattr(trial.study.sampler, "again", self._random.again)
        yield self._drafted(stored, partial(_proposed, trial, frozen))
        for attempt in range(AGAIN):
            yield self._drafted(stored, partial(again, trial.study, frozen, attempt))
        left = self._left()
        if left is not None:
            fixed = {**labels_of(left, self._space), **stored}
            yield self._drafted(fixed, partial(again, trial.study, frozen, AGAIN))

    def _drafted(self, params: Mapping[str, Any], draw: Callable[[str, BaseDistribution], Any]) -> dict[str, Any]:
        """Values of the active axes: of parameters where there are some, drawn elsewhere."""
        values: dict[str, Any] = {}
        for name in self._space.ordered:
            if self._space.is_active(name, values):
                one = self._distributions[name]
                label = params[name] if name in params else one.to_external_repr(one.to_internal_repr(draw(name, one)))
                values[name] = value_of(self._space.axes[name], label)
        return values

    def _store(self, trial: Trial, values: Mapping[str, Any], stored: Mapping[str, Any]) -> None:
        labels = labels_of(values, self._space)
        for name in values:
            if name not in stored:
                one = self._distributions[name]
                trial.storage.set_trial_param(trial._trial_id, name, one.to_internal_repr(labels[name]), one)

    def _left(self) -> dict[str, Any] | None:
        """The first leaf that has an untried recipe; None if all recipes were tried."""
        while self._first is not None:
            values, is_open = self._first
            if is_open or self._key(values) not in self._having:
                return values
            self._first = next(self._leaves, None)
        return None

    def _grown(self, names: Sequence[str], values: dict[str, Any], *, is_open: bool) -> Iterator[Leaf]:
        """All leaves, in an order of the seed's."""
        if not names:
            yield values, is_open
            return
        name, rest = names[0], names[1:]
        axis, count = self._space.axes[name], _count(self._space.axes[name])
        if not self._space.is_active(name, values):
            yield from self._grown(rest, values, is_open=is_open)
        elif count is None:
            yield from self._grown(rest, values, is_open=True)
        else:
            first = int(stream(self._seed, "left", crc32(name.encode())).integers(count))
            for index in chain(range(first, count), range(first)):
                value = axis.values[index] if isinstance(axis, Choices) else axis.low + index * (axis.step or 1)
                yield from self._grown(rest, {**values, name: value}, is_open=is_open)


def _count(axis: Axis) -> int | None:
    """How many values an axis has; None for a continuum."""
    if isinstance(axis, Choices):
        return len(axis.values)
    if not axis.integer and axis.step is None:
        return None
    return round((axis.high - axis.low) / (axis.step or 1)) + 1


def _proposed(trial: Trial, frozen: FrozenTrial, name: str, distribution: BaseDistribution) -> Any:
    """What the study's sampler proposes, as `Trial.suggest_…` asks for it, without storing it."""
    if distribution.single():
        return value_at(distribution, 0.0)
    if trial._is_relative_param(name, distribution):
        return trial.relative_params[name]
    return trial.study.sampler.sample_independent(trial.study, frozen, name, distribution)
