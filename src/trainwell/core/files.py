"""Files: written whole or not at all, read with limits of size and depth, with their checksums.

Whoever reads JSON, TOML or the bytes of a file that the user names does it here: anyone may have written or damaged it.
What is wrong is a `ValueError` (`OSError` where the system itself refuses), whose text goes after the file's name.
"""

import hashlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import polars as pl

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{32}", re.DOTALL)
_KEPT = 50  # characters of a long name: 4 bytes each at most, and names of files have 255
MOST_BYTES = 256 << 20
"""Of a file of settings or numbers: more than any that this package writes."""
DEEPEST = 64
"""Levels of tables within tables: a dozen more than any file of this package has."""
MOST_TOML_BYTES = 1 << 20
# Each takes time in proportion to the text, whatever it is: nothing is tried again (`*+`), texts may lack their end.
_TEXT = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?')
_PART = re.compile(r"[\w-]++|\"[^\"\n]*+\"?|'[^'\n]*+'?")
_KEY = re.compile(rf"(?:{_PART.pattern})(?:[ \t]*+\.[ \t]*+(?:{_PART.pattern}))*+")


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
    """Write `content` atomically behind a line with its checksum; `read_checked` reads it back.

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


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """All bytes of a plain file. A pipe, which would be waited for without end, is refused, as is a larger file.

    Args:
        path: the file.
        most: number of bytes it may have.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no plain file, or larger.
    """
    if (size := plain_size(path)) > most:
        raise ValueError(f"has {size:,} bytes, and such a file has at most {most:,}")
    with path.open("rb") as file:
        content = file.read(size + 1)  # not `most`, which would be reserved
        content += file.read(min(most, MOST_BYTES)) if len(content) > size else b""  # it grew meanwhile
    if len(content) > most:
        raise ValueError(f"has more than {most:,} bytes, the most that such a file has")
    return content


def plain_size(path: Path) -> int:
    """The number of bytes of a plain file.

    Raises:
        OSError: it is not there, or cannot be looked at.
        ValueError: it is a folder, or a pipe or a device, which would be waited for without end.
    """
    found = path.stat()
    if not S_ISREG(found.st_mode):
        raise ValueError("is a folder" if S_ISDIR(found.st_mode) else "is a pipe or a device, not a file")
    return found.st_size


def parse_json(content: bytes) -> Any:
    """The value of JSON text.

    Raises:
        ValueError: it is not JSON in UTF-8, or nested deeper than `DEEPEST`.

    Example:
        >>> parse_json(b'{"a": [1, 2]}')
        {'a': [1, 2]}
    """
    text = _decoded(content)
    _check_depth(text)
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"is not valid JSON ({error.msg}, line {error.lineno}, column {error.colno})") from None
    except (ValueError, RecursionError) as error:  # such as a whole number of thousands of digits
        raise ValueError(f"is not JSON that can be read ({_first_words(error)})") from None


def parse_toml(content: bytes) -> dict[str, Any]:
    """The table of TOML text.

    Raises:
        ValueError: it is not TOML in UTF-8, larger than a megabyte, or nested deeper than `DEEPEST`.
    """
    if len(content) > MOST_TOML_BYTES:
        raise ValueError(f"has {len(content):,} bytes, and such a file has at most {MOST_TOML_BYTES:,}")
    text = _decoded(content)
    _check_depth(text)
    for key in _KEY.finditer(text):
        if key[0].count(".") >= DEEPEST and sum(1 for _ in _PART.finditer(key[0])) > DEEPEST:
            raise ValueError(f"is nested deeper than {DEEPEST} levels (a key of so many parts)")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not valid TOML: {error}") from None
    except (ValueError, RecursionError) as error:  # such as a date that is none
        raise ValueError(f"is not TOML that can be read ({_first_words(error)})") from None


def read_json(path: Path, most: int = MOST_BYTES) -> Any:
    """The value in a JSON file; errors as of `read_bytes` and `parse_json`."""
    return parse_json(read_bytes(path, most))


def read_checked(path: Path, most: int = MOST_BYTES) -> bytes:
    """What `write_checked` wrote, if nothing of it was changed.

    Raises:
        OSError: it cannot be read.
        ValueError: it was changed since, or is no such file.
    """
    content = read_bytes(path, most)
    checksum, line_end, body = content[:64], content[64:65], content[65:]
    if line_end != b"\n" or checksum != named_sha256(path, body).encode():
        raise ValueError("was changed after it was written (its SHA-256 differs)")
    return body


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError(f"is no UTF-8 text (byte 0x{content[error.start]:02x} at position {error.start})") from None


def _first_words(error: BaseException) -> str:
    return str(error).split(";")[0].split("\n")[0][:80]


def _check_depth(text: str) -> None:
    """Refuse brackets within brackets before a parser follows them; those in texts do not count."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", _TEXT.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > DEEPEST:
            raise ValueError(f"is nested deeper than {DEEPEST} levels")
