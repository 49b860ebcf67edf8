"""Damage done to bytes, text and JSON values: deterministic, from small slips to hostile sizes."""

import json
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

BYTES = (0, 1, 9, 10, 13, 34, 39, 44, 59, 91, 92, 93, 123, 125, 127, 128, 200, 254, 255)
SIZES = (0, 1, 2**7, 2**15 - 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1)
NUMBERS = (
    *("0", "-0", "-1", "1e400", "-1e400", "1e-400", "nan", "NaN", "inf", "-Infinity", "0x10", "1_000", "1e39", "1e-40"),
    *("1,5", "1.000,5", "9" * 19, "9" * 400, "1" + "0" * 5000, "٣", "½", "1e", ".", "-", "+5", "00012", "1.5.2"),
)
WORDS = (
    *(
        "",
        " ",
        "none",
        "None",
        "null",
        "NA",
        "true",
        "True",
        "unknown",
        "\x00",
        "\ufeff",
        "\u202e",
        "\x1b[31mred\x1b[0m",
    ),
    *("a\nb", "a\r\nb", '"', "'", "=cmd|' /C calc'!A0", "../../etc/passwd", "%s%n", "{0}", "ÿ", "😀", "x" * 3000),
    *("2020-01-01", "12:30", "50%", "$1,200.50", "1e3", "007", "^y$", ".*", "y", "id"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 3, 1.5, -0.0, 1e308, 1e-320, 2**31, 2**63, 2**64, 10**30, 10**400, "", "x", "none"),
    *([], {}, [[]], [None], [1, "a"], {"": 0}, {"low": 0, "high": 1}, {"choices": []}, "x" * 3000, [0] * 2000, "1"),
)


def damaged(content: bytes, rng: Random, others: Sequence[bytes] = ()) -> bytes:
    """Bytes with one to four pieces of damage, mostly one."""
    for _ in range(rng.choice((1, 1, 1, 1, 2, 3, 4))):
        content = rng.choice(BYTE_DAMAGE)(content, rng) if not others or rng.random() > 0.05 else rng.choice(others)
    return content


def changed_text(text: str, rng: Random) -> str:
    """Text in which a word or a number is another, or a line is gone, twice there, or out of place."""
    for _ in range(rng.choice((1, 1, 2, 5))):
        text = rng.choice(TEXT_DAMAGE)(text, rng)
    return text


def changed_json(value: Any, rng: Random) -> Any:
    """A JSON value, some part of which is another, is gone, renamed, or nested."""
    value = json.loads(json.dumps(value))
    for _ in range(rng.choice((1, 1, 1, 2, 4))):
        value = _changed_part(value, rng)
    return value


def _changed_part(value: Any, rng: Random) -> Any:
    if isinstance(value, dict | list) and value and rng.random() < 0.85:
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        key = rng.choice(keys)
        action = rng.random()
        if action < 0.1:
            value.pop(key)
        elif action < 0.15 and isinstance(value, dict):
            value[rng.choice([*WORDS, *keys])] = value.pop(key)
        elif action < 0.2 and isinstance(value, list):
            value.insert(key, value[rng.randrange(len(value))])
        else:
            value[key] = _changed_part(value[key], rng)
        return value
    if rng.random() < 0.05:
        for _ in range(rng.choice((5, 60, 70, 2000))):
            value = [value]
        return value
    if type(value) in (int, float) and abs(value) < 1e300 and rng.random() < 0.5:
        return rng.choice((value + 1, value - 1, -value, value * 1000, value / 3, str(value), float(value)))
    return deepcopy(rng.choice(VALUES))


def json_bytes(value: Any) -> bytes:
    """JSON text, of values that are nested deeper than Python's writer goes, too."""
    try:
        return json.dumps(value).encode()
    except (RecursionError, ValueError):
        depth = 0
        while isinstance(value, list) and len(value) == 1:
            value, depth = value[0], depth + 1
        return b"[" * max(depth, 100_000) + b"]" * max(depth, 100_000)


