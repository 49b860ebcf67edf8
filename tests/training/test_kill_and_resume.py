"""Killed at random moments and resumed, a run ends at the same bits as one that was left alone."""

import contextlib
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from trainwell.core.errors import RunError
from trainwell.data import load
from trainwell.training import Recipe, train

SCRIPT = Path(__file__).with_name("killable.py")
KILLS = 12


def start(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, str(SCRIPT), str(folder)])


def test_killed_a_dozen_times_the_result_is_bit_identical(tmp_path: Path) -> None:
    assert start(tmp_path / "whole").wait(timeout=300) == 0
    whole = (tmp_path / "whole" / "digest").read_text()

    moments = random.Random(0)  # noqa: S311  # moments to kill at, not secrets
    folder, kills, killed_in_training = tmp_path / "killed", 0, 0
    while kills < KILLS:
        if (folder / "digest").exists():  # resumed to its end: check it, and begin again
            assert (folder / "digest").read_text() == whole
            folder = tmp_path / f"killed-{kills}"
        before = states(folder)
        process = start(folder)
        if kills % 2:  # every other one while it trains, the rest at any moment from the process's start on
            while states(folder) == before and process.poll() is None:
                time.sleep(0.005)
        try:
            process.wait(timeout=moments.uniform(0, 1.0 if kills % 2 else 4.0))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
            killed_in_training += states(folder) != before
    assert start(folder).wait(timeout=300) == 0
    assert (folder / "digest").read_text() == whole
    assert killed_in_training >= KILLS // 4  # otherwise the kills fell outside of training and proved nothing


def states(folder: Path) -> dict[str, int]:
    """The checkpoints and when each was written."""
    found = {}
    for path in folder.glob("members-*"):
        with contextlib.suppress(FileNotFoundError):  # replaced while we look
            found[path.name] = path.stat().st_mtime_ns
    return found


def test_a_damaged_checkpoint_is_named(tmp_path: Path) -> None:
    recipe = Recipe(hidden=(4,), epochs=1)
    train(recipe, load("iris"), checkpoints=tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(RunError, match=r"not a checkpoint of this run") as error:
        train(recipe, load("iris"), checkpoints=tmp_path)
    assert str(file) in str(error.value)
    assert "\n" not in str(error.value)


def test_a_checkpoint_of_another_network_is_refused(tmp_path: Path) -> None:
    train(Recipe(hidden=(4,), epochs=1), load("iris"), checkpoints=tmp_path)
    with pytest.raises(RunError, match="not a checkpoint of this run"):
        train(Recipe(hidden=(5,), epochs=1), load("iris"), checkpoints=tmp_path)


def test_finished_members_are_read_back_not_trained_again(tmp_path: Path) -> None:
    recipe = Recipe(hidden=(4,), epochs=1)
    first = train(recipe, load("iris"), checkpoints=tmp_path)
    before = next(tmp_path.iterdir()).stat().st_mtime_ns
    again = train(recipe, load("iris"), checkpoints=tmp_path)
    assert next(tmp_path.iterdir()).stat().st_mtime_ns == before
    assert (again.params[0][0]["weights"] == first.params[0][0]["weights"]).all()
