"""A trial's two forms: as it is asked for and trained, and as it is recorded, in the study, in files and on pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import optuna
from jaxtyping import Float
from optuna.study import Study
from optuna.trial import FrozenTrial, TrialState

from trainwell.models import TrainedNetwork
from trainwell.training import Recipe

OUTCOME = "outcome"  # attribute of a trial
DIGITS = 6  # of a curve's values: more than a curve shows
State = Literal["complete", "pruned", "cut", "diverged"]


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
