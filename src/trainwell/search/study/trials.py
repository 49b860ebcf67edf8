"""The trials of a study: choosing a different recipe for each, and storing and reading their results."""

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

OUTCOME = "outcome"  # trial attribute with the result
DIGITS = 6  # significant digits of stored curves
State = Literal["complete", "pruned", "cut", "diverged"]
REDRAWS = 20  # draws from the sampler's ranges before a recipe is taken from the list of untried ones

Key: TypeAlias = tuple[tuple[str, Any], ...]
Leaf: TypeAlias = tuple[dict[str, Any], bool]
"""Values of all active discrete axes, and whether there are active continuous axes, too."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A trial that is to be trained.

    Attributes:
        number: number of the trial in the study, from 0.
        values: values of its active axes.
        recipe: the recipe with these values.
    """

    number: int
    values: Mapping[str, Any]
    recipe: Recipe


@dataclass(frozen=True, eq=False)
class Curve:
    """Learning curves of a trial, averaged over its seeds and folds.

    Attributes:
        epochs: epochs at each observation.
        training: the metric on the training split.
        validation: the metric on the validation split.
    """

    epochs: Float[np.ndarray, " T"]
    training: Float[np.ndarray, " T"]
    validation: Float[np.ndarray, " T"]


@dataclass(frozen=True, eq=False)
class TrialRecord(Asked):
    """A finished trial.

    Attributes:
        number: number of the trial in the study, from 0.
        values: values of its active axes.
        recipe: the recipe with these values.
        state: `complete` (trained to the end, or stopped early by its recipe), `pruned` by halving, `cut` off by the
            time limit, or `diverged`.
        value: validation metric, averaged over seeds and folds; of a pruned trial at its last rung; NaN if diverged.
            R² is averaged over the folds on which it is defined.
        scores: all metrics of the kept weights, by name such as `loss/validation`.
        rungs: value at each rung that it reached, by epochs.
        curve: its learning curves.
        networks: its networks: for each seed one per fold. Only directly after training and if the trial is complete or
            cut; studies do not store networks.
    """

    state: State
    value: float
    scores: Mapping[str, float]
    rungs: Mapping[float, float]
    curve: Curve
    networks: tuple[TrainedNetwork, ...] = field(default=(), repr=False)


def tell(study: Study, trial: FrozenTrial, record: TrialRecord) -> None:
    """Store the result of a trial and finish it in the study; a finished trial is not changed."""
    if trial.state.is_finished():
        return
    if record.state == "cut" and not len(record.curve.epochs):  # the time was over before its training began
        study.tell(trial.number, state=TrialState.FAIL)
        return
    open_trial = optuna.trial.Trial(study, trial._trial_id)  # Optuna has no public way to open another process's trial
    step = 0
    for epochs, value in record.rungs.items():
        step = max(step + 1, round(epochs))  # several rungs within an epoch need different steps
        if step not in trial.intermediate_values:
            open_trial.report(value, step)
    open_trial.set_user_attr(OUTCOME, _stored(record))
    if record.state == "complete":
        study.tell(trial.number, record.value)
    else:
        study.tell(trial.number, state=TrialState.FAIL if record.state == "diverged" else TrialState.PRUNED)


def record_of(asked: Asked, trial: FrozenTrial) -> TrialRecord:
    """The record that `tell` stored for a trial."""
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
    """The searched fields of a recipe that have an effect; recipes with the same key train identically.

    Example:
        >>> from trainwell.training import Choices
        >>> space = Space.of(width=Choices((8, 16)), depth=Choices((0, 1)))
        >>> key_of(space.recipe({"width": 8, "depth": 0}), space) == key_of(space.recipe({"depth": 0}), space)
        True
    """
    fields = [(name, base_value(recipe, name)) for name in space.axes if has_effect(name, recipe, {})]
    return tuple((name, float(f"{value:.12g}") if isinstance(value, float) else value) for name, value in fields)