def _place(content: Sequence[Any], rng: Random) -> tuple[int, int]:
    """A span, short more often than long; both ends of a file are hit more often than chance would."""
    size = min(len(content), rng.choice((1, 1, 2, 4, 8, 64, 1000, len(content) // 3 + 1)))
    start = rng.choice((rng.randrange(len(content) - size + 1), rng.randrange(min(64, len(content) - size + 1))))
    return (start, start + size) if rng.random() < 0.8 else (len(content) - size, len(content))


def _spot(change: Callable[[bytearray, int, int, Random], Any]) -> Callable[[bytes, Random], bytes]:
    def apply(content: bytes, rng: Random) -> bytes:
        if not content:
            return bytes(rng.choices(BYTES, k=5))
        buffer = bytearray(content)
        change(buffer, *_place(content, rng), rng)
        return bytes(buffer)

    return apply


def _flip(buffer: bytearray, start: int, _: int, rng: Random) -> None:
    buffer[start] ^= 1 << rng.randrange(8)


def _set(buffer: bytearray, start: int, end: int, rng: Random) -> None:
    buffer[start:end] = bytes([rng.choice(BYTES)]) * (end - start)


def _random(buffer: bytearray, start: int, end: int, rng: Random) -> None:
    buffer[start:end] = rng.randbytes(end - start)


def _remove(buffer: bytearray, start: int, end: int, _: Random) -> None:
    del buffer[start:end]


def _insert(buffer: bytearray, start: int, end: int, rng: Random) -> None:
    buffer[start:start] = rng.randbytes(end - start)


def _repeat(buffer: bytearray, start: int, end: int, rng: Random) -> None:
    buffer[start:end] = buffer[start:end] * rng.choice((2, 3, 100, 2000))


def _move(buffer: bytearray, start: int, end: int, rng: Random) -> None:
    piece = bytes(buffer[start:end])
    del buffer[start:end]
    at = rng.randrange(len(buffer) + 1)
    buffer[at:at] = piece


def _cut(buffer: bytearray, start: int, _: int, __: Random) -> None:
    del buffer[start:]


def _size(buffer: bytearray, start: int, _: int, rng: Random) -> None:
    width = rng.choice((1, 2, 4, 8))
    number = (rng.choice(SIZES) + rng.choice((-1, 0, 0, 1))) % 256**width
    buffer[start : start + width] = number.to_bytes(width, rng.choice(("little", "big")))


BYTE_DAMAGE = [_spot(change) for change in (_flip, _flip, _set, _random, _remove, _insert, _repeat, _move, _cut, _size)]


def _word(text: str, rng: Random) -> str:
    """A word between separators becomes another."""
    ends = [i for i, character in enumerate(text) if character in ' ,;\t\n="[]{}:']
    if len(ends) < 2:
        return rng.choice(WORDS)
    i = rng.randrange(len(ends) - 1)
    return text[: ends[i] + 1] + rng.choice((*WORDS, *NUMBERS, *NUMBERS)) + text[ends[i + 1] :]


def _line(text: str, rng: Random) -> str:
    lines = text.split("\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    action = rng.randrange(5)
    if action == 0:
        del lines[i]
    elif action == 1:
        lines.insert(j, lines[i])
    elif action == 2:
        lines[i : i + 1] = [lines[i]] * rng.choice((2, 50))
    elif action == 3:
        lines[i] = lines[i] * rng.choice((2, 500))
    else:
        lines.insert(i, rng.choice(WORDS))
    return "\n".join(lines)


def _character(text: str, rng: Random) -> str:
    i = rng.randrange(len(text) + 1)
    return text[:i] + rng.choice("\",;\t\n\r\\'{}[]=:#\x00é") + text[i + rng.randrange(2) :]


TEXT_DAMAGE = (_word, _word, _word, _line, _character)
