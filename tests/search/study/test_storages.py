"""Storages: what cannot be used is said in one line and left as it is; what a killed process left is gone on with."""

import importlib.util
import json
import sqlite3
import time
from pathlib import Path

import optuna
import pytest
from optuna.storages import InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from optional import require
from trainwell.core import SearchError
from trainwell.search import without_password
from trainwell.search.study.journal import JournalFile
from trainwell.search.study.studies import existing_storage, open_storage


def study_in(storage, name="s"):
    return optuna.create_study(storage=storage, study_name=name, load_if_exists=True)


def refused(where, folder=None):
    """The line of a refusal, by both doors; nothing below the folder changes."""
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder else {}
    lines = []
    for door in (open_storage, lambda address: existing_storage(address).__enter__()):
        with pytest.raises(SearchError) as error:
            door(where)
        lines.append(str(error.value))
    after = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} if folder else {}
    assert after == before
    assert lines[0] == lines[1]
    assert "\n" not in lines[0]
    return lines[0]


def test_each_kind_of_address_opens_its_kind_of_storage(tmp_path):
    assert isinstance(open_storage(None), InMemoryStorage)
    assert isinstance(open_storage(tmp_path / "a.journal"), JournalStorage)
    assert isinstance(open_storage(str(tmp_path / "b.journal")), JournalStorage)
    database = open_storage(f"sqlite:///{tmp_path / 'c.db'}")
    study_in(database).add_trial(optuna.trial.create_trial(value=1.0))
    with existing_storage(f"sqlite:///{tmp_path / 'c.db'}") as again:
        assert study_in(again).best_value == 1.0
    database.remove_session()
    database.engine.dispose()


def test_looking_makes_no_journal(tmp_path):
    with existing_storage(tmp_path / "new.journal") as there:
        assert there is None
    assert list(tmp_path.iterdir()) == []


NO_JOURNALS = {
    "a line": b"hello\n",
    "a line without its end": b"hello",
    "a table": b"x,y\n1,2\n3,4\n",
    "a table without its last end": b"x,y\n1,2\n3,4",
    "JSON": b'{"a": 1}\n',
    "JSON without its end": b'{"a": 1}',
    "a JSON list": b"[1, 2]\n",
    "a number": b"123\n",
    "bytes": bytes(range(256)) * 4,
    "an unknown operation": b'{"op_code": 77, "worker_id": "a"}\n',
    "a broken line inside": b'{"op_code":0,"worker_id":"a","study_name":"s","directions":[1]}\n{"op_c\n{"op_code":5}\n',
}


