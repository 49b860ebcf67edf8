"""Repeated kills, and everything that the operating system may refuse: what is resumed ends as if left alone.

`make soak` runs it, `make test` does not: its tests keep one kill per command and moment.
"""

import json
import os
import random
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from forks import Forks

KILLS = 20  # of each command on each data, half of them at random times and half just before a file gets its name
REFUSALS = {"ENOSPC": 4, "EROFS": 1, "EDQUOT": 1, "EFBIG": 1, "EACCES": 1, "EIO": 1, "REMOVED": 2}
COMMANDS = {
    "train": "train {} --hidden 16 --batch-size 8 --steps 20000 --seeds 3",
    "tune": "tune {} --search learning_rate=1e-3..1:log --search momentum=0.5..0.95 --optimizer momentum --hidden 8 "
    "--batch-size 8 --epochs 40 --trials 12 --rounds 3 --folds 1",
    "compare": "compare {} --vary optimizer=sgd,momentum --hidden 8 --batch-size 8 --epochs 40 --trials 6 "
    "--rounds 2 --most-seeds 6 --candidates 2",
}
DATA = {"built-in": "iris", "csv": "data.csv --target y"}
CASES = [(command, data) for command in COMMANDS for data in DATA]
NEVER_THE_SAME = ("run.json", "report.html", "study.journal")  # when, how long, and by which process
PROGRAM = "import sys; from trainwell.cli.app import main; sys.exit(main())"


@pytest.fixture(scope="module")
def forks():
    with Forks() as process:
        yield process


def words(command, data):
    return [*COMMANDS[command].format(DATA[data]).split(), "--out", "run", "--quiet"]


def made(folder):
    """A folder with a table of numbers and categories, some of them missing."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = random.Random(0)  # noqa: S311  # a table, not secrets
    rows = []
    for _ in range(240):
        colour, size = draw.choice(["red", "green", "blue", ""]), draw.gauss(0, 1)
        answer = "yes" if size + (colour == "red") + draw.gauss(0, 0.5) > 0 else "no"
        rows.append(f"{colour},{size:.6f},{draw.choice('abcd')},{answer}\n")
    (folder / "data.csv").write_text("colour,size,letter,y\n" + "".join(rows))
    return folder


def left(run):
    """All that a run comes to, but for times."""
    files = [path for path in sorted(run.rglob("*")) if path.is_file() and path.name not in NEVER_THE_SAME]
    assert not [path for path in files if path.name.startswith(".")]
    return {str(path.relative_to(run)): content(path) for path in files}


def content(path):
    if path.suffix in (".parquet", ".csv"):
        table = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
        return repr(table.select(name for name in table.columns if "seconds" not in name).to_dict(as_series=False))
    return timeless(json.loads(path.read_bytes())) if path.suffix == ".json" else path.read_bytes()


def timeless(value):
    if isinstance(value, dict):
        return {name: timeless(one) for name, one in value.items() if "seconds" not in name}
    return [timeless(one) for one in value] if isinstance(value, list) else value


def same(folder, expected):
    found = left(folder / "run")
    assert sorted(found) == sorted(expected)
    assert [name for name in found if found[name] != expected[name]] == []


@pytest.fixture(scope="module")
def undisturbed(forks, tmp_path_factory):
    """By command and data: what a run comes to, how long it takes, and how many files it gives their names."""

    @cache
    def of(command, data):
        for name in ("first", "second"):  # the first one fills the cache of programs
            folder, started = made(tmp_path_factory.mktemp(name)), time.monotonic()
            assert forks.run(folder, words(command, data)) == 0, (folder / "log").read_text()
        seconds, files = time.monotonic() - started, 1
        counted = made(tmp_path_factory.mktemp("counted"))
        assert forks.run(counted, words(command, data), moment="any file", count=0, signal="COUNT") == 0
        files = int((counted / "count").read_text())
        return left(folder / "run"), seconds, files

    return of


@pytest.mark.parametrize(("command", "data"), CASES)
def test_killed_at_random_times(forks, undisturbed, tmp_path, command, data):
    expected, seconds, _ = undisturbed(command, data)
    times, kills, finished = random.Random(command), 0, 0  # noqa: S311  # moments to kill at, not secrets
    folder = made(tmp_path / "0")
    while kills < KILLS // 2:
        code = forks.run(folder, [*words(command, data), "--resume"], after=times.uniform(0.02, 0.9) * seconds)
        if code == -9:
            kills += 1
        else:
            assert code == 0, (folder / "log").read_text()
            same(folder, expected)
            finished += 1
            folder = made(tmp_path / str(finished))
    assert forks.run(folder, [*words(command, data), "--resume"]) == 0, (folder / "log").read_text()
    same(folder, expected)


@pytest.mark.parametrize(("command", "data"), CASES)
def test_killed_before_a_file_gets_its_name(forks, undisturbed, tmp_path, command, data):
    expected, _, files = undisturbed(command, data)
    for place in spread(files, KILLS // 2):
        folder = made(tmp_path / str(place))
        assert forks.run(folder, words(command, data), moment="any file", count=place) == -9, place
        assert forks.run(folder, [*words(command, data), "--resume"]) == 0, (folder / "log").read_text()
        same(folder, expected)


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("command", COMMANDS)
def test_what_the_system_refuses_is_a_line_and_made_up_for(forks, undisturbed, tmp_path, command, refusal):
    expected, _, files = undisturbed(command, "csv")
    for place in spread(files, REFUSALS[refusal]):
        folder = made(tmp_path / str(place))
        code = forks.run(folder, words(command, "csv"), moment="any file", count=place, signal=refusal)
        said = (folder / "log").read_text()
        assert (code, said.count("\n"), said[:18]) == (2, 1, "trainwell: error: "), (place, said)
        assert forks.run(folder, [*words(command, "csv"), "--resume"]) == 0, (folder / "log").read_text()
        same(folder, expected)


def spread(files, count):
    """Places among a run's files, the first and the last one among them if there are several."""
    return [files] if count == 1 else sorted({1 + round(i * (files - 1) / (count - 1)) for i in range(count)})