class Recipes:
    """Gives every trial of a study a recipe that no other trial has.

    First the study's sampler proposes a recipe. If another trial has this recipe, a new one is drawn: up to 20 times
    from the sampler's ranges (its method `redraw`), then from all untried recipes. Draws depend only on the seed, the
    trial's number and the recipes of other trials, so a resumed study draws the same ones.

    Args:
        space: the search space.
        seed: seed for drawing again if the sampler has no `redraw`.
    """

    def __init__(self, space: Space, seed: int) -> None:
        self._space, self._seed = space, seed
        self._distributions = distributions(space)
        self._random = RandomSampler(seed)
        self._keys: dict[int, Key] = {}  # keys of the trials that have all their parameters
        self._having: dict[Key, set[int]] = {}  # the trials with each key
        self._records: dict[int, TrialRecord] = {}  # records of the trained trials
        self._num_read, self._unfinished = 0, set[int]()  # number of trials read so far; trials that may still change
        self._start()

    def suggest(self, trial: Trial) -> dict[str, Any] | None:
        """Choose and store the parameters of a trial, unless it has all of them already.

        Args:
            trial: a trial of a study of this space.

        Returns:
            Values of its active axes; None if no untried recipe is left, then nothing is stored.
        """
        trials = trial.study.get_trials(deepcopy=False)
        self._update(trials)
        frozen = trials[trial.number]
        if trial.number in self._keys:
            return values_of(frozen.params, self._space)
        for values in self._proposals(trial, frozen):
            if self._key(values) not in self._having:
                self._store(trial, values, frozen.params)
                return values
        return None

    def asked(self, trial: FrozenTrial) -> Asked:
        """The values and recipe of a trial that has all its parameters."""
        values = values_of(trial.params, self._space)
        return Asked(trial.number, values, self._space.recipe(values))

    def records(self, trials: Sequence[FrozenTrial]) -> list[TrialRecord]:
        """Records of all trained trials, by number; `trials` are all trials of the study."""
        self._update(trials)
        return [self._records[number] for number in sorted(self._records)]

    def is_exhausted(self, trials: Sequence[FrozenTrial]) -> bool:
        """Whether every recipe of the space is taken by a trial; `trials` are all trials of the study."""
        self._update(trials)
        return self._left() is None

    def repeats(self, trials: Sequence[FrozenTrial], number: int) -> bool:
        """Whether another trial has the same recipe as this one; `trials` are all trials of the study."""
        self._update(trials)
        return number in self._keys and self._having[self._keys[number]] != {number}

    def _start(self) -> None:
        self._leaves = self._expanded(self._space.ordered, {}, is_continuous=False)
        self._first = next(self._leaves, None)

    def _key(self, values: Mapping[str, Any]) -> Key:
        return key_of(self._space.recipe(values), self._space)

    def _update(self, trials: Sequence[FrozenTrial]) -> None:
        """Read new and unfinished trials; finished ones do not change any more."""
        self._unfinished.update(range(self._num_read, len(trials)))
        self._num_read = len(trials)
        for number in sorted(self._unfinished):
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
                self._unfinished.remove(number)

    def _forget(self, number: int) -> None:
        """Release the recipe of a trial that failed before it was trained."""
        if (key := self._keys.pop(number, None)) is not None:
            self._having[key].remove(number)
            if not self._having[key]:
                del self._having[key]
            self._start()

    def _is_whole(self, trial: FrozenTrial) -> bool:
        """Whether a trial has all its parameters; its process may have been killed before it stored them."""
        values = values_of(trial.params, self._space)
        return bool(values) and all(name in values for name in self._space.active(values))

    def _proposals(self, trial: Trial, frozen: FrozenTrial) -> Iterator[dict[str, Any]]:
        stored, redraw = frozen.params, getattr(trial.study.sampler, "redraw", self._random.redraw)
        yield self._drafted(stored, partial(_proposed, trial, frozen))
        for attempt in range(REDRAWS):
            yield self._drafted(stored, partial(redraw, trial.study, frozen, attempt))
        left = self._left()
        if left is not None:
            fixed = {**labels_of(left, self._space), **stored}
            yield self._drafted(fixed, partial(redraw, trial.study, frozen, REDRAWS))

    def _drafted(self, params: Mapping[str, Any], draw: Callable[[str, BaseDistribution], Any]) -> dict[str, Any]:
        """Values of the active axes: from `params` if they are in it, else drawn."""
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
        """The discrete values of the first untried recipe; None if all recipes were tried."""
        while self._first is not None:
            values, is_continuous = self._first
            if is_continuous or self._key(values) not in self._having:
                return values
            self._first = next(self._leaves, None)
        return None

    def _expanded(self, names: Sequence[str], values: dict[str, Any], *, is_continuous: bool) -> Iterator[Leaf]:
        """All leaves that continue `values` on the axes `names`, in an order that depends on the seed."""
        if not names:
            yield values, is_continuous
            return
        name, rest = names[0], names[1:]
        axis, count = self._space.axes[name], _count(self._space.axes[name])
        if not self._space.is_active(name, values):
            yield from self._expanded(rest, values, is_continuous=is_continuous)
        elif count is None:
            yield from self._expanded(rest, values, is_continuous=True)
        else:
            first = int(stream(self._seed, "left", crc32(name.encode())).integers(count))
            for index in chain(range(first, count), range(first)):
                value = axis.values[index] if isinstance(axis, Choices) else axis.low + index * (axis.step or 1)
                yield from self._expanded(rest, {**values, name: value}, is_continuous=is_continuous)


def _count(axis: Axis) -> int | None:
    """Number of values of an axis; None for a continuous one."""
    if isinstance(axis, Choices):
        return len(axis.values)
    if not axis.integer and axis.step is None:
        return None
    return round((axis.high - axis.low) / (axis.step or 1)) + 1


def _proposed(trial: Trial, frozen: FrozenTrial, name: str, distribution: BaseDistribution) -> Any:
    """The value that the study's sampler proposes, as in `Trial.suggest_…`, without storing it."""
    if distribution.single():
        return value_at(distribution, 0.0)
    if trial._is_relative_param(name, distribution):
        return trial.relative_params[name]
    return trial.study.sampler.sample_independent(trial.study, frozen, name, distribution)
