"""Files that are never left half written, and their checksums."""

import hashlib
import json
import os
import tempfile
from pathlib import Path
from typing import Any


def write_atomic(path: Path, content: bytes) -> None:
    """Write `content` under a temporary name beside `path`, then rename: readers see all of it or nothing.

    Args:
        path: the file's final name; its folder must exist.
        content: all bytes of the file.
    """
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically; NaN and Inf are refused, since JSON has neither."""
    write_atomic(path, (json.dumps(value, indent=2, allow_nan=False) + "\n").encode())


def sha256(content: bytes) -> str:
    """The SHA-256 checksum of `content` in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
