"""Where studies are kept: a journal file, a database, or this process's memory."""

import json
from pathlib import Path
from typing import Any

from optuna.exceptions import OptunaError
from optuna.storages import BaseStorage, InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from trainwell.search.errors import SearchError

LOCK_FILE_SUFFIX = ".lock"  # as Optuna names it
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


class JournalFile(JournalFileBackend):
    """Optuna's journal file without waiting for the disk after every line.

    A killed process loses nothing by it, as what it wrote is the operating system's; a machine that loses its power
    may lose the last seconds. Waiting costs milliseconds a line, for some 15 lines a trial.
    """

    def __init__(self, path: str) -> None:
        self._path, self._own_lock = Path(path), JournalFileSymlinkLock(path)
        super().__init__(path, lock_obj=self._own_lock)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append entries, one line each, while no other process does."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        self._own_lock.acquire()
        try:
            with self._path.open("ab") as file:
                file.write(lines.encode())
        finally:
            self._own_lock.release()


def _database(url: str) -> BaseStorage:
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError

    try:
        address = make_url(url)
        shown = address.render_as_string(hide_password=True)
    except (ArgumentError, ValueError):
        raise SearchError(
            f"storage '{url.split('://')[0]}://…' is no address of a database: write sqlite:///trials.db, "
            "postgresql+psycopg2://user:password@host/name, or the path of a journal file"
        ) from None
    options = {"connect_args": {"timeout": BUSY_SECONDS}} if address.get_backend_name() == "sqlite" else {}
    try:
        return RDBStorage(url, engine_kwargs=options)
    except ImportError as error:
        missing = str(getattr(error, "name", None) or error).split(".")[0]
        install = f"pip install {DRIVERS.get(missing, missing)}"
        raise SearchError(f"storage {shown} needs a package that is not there ({missing}): {install}") from None
    except (SQLAlchemyError, OptunaError, RuntimeError, ValueError, OSError) as error:
        why = (str(getattr(error, "orig", None) or error).splitlines() or [""])[0]
        raise SearchError(
            f"storage {shown} cannot be reached ({why}): check the address and that it is running"
        ) from None


def _journal(path: Path, *, alone: bool) -> BaseStorage:
    if path.is_dir() or not path.parent.is_dir():
        what = "is a folder" if path.is_dir() else f"cannot be made, {path.parent} is no folder"
        raise SearchError(
            f"storage {path} {what}: name a file in a folder that exists, or a database by sqlite:///FILE"
        )
    try:
        if alone:
            path.with_name(path.name + LOCK_FILE_SUFFIX).unlink(missing_ok=True)
        _drop_torn_line(path)
        return JournalStorage(JournalFile(str(path)))
    except OSError as error:
        raise SearchError(f"storage {path} cannot be used ({error.strerror}): name another file") from None
    except (ValueError, KeyError, TypeError) as error:
        raise SearchError(f"storage {path} is no journal of a study ({error}): name another file") from None


def _drop_torn_line(path: Path) -> None:
    """Cut off what a killed process had not finished writing; another entry after it would be unreadable."""
    if not path.exists() or not _torn(path):
        return
    lock = JournalFileSymlinkLock(str(path))
    lock.acquire()
    try:
        content = path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole == 0 and not content.startswith(b"{"):
            raise SearchError(f"storage {path} is no journal of a study: name another file")
        with path.open("r+b") as file:
            file.truncate(whole)
    finally:
        lock.release()


def _torn(path: Path) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if size == 0:
            return False
        file.seek(-1, 2)
        return file.read(1) != b"\n"
