"""Files that are never left half written, and their checksums."""

import hashlib
import json
from pathlib import Path
from typing import Any
from uuid import uuid4


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` under a temporary name beside `path`, then rename: readers see all of it or nothing.

    Args:
        path: the file's final name; its folder must exist.
        content: all bytes of the file.
    """
    temporary = path.with_name(f".{path.name}.{uuid4().hex}")  # a plain `open`: the usual permissions
    try:
        temporary.write_bytes(content)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically; NaN and Inf are refused, since JSON has neither."""
    write_atomic(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def write_checked(path: Path, content: bytes) -> None:
    """Write `content` atomically behind a line with its checksum; `core.reading.read_checked` reads it back."""
    write_atomic(path, sha256(content).encode() + b"\n" + content)


def sha256(content: bytes) -> str:
    """The SHA-256 checksum of `content` in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
