"""Studies, joined or resumed by those who ask the same; in a journal file, a database, or memory."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import optuna
from optuna.exceptions import DuplicatedStudyError, OptunaError, StorageInternalError
from optuna.samplers import BaseSampler
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.study import Study, StudyDirection

from trainwell.core import METRICS, SearchError, first_difference
from trainwell.search.samplers.stateless import RandomSampler
from trainwell.search.study.journal import JournalFile

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

LOCK_FILE_SUFFIX = ".lock"  # as Optuna names it
BEGINNING = b'{"op_code":'  # of every line of a journal
MAKING_TRIALS = 20  # for the tables of a new database
ALREADY_THERE = ("already exists", "duplicate key", "unique constraint")  # in the words of databases
BUSY_SECONDS = 60  # how long SQLite waits for another process's transaction
DRIVERS = {"psycopg2": "psycopg2-binary", "psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient", "pymysql": "pymysql"}


def open_storage(where: str | Path | None, *, alone: bool = False) -> BaseStorage:
    """Open what a study is kept in.

    Args:
        where: None for this process's memory; an address with `://` for a database (`sqlite:///trials.db`,
            `postgresql+psycopg2://user:password@host/name`); else the path of a journal file, made if missing.
        alone: whether no other process can have the journal file open: a lock on it is a killed one's, then.

    Raises:
        SearchError: it cannot be reached, or is no storage; what it holds is left as it is.
    """
    if where is None:
        return InMemoryStorage()
    if "://" in str(where):
        return _database(str(where))
    return _journal(Path(where), alone=alone)


@contextmanager
def existing_storage(where: str | Path) -> Iterator[BaseStorage | None]:
    """Open a storage to look at; None for a journal file that is not there, and is not made.

    Raises:
        SearchError: as `open_storage` does.
    """
    if "://" not in str(where) and not Path(where).exists():
        _check_place(Path(where))
        yield None
        return
    storage = open_storage(where)
    try:
        yield storage
    finally:
        storage.remove_session()
        if isinstance(storage, RDBStorage):
            storage.engine.dispose()


@contextmanager
def losing_storage(where: str | Path | None) -> Iterator[None]:
    """Say in a line that a storage was lost in the middle of the work.

    Raises:
        SearchError: in place of Optuna's error.
    """
    try:
        yield
    except StorageInternalError as error:
        why = _line(getattr(error.__cause__, "orig", None) or error.__cause__ or error)
        raise SearchError(
            f"storage {without_password(str(where))} was lost ({why}): what it was told is kept; "
            "when it is there again, go on with the same search"
        ) from None


def without_password(where: str) -> str:
    """What to show and keep of a storage's name.

    Example:
        >>> without_password("postgresql://ann:secret@host/name")
        'postgresql://ann:***@host/name'
    """
    if "://" not in where:
        return where
    url = _url(where)
    return f"{where.split('://')[0]}://…" if url is None else url.render_as_string(hide_password=True)


def _url(where: str) -> "URL | None":
    """An address of a database; None if it is none."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(where)
    except (ArgumentError, ValueError):
        return None


def _database(url: str) -> BaseStorage:
    from sqlalchemy.exc import SQLAlchemyError

    shown, address = without_password(url), _url(url)
    if address is None:
        raise SearchError(
            f"storage '{shown}' is no address of a database: write sqlite:///trials.db, "
            "postgresql+psycopg2://user:password@host/name, or the path of a journal file"
        )
    options = {"connect_args": {"timeout": BUSY_SECONDS}} if address.get_backend_name() == "sqlite" else {}
    try:
        return _with_tables(url, options)
    except ImportError as error:
        missing = _package_of(error)
        install = f"pip install {DRIVERS.get(missing, missing)}"
        raise SearchError(f"storage {shown} needs a package that is not there ({missing}): {install}") from None
    except (SQLAlchemyError, OptunaError, RuntimeError, ValueError, OSError) as error:
        why = _line(getattr(error, "orig", None) or error)
        raise SearchError(
            f"storage {shown} cannot be reached ({why}): check the address and that it is running"
        ) from None


def _package_of(error: BaseException) -> str:
    """The package that could not be imported; Optuna puts an error without its name around the one that has it."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(getattr(error, "name", None) or error).split(".")[0]


def _with_tables(url: str, options: dict[str, Any]) -> RDBStorage:
    """Optuna's storage. Who opens a new database at the same time makes the tables that we are about to make."""
    from sqlalchemy.exc import SQLAlchemyError

    for left in reversed(range(MAKING_TRIALS)):
        try:
            return RDBStorage(url, engine_kwargs=options)
        except SQLAlchemyError as error:
            if not left or not any(word in str(error).lower() for word in ALREADY_THERE):
                raise
            time.sleep(0.1)
    raise AssertionError


def _check_place(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"cannot be made, {path.parent} is no folder"
        raise SearchError(
            f"storage {path} {what}: name a file in a folder that exists, or a database by sqlite:///FILE"
        )


def _journal(path: Path, *, alone: bool) -> BaseStorage:
    _check_place(path)
    try:
        if alone:
            path.with_name(path.name + LOCK_FILE_SUFFIX).unlink(missing_ok=True)
        if path.exists():
            _check_first_line(path)
        return JournalStorage(JournalFile(path))
    except SearchError:
        raise
    except OSError as error:
        raise SearchError(f"storage {path} cannot be used ({error.strerror}): name another file") from None
    except (ValueError, KeyError, TypeError, AttributeError, AssertionError) as error:
        raise SearchError(f"storage {path} is no journal of a study ({_line(error)}): name another file") from None


def _check_first_line(path: Path) -> None:
    """Refuse other people's files of a line without an end, which would be cut off by whoever writes the next."""
    with path.open("rb") as file:
        line = file.readline(len(BEGINNING))
    if not line.endswith(b"\n") and line != BEGINNING[: len(line)]:
        raise ValueError("it has no line of one")


def _line(error: BaseException) -> str:
    """The first line of what an error says."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip()


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
