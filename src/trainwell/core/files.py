"""Files that are never left half written, the names they have until they are whole, and their checksums."""

import hashlib
import json
import os
import re
import shutil
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import polars as pl

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{32}", re.DOTALL)
_KEPT = 50  # characters of a long name: 4 bytes each at most, and names of files have 255


def temporary(path: Path) -> Path:
    """A new name beside `path` for what will be it: `.NAME.` and 32 random hexadecimal digits.

    Of a long name only its beginning is in it, as together they would be too long for the file system.
    """
    return path.with_name(f".{path.name[:_KEPT]}.{uuid4().hex}")


def temporaries(folder: Path, names: Collection[str] | None = None) -> Iterator[Path]:
    """What a killed process left in a folder under a name of `temporary`; links are not ours, and are not followed.

    Args:
        folder: where to look, not below it; nothing is found where it is a link, or is not there.
        names: final names to look for; None for any.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        found = _TEMPORARY.fullmatch(path.name)
        if found and not path.is_symlink() and (names is None or found[1] in {name[:_KEPT] for name in names}):
            yield path


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it; of a link the link alone."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_own(folder: Path, suffixes: Collection[str]) -> None:
    """Remove a folder that this package filled; files of other kinds and links stay, and so do the folders above them.

    Args:
        folder: nothing is done where it is a link, or is not there.
        suffixes: of the files that this package writes there.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for place, folders, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(place, name)
            ours = path.suffix in suffixes or _TEMPORARY.fullmatch(name)
            if ours and not path.is_symlink():
                path.unlink(missing_ok=True)
        for path in (Path(place, name) for name in folders):
            if not path.is_symlink() and not any(path.iterdir()):
                path.rmdir()
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def becoming(path: Path) -> Iterator[Path]:
    """A temporary path for a file or folder that gets its name at the end of the block, or goes if that fails.

    Args:
        path: the final name; its folder must exist.

    Raises:
        OSError: it cannot be written; its `filename` is `path`, the name that the user knows.
    """
    under_way = temporary(path)
    try:
        yield under_way
        under_way.replace(path)
    except BaseException as error:
        with suppress(OSError):  # what went wrong before is what is to be said
            remove(under_way)
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = str(path)
        raise


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` under a temporary name beside `path`, then rename: readers see all of it or nothing.

    Args:
        path: the file's final name; its folder must exist.
        content: all bytes of the file.

    Raises:
        OSError: it cannot be written.
    """
    with becoming(path) as under_way:
        under_way.write_bytes(content)  # a plain `open`: the usual permissions


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically; NaN and Inf are refused, since JSON has neither."""
    write_atomic(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def write_table(table: "pl.DataFrame", *paths: Path) -> None:
    """Write a table as Parquet or, where a path ends in `.csv`, as CSV, each file atomically."""
    for path in paths:
        content = BytesIO()
        table.write_csv(content) if path.suffix.lower() == ".csv" else table.write_parquet(content)
        write_atomic(path, content.getvalue())


def write_checked(path: Path, content: bytes) -> None:
    """Write `content` atomically behind a line with its checksum; `core.reading.read_checked` reads it back.

    The file's name is part of the checksum: a file that stands in another's place is noticed, too.
    """
    write_atomic(path, named_sha256(path, content).encode() + b"\n" + content)


def sha256(content: bytes) -> str:
    """The SHA-256 checksum of `content` in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def named_sha256(path: Path, content: bytes) -> str:
    """The checksum of a file's name and what is to be in it."""
    return sha256(path.name.encode("utf-8", "surrogateescape") + b"\n" + content)


def file_sha256(path: Path) -> str | None:
    """The checksum of a file's content; None where there is no plain file, or it cannot be read."""
    try:
        if not S_ISREG(path.lstat().st_mode):  # a pipe would be waited for without end
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
