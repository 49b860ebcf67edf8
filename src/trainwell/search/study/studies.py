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

from trainwell.core import METRICS, first_difference
from trainwell.search.errors import SearchError
from trainwell.search.samplers.stateless import RandomSampler

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
    *,
    alone: bool = False,
) -> Study:
    """Open the study of this name, or make it. One that nobody has asked anything of becomes ours.

    Args:
        storage: where it is kept.
        name: of the study.
        request: what its trials are of, as JSON values: a study is only joined by those who ask the same.
        sampler: who proposes trials.
        alone: whether no other process can be just making it.

    Raises:
        SearchError: the study asks for something else, or is not one of trainwell's; it is left as it is.
    """
    asked = json.loads(json.dumps(request))
    study = _existing(storage, name, sampler)
    if study is None:
        try:
            study = optuna.create_study(
                storage=storage, study_name=name, direction=_direction(request), sampler=sampler
            )
            study.set_user_attr(REQUEST, asked)
            return study
        except DuplicatedStudyError:  # another process was faster
            study = optuna.load_study(storage=storage, study_name=name, sampler=sampler)
    check_study(study, request, seconds=0 if alone else MAKING_SECONDS)
    if REQUEST not in study.user_attrs:
        study.set_user_attr(REQUEST, asked)
    return study


def check_existing(storage: BaseStorage, name: str, request: Mapping[str, Any]) -> None:
    """Find out whether `open_study` will do, without making anything.

    Raises:
        SearchError: as `open_study` does.
    """
    study = _existing(storage, name, RandomSampler())
    if study is not None:
        check_study(study, request, seconds=MAKING_SECONDS)


def check_study(study: Study, request: Mapping[str, Any], *, seconds: float) -> None:
    """Refuse a study that is another's, or of another request.

    Args:
        study: it is left as it is.
        request: see `open_study`.
        seconds: how long to wait for a process that is just making it.
    """
    name, stored = study.study_name, _request_of(study, seconds)
    if stored is None and not _is_blank(study, _direction(request)):
        raise SearchError(f"study '{name}' was not made by trainwell: choose another name with --study")
    differs = None if stored is None else first_difference(json.loads(json.dumps(request)), stored)
    if differs:
        raise SearchError(f"study '{name}' is another search, {differs}: ask for the same, or choose another --study")


def _existing(storage: BaseStorage, name: str, sampler: BaseSampler) -> Study | None:
    """The study of this name. Making one that is there would leave a trace of it in a journal."""
    try:
        return optuna.load_study(storage=storage, study_name=name, sampler=sampler)
    except KeyError:
        return None


def _direction(request: Mapping[str, Any]) -> StudyDirection:
    return StudyDirection.MAXIMIZE if METRICS[request["metric"]].larger_is_better else StudyDirection.MINIMIZE


def _is_blank(study: Study, direction: StudyDirection) -> bool:
    """Whether nothing was asked of it yet, such as one whose process was killed when it had just been made."""
    return study.directions == [direction] and not study.user_attrs and not study.get_trials(deepcopy=False)


def _request_of(study: Study, seconds: float) -> dict[str, Any] | None:
    """What a study was made for; waits for a process that is just making it."""
    until = time.monotonic() + seconds
    while True:
        stored = study.user_attrs.get(REQUEST)
        if isinstance(stored, dict):
            return stored
        if time.monotonic() >= until or study.get_trials(deepcopy=False):
            return None
        time.sleep(0.1)
