"""A few damaged inputs of every kind; `python tests/fuzz/run.py` tries thousands."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from fuzz.guards import Problem, Server, _refused, prepare
from fuzz.kinds import KINDS, runs
from fuzz.mutations import changed_json, changed_text, damaged, json_bytes

INPUTS = {
    "csv": 30,
    "parquet": 30,
    "npz": 30,
    "idx": 15,
    "recipe": 40,
    "space": 30,
    "model": 20,
    "edited-model": 20,
    "train-run": 8,
    "tune-run": 8,
    "compare-run": 8,
}


@pytest.fixture(scope="module")
def server(forks: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("fuzz")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(runs, "forks", lambda: forks)  # those of the other tests, in place of another server's
        for kind in KINDS.values():
            if isinstance(kind, runs.Runs):
                prepare(kind, root)
    running = Server(KINDS, root)
    yield running
    running.close()


@pytest.mark.parametrize("kind", INPUTS)
def test_damaged_inputs_are_refused_in_a_line_or_read_right(server: Server, kind: str) -> None:
    outcomes = [server.try_one(kind, 0, index) for index in range(INPUTS[kind])]
    assert [f"--only {i}: {outcome.why}" for i, outcome in enumerate(outcomes) if outcome.verdict == "failed"] == []
    assert {outcome.verdict for outcome in outcomes} >= {"refused"}
    assert INPUTS.keys() == KINDS.keys()


def test_the_same_seed_makes_the_same_damage() -> None:
    content = bytes(range(256)) * 4
    for seed in range(50):
        assert damaged(content, Random(seed)) == damaged(content, Random(seed))
        assert changed_text("a = 1\nb = 2", Random(seed)) == changed_text("a = 1\nb = 2", Random(seed))
        assert len({json_bytes(changed_json({"a": [1, 2.5]}, Random(seed))) for _ in range(3)}) == 1
    assert len({damaged(content, Random(seed)) for seed in range(50)}) > 45


@pytest.mark.parametrize(
    ("line", "after", "why"),
    [
        ("one line", {"a": "1"}, ""),
        ("two\nlines", {"a": "1"}, "not one line"),
        ("", {"a": "1"}, "not one line"),
        ("x" * 2000, {"a": "1"}, "a line of 2000 characters"),
        ("one line", {"a": "2"}, "wrote a although it refused"),
        ("one line", {"a": "1", "b": ""}, "wrote b although it refused"),
        ("one line", {}, "wrote a although it refused"),
    ],
)
def test_a_refusal_is_one_line_and_writes_nothing(line: str, after: dict[str, str], why: str) -> None:
    outcome = _refused(line, {"a": "1"}, after)
    assert (outcome.verdict == "failed") == bool(why)
    assert why in outcome.why


WAYS = ("problem", "crash", "eat", "die", "sleep")


class Sleeper:
    name, seconds = "sleeper", 60.0

    def prepare(self, corpus) -> None:
        pass

    def build(self, corpus, folder, rng) -> None:
        (folder / "what").write_text(rng.choice(WAYS))

    def check(self, corpus, folder) -> None:
        import os
        import time

        what = (folder / "what").read_text()
        if what == "sleep":
            time.sleep(60)
        elif what == "die":
            os._exit(3)
        elif what == "eat":
            bytearray(os.urandom(1 << 20) * 450)
        elif what == "crash":
            raise BaseException("as a panic is")
        raise Problem("wrong")


def test_hangs_deaths_and_large_memory_are_failures(tmp_path) -> None:
    sleeper = Sleeper()
    server = Server({"sleeper": sleeper}, tmp_path, memory=400 << 20)
    drawn = [Random(f"sleeper/0/{index}").choice(WAYS) for index in range(60)]  # as the server's process draws
    found = {}
    for what in WAYS:
        index = drawn.index(what)
        sleeper.seconds = 0.5 if what == "sleep" else 60.0
        outcome = server.try_one("sleeper", 0, index)
        found[(tmp_path / "inputs" / f"sleeper-0-{index}" / "what").read_text()] = outcome
    server.close()
    assert found.keys() == set(WAYS)
    assert {outcome.verdict for outcome in found.values()} == {"failed"}
    whys = {what: outcome.why for what, outcome in found.items()}
    assert whys["sleep"] == "over 0.5 s"
    assert whys["die"] == "the process died"
    assert whys["eat"].startswith("took 0.")
    assert whys["crash"].startswith("BaseException: as a panic is (")
    assert whys["problem"] == "wrong"
