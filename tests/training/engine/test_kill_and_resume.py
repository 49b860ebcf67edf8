"""Killed at random moments and resumed, a run ends at the same bits as one that was left alone."""

import os
import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

from trainwell.core import sha256
from trainwell.data import load_data
from trainwell.training import Recipe, Trained, train

SCRIPT = Path(__file__).with_name("killable.py").read_text()
KILLS = 4  # `make soak` kills `train` at random 20 times


def test_killed_again_and_again_the_result_is_bit_identical(forks: Any, tmp_path: Path) -> None:
    def run(name: str, **how: Any) -> tuple[int, Path]:
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        return forks.finished(folder, (), code=SCRIPT, **how).code, folder

    code, folder = run("whole")
    assert code == 0
    whole = (folder / "digest").read_text()
    moments = random.Random(0)  # noqa: S311  # moments to kill at, not secrets
    name, kills, killed_in_training = "killed", 0, 0
    while kills < KILLS:
        before = states(tmp_path / name)
        # Every other one while it trains, the rest at any moment from the process's start on.
        how = {"once": "members-*", "after": moments.uniform(0, 0.2)} if kills % 2 else {"after": moments.uniform(0, 1)}
        code, folder = run(name, **how)
        if code == 0:  # resumed to its end: check it, and begin again
            assert (folder / "digest").read_text() == whole
            name = f"killed-{len(list(tmp_path.iterdir()))}"
            continue
        assert code == -9
        kills += 1
        killed_in_training += states(folder) != before
    code, folder = run(name)
    assert code == 0
    assert (folder / "digest").read_text() == whole
    assert killed_in_training >= KILLS // 4  # otherwise the kills fell outside of training and proved nothing


def states(folder: Path) -> dict[str, int]:
    """The checkpoints and when each was written."""
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("members-*")}


RECIPE = Recipe(hidden=(4,), epochs=2)


def bits(trained: Trained) -> list[bytes]:
    return [np.ascontiguousarray(leaf).tobytes() for leaf in jax.tree.leaves((trained.params, trained.trace.values))]


@pytest.fixture(scope="module")
def right() -> list[bytes]:
    return bits(train(load_data("iris"), RECIPE, seeds=(0, 1)))


def flipped(content: bytes, place: float) -> bytes:
    """One bit of it is another."""
    at = int(place * (len(content) - 1))
    return content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :]


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "truncated": lambda content: content[:-1],
    "cut early": lambda content: content[:100],
    "longer": lambda content: content + b"0",
    "no checkpoint": lambda content: b"hello",
    "its checksum taken off, as older versions wrote it": lambda content: content[65:],
    "another file with a checksum": lambda content: sha256(b"{}").encode() + b"\n{}",
    "another file with a checksum and a header": lambda content: (
        sha256(b"\x02\0\0\0\0\0\0\0{}").encode() + b"\n\x02\0\0\0\0\0\0\0{}"
    ),
    **{f"a bit flipped at {place}": partial(flipped, place=place) for place in (0, 0.1, 0.3, 0.5, 0.7, 0.9, 0.95, 1)},
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_checkpoint_is_said_and_never_used(
    damage: Callable[[bytes], bytes], tmp_path: Path, right: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    train(load_data("iris"), RECIPE, seeds=(0, 1), checkpoints=tmp_path)
    first = min(tmp_path.iterdir())
    first.write_bytes(damage(first.read_bytes()))
    assert bits(train(load_data("iris"), RECIPE, seeds=(0, 1), checkpoints=tmp_path)) == right
    (said,) = [record.getMessage() for record in caplog.records]
    assert said.startswith(f"{first} ")
    assert said.endswith(": it is ignored, its members are trained from the start")
    assert "\n" not in said
    caplog.clear()
    assert (
        bits(train(load_data("iris"), RECIPE, seeds=(0, 1), checkpoints=tmp_path)) == right
    )  # replaced by a whole one
    assert not caplog.records


@pytest.mark.parametrize(
    ("recipe", "seeds", "dataset", "differs"),
    [
        (RECIPE, (1, 0), "iris", "seed was 0 then and is 1 now"),
        (RECIPE.evolve(learning_rate=0.01), (0, 1), "iris", "learning_rate was unset then and is 0.01 now"),
        (RECIPE.evolve(hidden=(5,)), (0, 1), "iris", "hidden was 4 then and is 5 now"),
        (RECIPE, (0, 1), "wine", "the data, or how they are split, are not the same"),
    ],
)
def test_a_checkpoint_of_another_run_is_said_and_never_used(
    recipe: Recipe,
    seeds: tuple[int, ...],
    dataset: str,
    differs: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    train(load_data("iris"), RECIPE, seeds=(0, 1), checkpoints=tmp_path)
    resumed = train(load_data(dataset), recipe, seeds, checkpoints=tmp_path)
    assert f"belongs to another run ({differs}): it is ignored" in caplog.text  # two threads warn, in either order
    assert bits(resumed) == bits(train(load_data(dataset), recipe, seeds))


def test_a_checkpoint_from_other_initial_weights_is_not_used(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    other = train(load_data("iris"), RECIPE, seeds=(5,))
    train(load_data("iris"), RECIPE, checkpoints=tmp_path)
    initial = (other.params[0], other.states[0])
    resumed = train(load_data("iris"), RECIPE, initial=initial, checkpoints=tmp_path)
    assert "initial weights" in caplog.text
    assert bits(resumed) == bits(train(load_data("iris"), RECIPE, initial=initial))


@pytest.mark.parametrize(("put", "why"), [(os.mkfifo, "is a pipe or a device"), (os.mkdir, "is a folder")])
def test_a_pipe_or_a_folder_in_place_of_a_checkpoint_is_not_waited_for(
    put: Callable[[Path], None], why: str, tmp_path: Path, right: list[bytes], caplog: pytest.LogCaptureFixture
) -> None:
    put(tmp_path / "members-00000-00000-1.safetensors")
    assert bits(train(load_data("iris"), RECIPE, seeds=(0, 1), checkpoints=tmp_path)) == right
    assert why in caplog.text


def test_finished_members_are_read_back_not_trained_again(tmp_path: Path) -> None:
    recipe = Recipe(hidden=(4,), epochs=1)
    first = train(load_data("iris"), recipe, checkpoints=tmp_path)
    before = next(tmp_path.iterdir()).stat().st_mtime_ns
    again = train(load_data("iris"), recipe, checkpoints=tmp_path)
    assert next(tmp_path.iterdir()).stat().st_mtime_ns == before
    assert (again.params[0][0]["weights"] == first.params[0][0]["weights"]).all()
