"""Files that anyone may have written or damaged: read with limits of size and depth, refused in one line.

Whoever reads JSON, TOML or the bytes of a file that the user names does it here. What is wrong is a `ValueError`
(`OSError` where the system itself refuses), whose text goes after the file's name.
"""

import json
import re
import tomllib
from pathlib import Path
from stat import S_ISDIR, S_ISREG
from typing import Any

from trainwell.core.files import named_sha256

MOST_BYTES = 256 << 20
"""Of a file of settings or numbers: more than any that this package writes."""
DEEPEST = 64
"""Levels of tables within tables: a dozen more than any file of this package has."""
MOST_TOML_BYTES = 1 << 20
# Each takes time in proportion to the text, whatever it is: nothing is tried again (`*+`), texts may lack their end.
_TEXT = re.compile(r'"(?:[^"\\\n]++|\\.)*+"?|\'[^\'\n]*+\'?')
_PART = re.compile(r"[\w-]++|\"[^\"\n]*+\"?|'[^'\n]*+'?")
_KEY = re.compile(rf"(?:{_PART.pattern})(?:[ \t]*+\.[ \t]*+(?:{_PART.pattern}))*+")


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
