"""Opening Optuna studies, in a journal file, a database or memory; a study is joined only by equal requests."""

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

LOCK_FILE_SUFFIX = ".lock"  # Optuna's suffix
LINE_START = b'{"op_code":'  # start of every line of a journal
CREATE_ATTEMPTS = 20  # to create the tables of a new database
ALREADY_EXISTS = ("already exists", "duplicate key", "unique constraint")  # error messages of databases
BUSY_SECONDS = 60  # how long SQLite waits for another process's transaction
DRIVERS = {"psycopg2": "psycopg2-binary", "psycopg": "psycopg[binary]", "MySQLdb": "mysqlclient", "pymysql": "pymysql"}


def open_storage(where: str | Path | None, *, alone: bool = False) -> BaseStorage:
    """Open the storage of studies.

    Args:
        where: None for the memory of this process; an address with `://` for a database (`sqlite:///trials.db`,
            `postgresql+psycopg2://user:password@host/name`); else the path of a journal file, which is created if it
            does not exist.
        alone: whether no other process uses the journal file; a lock on it was then left by a killed process and is
            removed.

    Raises:
        SearchError: the storage cannot be reached or is not valid; it is not changed.
    """
    if where is None:
        return InMemoryStorage()
    if "://" in str(where):
        return _database(str(where))
    return _journal(Path(where), alone=alone)


@contextmanager
def existing_storage(where: str | Path) -> Iterator[BaseStorage | None]:
    """Open an existing storage for reading; None for a journal file that does not exist.

    Raises:
        SearchError: see `open_storage`.
    """
    if "://" not in str(where) and not Path(where).exists():
        _check_path(Path(where))
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
    """Replace Optuna's error for a storage that fails during a search by an error of one line.

    Raises:
        SearchError: the storage failed.
    """
    try:
        yield
    except StorageInternalError as error:
        why = _line(getattr(error.__cause__, "orig", None) or error.__cause__ or error)
        raise SearchError(
            f"storage {without_password(str(where))} was lost ({why}): the finished trials are stored; resume the same "
            "search when it is available again"
        ) from None


def without_password(where: str) -> str:
    """The address of a storage with its password hidden.

    Example:
        >>> without_password("postgresql://ann:secret@host/name")
        'postgresql://ann:***@host/name'
    """
    if "://" not in where:
        return where
    url = _url(where)
    return f"{where.split('://')[0]}://…" if url is None else url.render_as_string(hide_password=True)


def _url(where: str) -> "URL | None":
    """The parsed address of a database; None if it is not valid."""
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
            f"storage '{shown}' is not the address of a database: write sqlite:///trials.db, "
            "postgresql+psycopg2://user:password@host/name, or the path of a journal file"
        )
    options = {"connect_args": {"timeout": BUSY_SECONDS}} if address.get_backend_name() == "sqlite" else {}
    try:
        return _with_tables(url, options)
    except ImportError as error:
        missing = _package_of(error)
        install = f"pip install {DRIVERS.get(missing, missing)}"
        raise SearchError(f"storage {shown} needs a package that is not installed ({missing}): {install}") from None
    except (SQLAlchemyError, OptunaError, RuntimeError, ValueError, OSError) as error:
        why = _line(getattr(error, "orig", None) or error)
        raise SearchError(
            f"storage {shown} cannot be reached ({why}): check the address and that it is running"
        ) from None


