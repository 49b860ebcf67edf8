"""Killed at any moment and resumed, a run ends as if it had never been killed; Ctrl-C says how to resume."""

import shlex

import pytest

from soak.soak_kills import left

WORDS = "train digits --hidden 32 --batch-size 32 --steps 12000 --seeds 2 --out run --quiet"
# Killed by a signal just before the n-th rename of such a name in a process. Every file and folder of a run gets its
# name by one.
MOMENTS = [
    ("run.json", 1),  # an empty folder, but for a temporary file
    (".safetensors", 3),  # in the middle of training
    ("run/model", 1),  # the temporary files of a model that has no name yet
    ("results.json", 1),  # everything there but the mark that it is complete
]


@pytest.fixture(scope="module")
def uninterrupted(forks, tmp_path_factory):
    """The files of a run that nobody disturbed."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    assert forks.run(folder, WORDS.split()) == 0, (folder / "log").read_text()
    return contents(folder / "run")


def contents(run):
    """Every file but those that tell the time."""
    files = {path.relative_to(run): path.read_bytes() for path in run.rglob("*") if path.is_file()}
    return {str(path): content for path, content in files.items() if path.name not in ("run.json", "report.html")}


def test_killed_and_resumed_is_bit_identical(forks, uninterrupted, tmp_path):
    """Killed at one moment, resumed until the next one, and so on."""
    for name, number in MOMENTS:
        killed = forks.finished(tmp_path, [*WORDS.split(), "--resume"], moment=name, count=number)
        assert killed.code == -9, (name, killed.err)
        assert not (tmp_path / "run/results.json").exists()
    resumed = forks.finished(tmp_path, [*WORDS.split(), "--resume"])
    assert resumed.code == 0, resumed.err
    left = contents(tmp_path / "run")
    assert sorted(left) == sorted(uninterrupted)
    assert [file for file in left if left[file] != uninterrupted[file]] == []
    assert {path.name for path in (tmp_path / "run").iterdir()} == {
        "model",
        "recipe.toml",
        "report.html",
        "results.json",
        "run.json",
        "trace.parquet",
    }


def test_ctrl_c_keeps_the_work_and_says_how_to_go_on(forks, uninterrupted, tmp_path):
    stopped = forks.finished(tmp_path, WORDS.split(), moment=".safetensors", count=2, signal="SIGINT")
    assert (stopped.code, stopped.out, stopped.err.count("\n")) == (130, "", 1), stopped.err
    assert list((tmp_path / "run/checkpoints").iterdir())
    command = shlex.split(stopped.err.split("resume with: ")[1])
    assert command == ["trainwell", *WORDS.split(), "--resume"]
    assert forks.run(tmp_path, command[1:]) == 0
    assert contents(tmp_path / "run") == uninterrupted


COMPARE = "compare iris --vary optimizer=sgd,momentum --hidden none --epochs 2 --trials 2 --rounds 1 --seeds 2"


def test_a_comparison_that_was_killed_is_resumed(cli, forks, tmp_path):
    words = [*COMPARE.split(), "--candidates", "1", "--quiet", "--out"]
    assert cli(*words, "whole").code == 0
    killed = forks.finished(tmp_path, [*words, "run"], moment="seeds-", count=1)
    assert killed.code == -9, killed.err
    resumed = cli(*words, "run", "--resume")
    assert resumed.code == 0, resumed.err
    assert left(tmp_path / "run") == left(tmp_path / "whole")


def test_resuming_what_never_began_starts_it(cli, tmp_path):
    done = cli("train", "iris", "--epochs", "1", "--seeds", "1", "--out", "run", "--resume")
    assert done.code == 0
    assert done.err == "note: run had nothing to resume: training from the start\n"
    assert (tmp_path / "run/results.json").exists()
