"""Processes that run the program and may be killed, and a database server."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest

from forks import Forks
from optional import missing, require


@pytest.fixture(scope="module")
def more_forks():
    with Forks() as process:
        yield process


@pytest.fixture(scope="module")
def postgres():
    """Address of an empty database on a PostgreSQL server of our own, on a socket that nobody else finds."""
    require("psycopg2")
    programs = {name: _server_program(name) for name in ("initdb", "postgres")}
    user = _server_user()
    folder = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path must be short
    try:
        if user is not None:
            os.chown(folder, user, -1)
        data, log = folder / "data", (folder / "log").open("w")
        command = [programs["initdb"], "-D", data, "-A", "trust", "-U", "trainwell", "--no-sync", "-E", "UTF8"]
        made = subprocess.run(command, cwd=folder, user=user, capture_output=True, text=True, timeout=60, check=False)
        assert made.returncode == 0, made.stderr
        options = ["-k", folder, "-c", "listen_addresses=", "-c", "fsync=off"]
        server = subprocess.Popen(
            [programs["postgres"], "-D", data, *options], cwd=folder, user=user, stdout=log, stderr=log
        )
        try:
            _wait_for_server(folder)
            yield f"postgresql+psycopg2://trainwell@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # does not wait for connections to end
            server.wait(timeout=30)
            log.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _server_program(name):
    """Of the PATH, or where Debian puts it."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    path = shutil.which(name) or (str(found[-1]) if found else None)
    if path is None:
        missing("a PostgreSQL server", "apt-get install postgresql")
    return path


def _server_user():
    """A user other than root, as the server refuses to be run by root; None for the present one."""
    if os.geteuid() != 0:
        return None
    names = {entry.pw_name: entry.pw_uid for entry in pwd.getpwall()}
    return names.get("postgres", names.get("nobody"))


def _wait_for_server(folder):
    psycopg2, until = require("psycopg2"), time.monotonic() + 30
    while True:
        try:
            psycopg2.connect(host=str(folder), user="trainwell", dbname="postgres").close()
        except psycopg2.OperationalError:
            assert time.monotonic() < until, (folder / "log").read_text()
            time.sleep(0.05)
        else:
            return