@pytest.mark.parametrize("content", NO_JOURNALS.values(), ids=NO_JOURNALS)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path, content):
    path = tmp_path / "notes"
    path.write_bytes(content)
    assert "is not an Optuna journal" in refused(path, tmp_path)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_and_a_file_in_no_folder_are_refused(tmp_path):
    assert f"storage {tmp_path} is a folder: name a file" in refused(tmp_path, tmp_path)
    assert "nowhere is not a folder" in refused(tmp_path / "nowhere/study", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_databases_that_cannot_be_reached(tmp_path):
    assert "sqlite:////no/such/folder/x.db cannot be reached (unable to open" in refused(
        "sqlite:////no/such/folder/x.db"
    )
    assert "cannot be reached (Can't load plugin" in refused("foo://host/name")
    assert "is not the address of a database: write sqlite:///trials.db" in refused("foo bar://")
    (tmp_path / "notes").write_bytes(b"hello" * 999)
    assert "file is not a database" in refused(f"sqlite:///{tmp_path / 'notes'}", tmp_path)


@pytest.mark.skipif(importlib.util.find_spec("MySQLdb") is not None, reason="the driver is there")
def test_a_missing_driver_is_named_as_pip_names_it():
    line = refused("mysql://ann:secret@host/name")
    assert line.endswith("needs a package that is not installed (MySQLdb): pip install mysqlclient")
    assert "secret" not in line


def test_a_server_that_is_not_there_is_named_without_the_password():
    require("psycopg2")
    line = refused("postgresql+psycopg2://ann:secret@127.0.0.1:1/name")
    assert "postgresql+psycopg2://ann:***@127.0.0.1:1/name cannot be reached" in line
    assert "secret" not in line


def test_passwords_are_not_kept():
    assert without_password("postgresql://ann:secret@host/name") == "postgresql://ann:***@host/name"
    assert without_password("runs/study.journal") == "runs/study.journal"
    assert without_password("foo bar://ann:secret@host") == "foo bar://…"


def test_the_database_is_not_taken_for_lost_while_another_makes_its_tables(tmp_path, monkeypatch):
    from trainwell.search.study import studies as storages

    calls = []

    def racing(url, **named):
        calls.append(url)
        if len(calls) == 1:
            study_in(RDBStorage(url))  # another process makes the tables in the meantime
            with sqlite3.connect(tmp_path / "trials.db") as connection:
                try:
                    connection.execute("CREATE TABLE studies (x)")
                except sqlite3.OperationalError as error:
                    from sqlalchemy.exc import OperationalError

                    raise OperationalError("CREATE TABLE studies", {}, error) from None
        return RDBStorage(url, **named)

    monkeypatch.setattr(storages, "RDBStorage", racing)
    found = storages._with_tables(f"sqlite:///{tmp_path / 'trials.db'}", {})
    assert len(calls) == 2
    assert [study.study_name for study in found.get_all_studies()] == ["s"]


@pytest.mark.parametrize(
    "torn", [b'{"op_code":5,"worker_id":"x","tri', b"{", b'{"op_code":4,"worker_id":"x","study_id":0}']
)
def test_half_a_line_is_dropped_by_whoever_writes_next(tmp_path, torn):
    path = tmp_path / "study.journal"
    study = study_in(open_storage(path))
    study.ask()
    whole = path.read_bytes()
    with path.open("ab") as file:
        file.write(torn)
    again = study_in(open_storage(path))
    assert path.read_bytes().startswith(whole)
    again.ask()
    lines = path.read_bytes().splitlines()
    assert all(json.loads(line) for line in lines)
    assert path.read_bytes().endswith(b"\n")
    plain = study_in(JournalStorage(JournalFileBackend(str(path))))  # as any other program reads it
    assert [trial.number for trial in plain.trials] == [0, 1]
    study.ask()  # the first one, which had read all before, goes on as well
    assert [trial.number for trial in study.trials] == [0, 1, 2]


def test_a_journal_whose_very_first_line_is_torn_is_begun_anew(tmp_path):
    path = tmp_path / "study.journal"
    path.write_bytes(b'{"op_code":0,"worker_id":"a","study_na')
    study = study_in(open_storage(path))
    study.ask()
    assert len(study_in(JournalStorage(JournalFileBackend(str(path)))).trials) == 1


def test_a_killed_processs_lock_on_its_own_journal_is_not_waited_for(tmp_path):
    path = tmp_path / "study.journal"
    study_in(open_storage(path)).ask()
    JournalFileSymlinkLock(str(path)).acquire()
    started = time.monotonic()
    study_in(open_storage(path, alone=True)).ask()
    assert time.monotonic() - started < 5
    assert not path.with_name("study.journal.lock").is_symlink()


def test_a_lock_left_on_a_shared_journal_is_waited_for_but_not_forever(tmp_path, monkeypatch, caplog):
    monkeypatch.chdir(tmp_path)
    Path("deep").mkdir()
    killed = open_storage("deep/study.journal")
    study_in(killed).ask()
    killed._backend._own_lock.acquire()  # and never releases it
    assert Path("deep/study.journal.lock").exists()  # the lock is a link, and what it leads to is there
    storage = open_storage("deep/study.journal")
    lock = storage._backend._own_lock
    lock.grace_period = 1
    study_in(storage).ask()
    assert len(study_in(JournalStorage(JournalFile(Path("deep/study.journal")))).trials) == 2


def test_a_study_of_plain_optuna_is_read_and_written_by_both(tmp_path):
    path = tmp_path / "study.journal"
    plain = study_in(JournalStorage(JournalFileBackend(str(path))))
    plain.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=3)
    ours = study_in(open_storage(path))
    ours.ask().suggest_int("n", 1, 3)
    assert plain.trials[3].params == ours.trials[3].params
    assert len(plain.trials) == 4
