"""Trials as the study keeps them, and as records for the page: everything is in the study, for all its processes."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import optuna
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from trainwell.search.study.asking import values_of
from trainwell.search.tuning.outcomes import Outcome
from trainwell.search.tuning.result import Curve, TrialRecord
from trainwell.training import Recipe, Space, base_value, has_effect

Key: TypeAlias = tuple[tuple[str, Any], ...]

OUTCOME = "outcome"  # attribute of a trial
DIGITS = 6  # of a curve's values: more than a curve shows


def tell(study: Study, trial: FrozenTrial, outcome: Outcome) -> None:
    """Store what came of a trial and end it; one that has ended is left alone."""
    if trial.state.is_finished():
        return
    if outcome.state == "cut" and not len(outcome.curve.epochs):  # nobody got to it before the time was up
        study.tell(trial.number, state=TrialState.FAIL)
        return
    open_trial = optuna.trial.Trial(study, trial._trial_id)  # the only handle on a trial that another process asked
    step = 0
    for epochs, value in outcome.rungs.items():
        step = max(step + 1, round(epochs))  # rungs of less than an epoch each need a step of their own, too
        if step not in trial.intermediate_values:
            open_trial.report(value, step)
    open_trial.set_user_attr(OUTCOME, _stored(outcome))
    if outcome.state == "complete":
        study.tell(trial.number, outcome.value)
    else:
        study.tell(trial.number, state=TrialState.FAIL if outcome.state == "diverged" else TrialState.PRUNED)


def records(study: Study, space: Space) -> list[TrialRecord]:
    """All trials of a study that have ended, by number; those that nobody trained are left out.

    So are those that repeat the recipe of an earlier one, which happens where two processes ask in the same moment:
    trained alike, they say nothing new.
    """
    ended = (trial for trial in study.get_trials(deepcopy=False) if trial.state.is_finished())
    found: dict[Key, TrialRecord] = {}
    for trial in ended:
        if OUTCOME in trial.user_attrs:
            record = _record(trial, space)
            found.setdefault(key_of(record.recipe, space), record)
    return list(found.values())


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


def _record(trial: FrozenTrial, space: Space) -> TrialRecord:
    stored = trial.user_attrs[OUTCOME]
    values = values_of(trial.params, space)
    return TrialRecord(
        trial.number,
        values,
        space.recipe(values),
        stored["state"],
        _number(stored["value"]),
        dict(stored["scores"]),
        {float(epochs): value for epochs, value in stored["rungs"]},
        Curve(*(np.array([_number(value) for value in line]) for line in stored["curve"])),
    )


def _stored(outcome: Outcome) -> dict[str, Any]:
    curve = outcome.curve
    return {
        "state": outcome.state,
        "value": _json(outcome.value),
        "scores": dict(outcome.scores),
        "rungs": [list(pair) for pair in outcome.rungs.items()],
        "curve": [_line(line) for line in (curve.epochs, curve.training, curve.validation)],
    }


def _line(values: Sequence[float] | np.ndarray) -> list[float | None]:
    return [_json(float(f"{value:.{DIGITS}g}")) for value in values]


def _json(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _number(stored: float | None) -> float:
    return float("nan") if stored is None else float(stored)
