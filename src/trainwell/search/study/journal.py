"""Optuna's journal file with a checksum in each line, so that lines changed later are detected."""

import json
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO

from optuna.storages.journal import JournalFileBackend, JournalFileSymlinkLock

from trainwell.core import SearchError, parse_json, sha256

CHECKED = re.compile(rb',"check":"([^"]*)"}\n\Z')  # the end of a line that has a checksum
INSTEAD = "restore the file from a copy, or start a new study"
DIGITS = 32  # hexadecimal digits of the SHA-256 that are written
BLOCK = 1 << 16


class JournalFile(JournalFileBackend):
    """Optuna's journal file with a checksum in each line, and without `fsync` after every line.

    A checksum covers its own line and all lines before it back to the previous checksum (inclusive), so changed,
    removed or moved lines are detected. Lines that other programs write have no checksum; the next checksum covers
    them. Other programs ignore the checksum as an unknown entry.

    Without `fsync` a killed process loses nothing, as the operating system still writes the data; only a power failure
    can lose the last seconds. `fsync` takes milliseconds per line, and a trial has about 15 lines.
    """

    def __init__(self, path: Path) -> None:
        # Absolute, as the lock is a symbolic link to it: with a broken link Optuna would wait forever.
        self._path = path.absolute()
        self._own_lock = JournalFileSymlinkLock(str(self._path))
        self._read: tuple[int, int, list[bytes]] = (0, 0, [])  # number of lines read, end offset, lines not yet covered
        super().__init__(str(self._path), lock_obj=self._own_lock)

    def read_logs(self, log_number_from: int) -> Iterator[dict[str, Any]]:  # type: ignore[override]  # sends nothing
        """Yield the entries from this number on; an incomplete last line is left out.

        Raises:
            SearchError: a line was changed after it was written, or is not a journal entry.
        """
        number, offset, before = self._read if self._read[0] <= log_number_from else (0, 0, [])
        with self._path.open("rb") as file:
            if file.seek(0, os.SEEK_END) < offset:
                raise SearchError(f"storage {self._path} was changed: lines were removed; {INSTEAD}")
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
        """Append entries, one line each, while holding the file's lock."""
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
            raise SearchError(f"storage {self._path} is not an Optuna journal (line {number}: {error})") from None
        entry.pop("check", None)
        found = CHECKED.search(line)
        if found and found[1].decode() != _check(line[: found.start()] + b"}", before):
            raise SearchError(
                f"storage {self._path} was changed: the checksum of line {number} does not match it and the lines "
                f"before; {INSTEAD}"
            )
        return entry


def _check(text: bytes, before: Sequence[bytes]) -> str:
    return sha256(b"".join([*before, text]))[:DIGITS]


def _cut_to_whole_lines(file: BinaryIO) -> list[bytes]:
    """Remove an incomplete last line that a killed process left; the next line would be appended to it.

    Returns:
        The lines that the next checksum covers.
    """
    start, tail = file.seek(0, os.SEEK_END), b""
    while True:
        size = min(start, BLOCK)
        start = file.seek(start - size)
        tail = file.read(size) + tail
        end = tail.rfind(b"\n") + 1
        lines = tail[:end].splitlines(keepends=True)[1 if start else 0 :]  # the first line may be incomplete
        last = next((i for i in reversed(range(len(lines))) if CHECKED.search(lines[i])), None)
        if last is not None or not start:
            break
    file.truncate(start + end)
    file.seek(start + end)
    return lines[last or 0 :]