@pytest.mark.parametrize("stdout", ["full", "closed"])
@pytest.mark.parametrize("command", COMMANDS)
def test_stdout_that_takes_nothing_costs_the_printing_only(undisturbed, forks, tmp_path, command, stdout):
    folder, redirected = made(tmp_path / "0"), {"full": ">/dev/full", "closed": ">&-"}[stdout]
    line = f'"{sys.executable}" -c "{PROGRAM}" {" ".join(words(command, "csv"))} {redirected}'
    done = subprocess.run(["/bin/sh", "-c", line], cwd=folder, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert "stdout cannot be written" in done.stderr
    same(folder, undisturbed(command, "csv")[0])
    assert forks.run(folder, [*words(command, "csv"), "--resume"]) == 0
    assert "run/report.html" in (folder / "log").read_text()


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("kilobytes", [16, 128])
def test_a_disk_that_is_really_full(forks, undisturbed, tmp_path, command, kilobytes):
    disk = tmp_path / "disk"
    disk.mkdir()
    if os.geteuid() != 0 or mounted("mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "none", disk) != 0:
        pytest.skip("needs leave to mount a small disk; test_what_the_system_refuses covers the errors")
    try:
        folder = made(tmp_path / "0")
        (folder / "run").symlink_to(disk / "run")
        (disk / "run").mkdir()
        code = forks.run(folder, [*words(command, "csv"), "--resume"])
        said = (folder / "log").read_text()
        assert (code, said.count("\n")) == (2, 1), said
        assert "no space left on device: make room on that disk" in said
        assert mounted("mount", "-o", "remount,size=64m", disk) == 0
        assert forks.run(folder, [*words(command, "csv"), "--resume"]) == 0, (folder / "log").read_text()
        same(folder, undisturbed(command, "csv")[0])
    finally:
        assert mounted("umount", disk) == 0


def mounted(program, *how):
    """The exit code of a program for mounting; 1 where there is none."""
    path = shutil.which(program)
    return 1 if path is None else subprocess.run([path, *map(str, how)], capture_output=True, check=False).returncode


def test_the_kills_are_of_runs_under_way(undisturbed):
    """Otherwise they would prove nothing."""
    for case in CASES:
        _, seconds, files = undisturbed(*case)
        assert seconds > 0.5
        assert files > KILLS // 2, case
    assert Path("/dev/full").exists()
