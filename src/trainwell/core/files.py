"""Files: written completely or not at all, read with limits of size and nesting depth, and verified by checksums.

All JSON, TOML and other files that a user names are read here, since they may be damaged or malicious. Errors are
`ValueError`s whose text continues a sentence that starts with the file's name, or the system's `OSError`s.
"""

import hashlib
import json
import os
import re
import shutil
import tomllib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from io import BytesIO
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import TYPE_CHECKING, Any
from uuid import uuid4

if TYPE_CHECKING:
    import polars as pl

_TEMPORARY = re.compile(r"\.(.+)\.[0-9a-f]{32}", re.DOTALL)
_KEPT = 50  # characters kept of a long name: at most 4 bytes each, and file names are limited to 255 bytes
MAX_BYTES = 256 << 20
"""Size limit of a file of settings or numbers. No file that this package writes is as large."""
MAX_DEPTH = 64
"""Limit of nested tables: a dozen levels more than any file of this package has."""
MAX_TOML_BYTES = 1 << 20
# Possessive quantifiers (`*+`) never backtrack, so matching takes time in proportion to the text. The closing quotation
# mark is optional.
_TEXT = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?')
_PART = re.compile(r"[\w-]++|\"[^\"\n]*+\"?|'[^'\n]*+'?")
_KEY = re.compile(rf"(?:{_PART.pattern})(?:[ \t]*+\.[ \t]*+(?:{_PART.pattern}))*+")


def file_names(labels: Sequence[str]) -> list[str]:
    """Labels as names of files on any system, all different even where upper and lower case are one.

    Example:
        >>> file_names(["Adam, β₁ = 0.9", "adam β₁/0.9", "../x"])
        ['Adam_β₁_0.9', 'adam_β₁_0.9-2', 'x']
    """
    names: list[str] = []
    for label in labels:
        stem = re.sub(r"[^\w.+-]+", "_", label).strip("._-") or "unnamed"
        taken = {name.casefold() for name in names}
        name, number = stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{stem}-{number}"
        names.append(name)
    return names


def temporary(path: Path) -> Path:
    """A temporary path in the folder of `path`: `.NAME.` and 32 random hexadecimal digits.

    Of a long name only the beginning is kept, since the file system limits the length of names.
    """
    return path.with_name(f".{path.name[:_KEPT]}.{uuid4().hex}")


def temporaries(folder: Path, names: Collection[str] | None = None) -> Iterator[Path]:
    """Temporary files and folders (see `temporary`) that a killed process left in a folder. Links are ignored.

    Args:
        folder: searched without its subfolders. A link or a missing folder yields nothing.
        names: the final names to look for; None for any.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.iterdir():
        found = _TEMPORARY.fullmatch(path.name)
        if found and not path.is_symlink() and (names is None or found[1] in {name[:_KEPT] for name in names}):
            yield path


def remove(path: Path) -> None:
    """Remove a file, or a folder with its contents. Of a link, only the link itself is removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove_own(folder: Path, suffixes: Collection[str]) -> None:
    """Remove the files that this package wrote into a folder, then empty folders. Other files and links are kept.

    Args:
        folder: nothing happens if it is a link or missing.
        suffixes: suffixes of the files that this package writes there.
    """
    if folder.is_symlink() or not folder.is_dir():
        return
    for parent, folders, files in os.walk(folder, topdown=False):
        for name in files:
            path = Path(parent, name)
            ours = path.suffix in suffixes or _TEMPORARY.fullmatch(name)
            if ours and not path.is_symlink():
                path.unlink(missing_ok=True)
        for path in (Path(parent, name) for name in folders):
            if not path.is_symlink() and not any(path.iterdir()):
                path.rmdir()
    if not any(folder.iterdir()):
        folder.rmdir()


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Context manager with a temporary path, which is renamed to `path` at the end of the block.

    If the block fails, the temporary file or folder is removed.

    Args:
        path: the final path; its folder must exist.

    Raises:
        OSError: it cannot be written. The error's `filename` is `path`.
    """
    unfinished = temporary(path)
    try:
        yield unfinished
        unfinished.replace(path)
    except BaseException as error:
        with suppress(OSError):  # report the first error, not one of cleaning up
            remove(unfinished)
        if isinstance(error, OSError) and error.errno is not None:
            error.filename = str(path)
        raise


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` to a temporary file, then rename it to `path`: readers see all of it or nothing.

    Args:
        path: the final path; its folder must exist.
        content: all bytes of the file.

    Raises:
        OSError: it cannot be written.
    """
    with atomic_path(path) as unfinished:
        unfinished.write_bytes(content)  # opened without `tempfile`, so that it has the usual permissions


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically. NaN and Inf raise `ValueError`, since JSON has neither."""
    write_atomic(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def write_table(table: "pl.DataFrame", *paths: Path) -> None:
    """Write a table as Parquet or, where a path ends in `.csv`, as CSV, each file atomically."""
    for path in paths:
        content = BytesIO()
        table.write_csv(content) if path.suffix.lower() == ".csv" else table.write_parquet(content)
        write_atomic(path, content.getvalue())


def write_checked(path: Path, content: bytes) -> None:
    """Write a line with a checksum and then `content`, atomically; `read_checked` reads it back.

    The checksum covers the file's name as well, so a file that was renamed to another's name is detected, too.
    """
    write_atomic(path, named_sha256(path, content).encode() + b"\n" + content)


def sha256(content: bytes) -> str:
    """The SHA-256 checksum of `content` in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def named_sha256(path: Path, content: bytes) -> str:
    """The SHA-256 checksum of a file's name and content."""
    return sha256(path.name.encode("utf-8", "surrogateescape") + b"\n" + content)


