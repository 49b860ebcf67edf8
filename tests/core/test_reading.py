"""Files that may be damaged or hostile: read as the parsers read them, or refused in a line, at once."""

import json
import os
from pathlib import Path

import pytest

from trainwell.core import parse_json, parse_toml, read_bytes, read_checked, read_json, write_checked
from trainwell.core.files import MAX_DEPTH


def test_json_and_toml_are_read() -> None:
    value = {"a": ["]" * 500, {"b": 'x"[[['}], "c": 1.5}
    assert parse_json(json.dumps(value).encode()) == value
    assert parse_toml(b"a = [[1, 2], [3]]\nb.c = '[[['\nd = '''[\n'''") == {
        "a": [[1, 2], [3]],
        "b": {"c": "[[["},
        "d": "[\n",
    }


@pytest.mark.parametrize("depth", [MAX_DEPTH + 1, 10_000, 200_000])
def test_what_is_nested_too_deep_is_refused(depth: int) -> None:
    for text in (b"[" * depth + b"]" * depth, b'{"a":' * depth + b"1" + b"}" * depth):
        with pytest.raises(ValueError, match="nested deeper than 64 levels"):
            parse_json(text)
    with pytest.raises(ValueError, match="nested deeper than 64 levels"):
        parse_toml(b"a = " + b"[" * depth + b"]" * depth)


@pytest.mark.parametrize("key", ["a", '"a b"', "'c'", "a . b"])
def test_a_toml_key_of_very_many_parts_is_refused(key: str) -> None:
    long = ".".join([key] * 40_000).encode()
    for text in (long + b" = 1", b"[" + long + b"]", b"x = {" + long + b" = 1}"):
        with pytest.raises(ValueError, match="nested deeper"):
            parse_toml(text)


PIECES = ["x", '"', "'", '\\"', "a.", "a .", "..", '"a".', "[]", "'" * 3, "\\"]


@pytest.mark.parametrize("piece", PIECES)
def test_the_time_taken_grows_with_the_text_alone(piece: str) -> None:
    """Patterns that try again at every place take hours for some of these."""
    text = f"a = {piece * (400_000 // len(piece))}"
    for parse in (parse_toml, parse_json):
        with pytest.raises(ValueError, match="is "):
            parse(text.encode())


def test_points_in_a_text_make_no_key() -> None:
    assert parse_toml(b'a = "' + b"b." * 100 + b'"') == {"a": "b." * 100}


def test_the_deepest_that_is_allowed_is_read() -> None:
    assert parse_json(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH) is not None
    assert parse_toml(".".join(["a"] * MAX_DEPTH).encode() + b" = 1") is not None
    assert parse_toml(b"numbers = [" + b", ".join([b"1.5"] * 1000) + b"]")["numbers"] == [1.5] * 1000


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "not valid JSON"),
        (b"\xff", "not UTF-8 text .byte 0xff at position 0."),
        (b"[" + b"1" * 5000 + b"]", "cannot be read|can be read .Exceeds the limit"),
        (b'{"a": 1} x', "not valid JSON .Extra data, line 1, column 10."),
    ],
)
def test_json_that_is_none(content: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_json(content)


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is a pipe"):
        read_json(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is a folder"):
        read_json(tmp_path)


def test_a_large_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.truncate(1 << 40)  # a hole: no disk is used
    with pytest.raises(ValueError, match="1,099,511,627,776 bytes, more than the limit of 1,000"):
        read_bytes(path, 1000)


def test_every_single_changed_byte_is_noticed(tmp_path: Path) -> None:
    path, content = tmp_path / "state", b"\0\1 some bytes\n"
    write_checked(path, content)
    whole = path.read_bytes()
    assert read_checked(path) == content
    for position in range(len(whole)):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(ValueError, match="SHA-256 differs"):
            read_checked(path)
    other = tmp_path / "other"
    other.write_bytes(whole)
    with pytest.raises(ValueError, match="SHA-256 differs"):
        read_checked(other)
    for damaged in (b"", whole[:64], whole[:-1], whole + b" ", content):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match="SHA-256 differs"):
            read_checked(path)
