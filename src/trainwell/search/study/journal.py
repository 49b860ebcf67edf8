"""Optuna's journal file with a checksum in each line: what was changed since is not believed."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from trainwell.core import SearchError, parse_json, sha256

CHECKED = re.compile(rb',"check":"([^"]*)"}\n\Z')  # the end of a line that has a checksum
INSTEAD = "restore the file from a copy, or begin another study"
DIGITS = 32  # of the SHA-256
BLOCK = 1 << 16


class JournalFile(JournalFileBackend):
    """Optuna's journal file, its lines chained by checksums, without waiting for the disk after every line.

    A line's checksum is of itself and all before it from the last line with one on: lines that were changed, removed
    or put elsewhere are noticed. Other programs' lines have none; they are read as they are, and the next line with
    one covers them. Other programs take the checksum for an entry that they do not know.

    A killed process loses nothing by not waiting, as what it wrote is the operating system's; a machine that loses its
    power may lose the last seconds. Waiting costs milliseconds a line, for some 15 lines a trial.
    """

    def __init__(self, path: Path) -> None:
        # Absolute, as the lock is a link to it: one that leads nowhere is waited for without end.
        self._path = path.absolute()
        self._own_lock = JournalFileSymlinkLock(str(self._path))
        self._read: tuple[int, int, list[bytes]] = (0, 0, [])  # lines read, where they end, what the next one covers
        super().__init__(str(self._path), lock_obj=self._own_lock)

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:  # type: ignore[override]  # sends nothing
        """Entries from a number on, without a last line that has no end yet.

        Raises:
            SearchError: a line was changed after it was written, or is no entry.
        """
        number, offset, before = self._read if self._read[0] <= log_number_from else (0, 0, [])
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise SearchError(f"storage {self._path} was changed: lines that were there are gone; {INSTEAD}")
            file.seek(offset)
            for line in file:
                if not line.endswith(b"\n"):
                    return
                number, offset = number + 1, offset + len(line)
                entry = self._entry(number, line, before)
                if CHECKED.search(line):
                    before = []
                before.append(line)
                self._read = (number, offset, before)
                if number > log_number_from:
                    yield entry

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append entries, one line each, while no other process does."""
        self._own_lock.acquire()
        try:
            with self._path.open("r+b") as file:
                before = _cut_to_whole_lines(file)
                for log in logs:
                    text = json.dumps(log, separators=(",", ":"))
                    before = [f'{text[:-1]},"check":"{_check(text.encode(), before)}"}}\n'.encode()]
                    file.writelines(before)
        finally:
            self._own_lock.release()

    def _entry(self, number: int, line: bytes, before: Sequence[bytes]) -> dict[str, Any]:
        try:
            entry: dict[str, Any] = parse_json(line)
            entry["op_code"]
        except (ValueError, LookupError, TypeError) as error:
            raise SearchError(f"storage {self._path} is no journal of a study (line {number}: {error})") from None
        entry.pop("check", None)
        found = CHECKED.search(line)
        if found and found[1].decode() != _check(line[: found.start()] + b"}", before):
            raise SearchError(
                f"storage {self._path} was changed: the checksum of line {number} does not fit it and the line before; "
                f"{INSTEAD}"
            )
        return entry


def _check(text: bytes, before: Sequence[bytes]) -> str:
    return sha256(b"".join([*before, text]))[:DIGITS]


def _cut_to_whole_lines(file: BinaryIO) -> list[bytes]:
    """Cut off what a killed process had not finished writing, which would spoil the next line.

    Returns:
        The lines that the next one's checksum covers.
    """
    start, tail = file.seek(0, os.SEEK_END), b""
    while True:
        size = min(start, BLOCK)
        start = file.seek(start - size)
        tail = file.read(size) + tail
        end = tail.rfind(b"\n") + 1
        lines = tail[:end].splitlines(keepends=True)[1 if start else 0 :]  # the first one may be the end of another
        last = next((i for i in reversed(range(len(lines))) if CHECKED.search(lines[i])), None)
        if last is not None or not start:
            break
    file.truncate(start + end)
    file.seek(start + end)
    return lines[last or 0 :]