def file_sha256(path: Path) -> str | None:
    """The SHA-256 checksum of a file's content; None if it is not a regular file or cannot be read."""
    try:
        if not S_ISREG(path.lstat().st_mode):  # reading a pipe could block forever
            return None
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def read_bytes(path: Path, most: int = MAX_BYTES) -> bytes:
    """All bytes of a regular file.

    Args:
        path: the file.
        most: the maximum number of bytes.

    Raises:
        OSError: it cannot be read.
        ValueError: it is not a regular file (reading a pipe could block forever), or larger than `most`.
    """
    if (size := plain_size(path)) > most:
        raise ValueError(f"has {size:,} bytes, more than the limit of {most:,}")
    with path.open("rb") as file:
        content = file.read(size + 1)  # `read(most)` would allocate `most` bytes
        content += file.read(min(most, MAX_BYTES)) if len(content) > size else b""  # it grew meanwhile
    if len(content) > most:
        raise ValueError(f"has more than {most:,} bytes, the limit")
    return content


def plain_size(path: Path) -> int:
    """The number of bytes of a regular file.

    Raises:
        OSError: it is missing or inaccessible.
        ValueError: it is a folder, a pipe or a device.
    """
    found = path.stat()
    if not S_ISREG(found.st_mode):
        raise ValueError("is a folder" if S_ISDIR(found.st_mode) else "is a pipe or a device, not a file")
    return found.st_size


def parse_json(content: bytes) -> Any:
    """The value of a JSON text.

    Raises:
        ValueError: it is not JSON in UTF-8, or nested deeper than `MAX_DEPTH`.

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
    except (ValueError, RecursionError) as error:  # such as an integer with thousands of digits
        raise ValueError(f"has JSON that cannot be read ({_first_words(error)})") from None


def parse_toml(content: bytes) -> dict[str, Any]:
    """The table of a TOML text.

    Raises:
        ValueError: it is not TOML in UTF-8, larger than a megabyte, or nested deeper than `MAX_DEPTH`.
    """
    if len(content) > MAX_TOML_BYTES:
        raise ValueError(f"has {len(content):,} bytes, more than the limit of {MAX_TOML_BYTES:,}")
    text = _decoded(content)
    _check_depth(text)
    for key in _KEY.finditer(text):
        if key[0].count(".") >= MAX_DEPTH and sum(1 for _ in _PART.finditer(key[0])) > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH} levels (a key has more parts)")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"is not valid TOML: {error}") from None
    except (ValueError, RecursionError) as error:  # such as an impossible date
        raise ValueError(f"has TOML that cannot be read ({_first_words(error)})") from None


def read_json(path: Path, most: int = MAX_BYTES) -> Any:
    """The value in a JSON file. Raises the errors of `read_bytes` and `parse_json`."""
    return parse_json(read_bytes(path, most))


def read_checked(path: Path, most: int = MAX_BYTES) -> bytes:
    """The content that `write_checked` wrote.

    Raises:
        OSError: it cannot be read.
        ValueError: the checksum does not match: it was changed, or `write_checked` did not write it.
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
        raise ValueError(f"is not UTF-8 text (byte 0x{content[error.start]:02x} at position {error.start})") from None


def _first_words(error: BaseException) -> str:
    return str(error).split(";")[0].split("\n")[0][:80]


def _check_depth(text: str) -> None:
    """Refuse too deeply nested brackets before a parser recurses into them. Brackets in strings do not count."""
    depth = 0
    for bracket in re.finditer(r"[\[\]{}]", _TEXT.sub("", text)):
        depth += 1 if bracket[0] in "[{" else -1
        if depth > MAX_DEPTH:
            raise ValueError(f"is nested deeper than {MAX_DEPTH} levels")