def _package_of(error: BaseException) -> str:
    """The package that could not be imported; Optuna wraps the ImportError that names it in one that does not."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__ or error
    return str(getattr(error, "name", None) or error).split(".")[0]


def _with_tables(url: str, options: dict[str, Any]) -> RDBStorage:
    """Open Optuna's storage, which creates the tables of a new database.

    This is repeated if another process is creating the same tables at the same time.
    """
    from sqlalchemy.exc import SQLAlchemyError

    for left in reversed(range(CREATE_ATTEMPTS)):
        try:
            return RDBStorage(url, engine_kwargs=options)
        except SQLAlchemyError as error:
            if not left or not any(word in str(error).lower() for word in ALREADY_EXISTS):
                raise
            time.sleep(0.1)
    raise AssertionError


def _check_path(path: Path) -> None:
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"cannot be created, {path.parent} is not a folder"
        raise SearchError(
            f"storage {path} {what}: name a file in an existing folder, or a database such as sqlite:///FILE"
        )


def _journal(path: Path, *, alone: bool) -> BaseStorage:
    _check_path(path)
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
        raise SearchError(f"storage {path} is not an Optuna journal ({_line(error)}): name another file") from None


def _check_first_line(path: Path) -> None:
    """Reject any other file with a first line that does not end, as the next write would remove this line."""
    with path.open("rb") as file:
        line = file.readline(len(LINE_START))
    if not line.endswith(b"\n") and line != LINE_START[: len(line)]:
        raise ValueError("it has no journal entry")


def _line(error: BaseException) -> str:
    """The first line of an error message."""
    return (str(error).splitlines() or [type(error).__name__])[0].strip()


REQUEST = "trainwell"  # study attribute with the request
CREATION_SECONDS = 10  # longest time between the creation of a study and the storage of its request


@contextmanager
def quiet_optuna() -> Iterator[None]:
    """Limit Optuna's log to warnings; by default it has a line per study and trial."""
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
    """Open the study of this name, or create it. An existing empty study without a request is used, too.

    Args:
        storage: the storage of the study.
        name: name of the study.
        request: JSON values on which trials depend; an existing study must have the same request.
        sampler: proposes trials.
        alone: whether no other process can be creating the study at the same time.

    Raises:
        SearchError: the study has another request, or was not made by trainwell; it is not changed.
    """
    plain = json.loads(json.dumps(request))
    study = _existing(storage, name, sampler)
    if study is None:
        try:
            study = optuna.create_study(
                storage=storage, study_name=name, direction=_direction(request), sampler=sampler
            )
            study.set_user_attr(REQUEST, plain)
            return study
        except DuplicatedStudyError:  # another process created it in the meantime
            study = optuna.load_study(storage=storage, study_name=name, sampler=sampler)
    check_study(study, request, seconds=0 if alone else CREATION_SECONDS)
    if REQUEST not in study.user_attrs:
        study.set_user_attr(REQUEST, plain)
    return study


def check_existing(storage: BaseStorage, name: str, request: Mapping[str, Any]) -> None:
    """Check whether `open_study` will succeed, without changing the storage.

    Raises:
        SearchError: see `open_study`.
    """
    study = _existing(storage, name, RandomSampler())
    if study is not None:
        check_study(study, request, seconds=CREATION_SECONDS)


def check_study(study: Study, request: Mapping[str, Any], *, seconds: float) -> None:
    """Check that a study has the same request.

    Args:
        study: the study; it is not changed.
        request: see `open_study`.
        seconds: how long to wait for another process that is creating the study.

    Raises:
        SearchError: the study has another request, or was not made by trainwell.
    """
    name, stored = study.study_name, _request_of(study, seconds)
    if stored is None and not _is_blank(study, _direction(request)):
        raise SearchError(f"study '{name}' was not made by trainwell: choose another name (--study)")
    differs = None if stored is None else first_difference(json.loads(json.dumps(request)), stored)
    if differs:
        raise SearchError(
            f"study '{name}' is another search, {differs}: use the same settings, or choose another name (--study)"
        )


def _existing(storage: BaseStorage, name: str, sampler: BaseSampler) -> Study | None:
    """The study of this name, or None. `create_study` is not used, as in a journal even a failed one adds a line."""
    try:
        return optuna.load_study(storage=storage, study_name=name, sampler=sampler)
    except KeyError:
        return None


def _direction(request: Mapping[str, Any]) -> StudyDirection:
    return StudyDirection.MAXIMIZE if METRICS[request["metric"]].larger_is_better else StudyDirection.MINIMIZE


def _is_blank(study: Study, direction: StudyDirection) -> bool:
    """Whether a study is empty, as if its process was killed right after creating it."""
    return study.directions == [direction] and not study.user_attrs and not study.get_trials(deepcopy=False)


def _request_of(study: Study, seconds: float) -> dict[str, Any] | None:
    """The request of a study, or None; waits for a process that is creating the study."""
    until = time.monotonic() + seconds
    while True:
        stored = study.user_attrs.get(REQUEST)
        if isinstance(stored, dict):
            return stored
        if time.monotonic() >= until or study.get_trials(deepcopy=False):
            return None
        time.sleep(0.1)
