"""Killed at any moment and resumed, a search ends with the trials and the model of one that was left alone."""

import json
import random
import shlex
import time

import optuna
import polars as pl
import pytest
from optuna.trial import TrialState

from trainwell.search.study.journal import JournalFile

WORDS = (  # noqa: SIM905  # as one types it
    "tune iris --search learning_rate=1e-3..1:log --search momentum=0.5..0.95 --optimizer momentum --hidden 8 "
    "--batch-size 8 --epochs 60 --trials 14 --rounds 4 --folds 1 --out run --quiet"
).split()
KILLS = 3  # `make soak` has 20
# Moment and its how-manieth in the process that is killed then. A run is killed at all moments of a line, one after the
# other, and resumed in between. Trials are 4 to a round; a new journal has 2 lines before the first trial, 3 per trial
# asked, up to 4 per trial told.
KILLED = {
    "the journal": [
        ("writing a line", 1),
        ("writing a line", 2),
        ("suggesting", 3),
        ("beginning a batch", 1),
        ("writing a line", 24),
    ],
    "a batch": [
        ("training", 5),
        ("telling", 2),
        ("within a tell", 7),
        ("ending a batch", 2),
        ("keeping networks", 1),
    ],
    "the end": [("refitting", 4), ("saving the model", 1), ("writing results", 1)],
}
STOPPED = [("suggesting", 3), ("training", 5), ("telling", 2), ("within a tell", 7), ("refitting", 4)]


@pytest.fixture(scope="module")
def whole(forks, tmp_path_factory):
    """What a run that nobody disturbed left, how long it took, and where; the same again in another folder."""
    found = []
    for name in ("first", "second"):  # the first one fills the cache of programs
        folder, started = tmp_path_factory.mktemp(name), time.monotonic()
        assert forks.run(folder, WORDS) == 0, log(folder)
        seconds = time.monotonic() - started
        found.append(left(folder))
    assert repr(found[0]) == repr(found[1])
    return found[1], seconds, folder


def log(folder):
    return (folder / "log").read_text()


def resumed(begun):
    """The words of a process that goes on with what another had begun."""
    return [*WORDS, "--resume"] if begun else WORDS


def left(folder):
    """All that a run comes to, but for times; checks on the way that every trial ended once."""
    run = folder / "run"
    entries = [json.loads(line) for line in (run / "study.journal").read_text().splitlines()]
    ended = [
        entry["trial_id"] for entry in entries if entry["op_code"] == 6 and TrialState(entry["state"]).is_finished()
    ]
    assert sorted(ended) == list(range(14))
    assert sum(entry["op_code"] == 4 for entry in entries) == 14
    storage = optuna.storages.JournalStorage(JournalFile(run / "study.journal"))
    study = optuna.load_study(study_name="trainwell-iris", storage=storage)
    trials = [
        (t.number, t.params, t.state, t.values, t.intermediate_values, t.user_attrs, t.distributions)
        for t in study.trials
    ]
    results = json.loads((run / "results.json").read_text())
    model = {path.name: path.read_bytes() for path in (run / "model").iterdir()}
    names = sorted(path.name for path in run.iterdir())
    return {
        "trials": trials,
        "results": {name: value for name, value in results.items() if "seconds" not in name},
        "model": model,
        "recipe": (run / "recipe.toml").read_bytes(),
        "table": pl.read_parquet(run / "trials.parquet").to_dict(as_series=False),
        "names": names,
    }


def same(folder, expected):
    found = left(folder)
    assert [part for part in expected if repr(found[part]) != repr(expected[part])] == []


def test_the_run_itself_is_what_it_should_be(whole):
    found, _, _ = whole
    assert [trial[0] for trial in found["trials"]] == list(range(14))
    states = [trial[2] for trial in found["trials"]]
    assert states.count(TrialState.COMPLETE) + states.count(TrialState.PRUNED) == 14
    assert states.count(TrialState.PRUNED) >= 4
    assert found["names"] == [
        "model",
        "recipe.toml",
        "report.html",
        "results.json",
        "run.json",
        "space.toml",
        "study.journal",
        "trials.parquet",
    ]


def test_killed_at_random_moments(forks, whole, tmp_path):
    expected, seconds, _ = whole
    moments = random.Random(0)  # noqa: S311  # moments to kill at, not secrets
    folder, kills, in_search, finished = tmp_path / "killed-0", 0, 0, 0
    while kills < KILLS or in_search < KILLS // 2:  # kills outside of the search prove nothing about it
        assert kills + finished < 8 * KILLS
        more = ["--resume", "--jobs", str(1 + kills % 2)] if (folder / "run").exists() else []
        code = forks.run(folder, WORDS + more, after=moments.uniform(0.02, 0.7) * seconds)
        if code == -9:
            kills += 1
            if not (folder / "run/results.json").exists():
                begun = (folder / "run/study.journal").exists()
                in_search, seconds = in_search + begun, seconds * (1 if begun else 1.2)  # the machine's speed varies
                continue
            code = forks.run(folder, [*WORDS, "--resume"])  # only the page was left to make: begin another search
        assert code == 0, log(folder)
        same(folder, expected)
        finished, seconds = finished + 1, 0.8 * seconds
        folder = tmp_path / f"killed-{finished}"
    assert forks.run(folder, [*WORDS, "--resume"]) == 0, log(folder)
    same(folder, expected)


@pytest.mark.parametrize("moments", KILLED.values(), ids=KILLED)
def test_killed_at_the_worst_moments(forks, whole, tmp_path, moments):
    for begun, (moment, count) in enumerate([*moments, (None, 0)]):
        started = time.monotonic()
        code = forks.run(tmp_path, resumed(begun), moment=moment, count=count)
        assert code == (-9 if moment else 0), (moment, log(tmp_path))
        assert time.monotonic() - started < 25  # a lock that a killed process left is not waited for
        assert (tmp_path / "run/results.json").exists() == (moment is None)
    same(tmp_path, whole[0])


def test_ctrl_c_keeps_all_and_says_how_to_go_on(forks, whole, tmp_path):
    for begun, (moment, count) in enumerate(STOPPED):
        stopped = forks.finished(tmp_path, resumed(begun), moment=moment, count=count, signal="SIGINT")
        assert (stopped.code, stopped.err.count("\n")) == (130, 1), (moment, stopped.err)
        assert shlex.split(stopped.err.split("resume with: ")[1]) == ["trainwell", *WORDS, "--resume"]
    assert forks.run(tmp_path, resumed(True)) == 0, log(tmp_path)
    same(tmp_path, whole[0])


def test_what_is_complete_is_not_done_again(forks, whole):
    expected, _, folder = whole
    before = {path: path.read_bytes() for path in folder.glob("run/*") if path.is_file()}
    assert forks.run(folder, [*WORDS, "--resume", "--json"]) == 0
    assert {path: path.read_bytes() for path in before} == before
    same(folder, expected)
