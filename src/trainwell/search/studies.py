"""Studies: made once, joined or resumed only by those who ask the same."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import optuna
from optuna.exceptions import DuplicatedStudyError
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage
from optuna.study import Study, StudyDirection

from trainwell.core.difference import first_difference
from trainwell.search.errors import SearchError

REQUEST = "trainwell"  # attribute of the study: what was asked
MAKING_SECONDS = 10  # between a study's creation and its request


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Leave Optuna's log to warnings: it says a line per study and trial else."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(max(before, optuna.logging.WARNING))
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)


def open_study(
    storage: BaseStorage,
    name: str,
    request: Mapping[str, Any],
    sampler: BaseSampler,
) -> Study:
    """Open the study of this name, or make it.

    Args:
        storage: where it is kept.
        name: of the study.
        request: what its trials are of, as JSON values: a study is only joined by those who ask the same.
        sampler: who proposes trials.

    Raises:
        SearchError: the study asks for something else, or is not one of trainwell's; it is left as it is.
    """
    direction: StudyDirection = StudyDirection.MINIMIZE if request["metric"] == "loss" else StudyDirection.MAXIMIZE
    asked = json.loads(json.dumps(request))
    try:
        study = optuna.create_study(storage=storage, study_name=name, direction=direction, sampler=sampler)
        study.set_user_attr(REQUEST, asked)
        return study
    except DuplicatedStudyError:
        study = optuna.load_study(storage=storage, study_name=name, sampler=sampler)
    stored = _request_of(study)
    if stored is None:
        raise SearchError(f"study '{name}' was not made by trainwell: choose another name with --study")
    differs = first_difference(asked, stored)
    if differs:
        raise SearchError(f"study '{name}' is another search, {differs}: ask for the same, or choose another --study")
    return study


def _request_of(study: Study) -> dict[str, Any] | None:
    """What a study was made for; waits for a process that is just making it."""
    until = time.monotonic() + (MAKING_SECONDS if not study.get_trials(deepcopy=False) else 0)
    while True:
        stored = study.user_attrs.get(REQUEST)
        if stored is not None or time.monotonic() > until:
            return stored if isinstance(stored, dict) else None
        time.sleep(0.1)
