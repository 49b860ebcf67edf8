"""Two processes on one study: every trial is trained once, by one of them, and nothing is lost."""

import json
import random
from collections import Counter

import optuna
import pytest
from optuna.trial import TrialState

from trainwell.search.study.leases import WORKER
from trainwell.search.study.studies import open_storage
from trainwell.search.study.trials import OUTCOME

TRIALS = 96
WORDS = [
    *("tune", "iris", "--search", "learning_rate=1e-3..1:log", "--search", "momentum=0.5..0.95"),
    *("--optimizer", "momentum", "--hidden", "8", "--batch-size", "32", "--epochs", "3", "--folds", "1"),
    *("--out", "run", "--quiet", "--study", "shared"),
]


def asked(storage, trials, rounds, *more):
    return [*WORDS, "--storage", storage, "--trials", str(trials), "--rounds", str(rounds), *more]


def checked(storage, trials, workers=2):
    """Every number once, every trial ended with what came of it; returns how many trials each worker trained."""
    study = optuna.load_study(study_name="shared", storage=open_storage(storage))
    assert [trial.number for trial in study.trials] == list(range(len(study.trials)))
    trained = [trial for trial in study.trials if OUTCOME in trial.user_attrs]
    assert len(trained) == len({tuple(trial.params.items()) for trial in trained}) == trials
    assert {trial.state for trial in trained} <= {TrialState.COMPLETE, TrialState.PRUNED}
    others = [trial for trial in study.trials if OUTCOME not in trial.user_attrs]
    assert {trial.state for trial in others} <= {TrialState.FAIL}
    surplus = [trial for trial in others if not trial.params]  # one per process at most: both had seen the last but one
    assert len(surplus) <= workers - 1
    return Counter(trial.user_attrs[WORKER] for trial in trained)


def both_end(forks, more_forks, folders):
    for process, folder in zip((forks, more_forks), folders, strict=True):
        assert process.wait() == 0, (folder / "log").read_text()
        log = (folder / "log").read_text()
        assert log == "" or "warning" not in log.lower(), log
        results = json.loads((folder / "run/results.json").read_text())
        assert results["model"]["num_networks"] >= 1
    return [json.loads((folder / "run/results.json").read_text())["trials"]["total"] for folder in folders]


def started(forks, more_forks, tmp_path, words):
    folders = tmp_path / "one", tmp_path / "two"
    for process, folder in zip((forks, more_forks), folders, strict=True):
        process.start(folder, words)
    return folders


def ended_once(journal):
    """Of every trial of a journal, how often its state became final."""
    entries = [json.loads(line) for line in journal.read_text().splitlines()]
    ends = [e["trial_id"] for e in entries if e["op_code"] == 6 and TrialState(e["state"]).is_finished()]
    return set(Counter(ends).values()) == {1}


def test_two_processes_on_one_journal_file(forks, more_forks, tmp_path):
    journal = tmp_path / "study.journal"
    folders = started(forks, more_forks, tmp_path, asked(str(journal), TRIALS, 6))
    assert both_end(forks, more_forks, folders) == [TRIALS] * 2  # who was ready first waited for the other
    assert len(checked(journal, TRIALS)) == 2
    assert ended_once(journal)


def test_two_processes_on_a_postgresql_server(forks, more_forks, tmp_path, postgres):
    folders = started(
        forks, more_forks, tmp_path, asked(postgres, 48, 6)
    )  # slower than a file: both take part in fewer
    assert both_end(forks, more_forks, folders) == [48, 48]
    assert len(checked(postgres, 48)) == 2


def test_two_processes_on_one_sqlite_file(forks, more_forks, tmp_path):
    address = f"sqlite:///{tmp_path / 'trials.db'}"
    folders = started(forks, more_forks, tmp_path, asked(address, 24, 4))
    assert both_end(forks, more_forks, folders) == [24, 24]
    assert sum(checked(address, 24).values()) == 24


@pytest.mark.parametrize("kind", ["journal", "postgres"])
def test_one_of_two_is_killed_again_and_again_and_resumes(forks, more_forks, tmp_path, kind, request):
    storage = str(tmp_path / "study.journal") if kind == "journal" else request.getfixturevalue("postgres")
    words = [*asked(storage, 48, 6, "--sampler", "random")]
    words[words.index("shared")] = f"shared-{kind}"
    moments = random.Random(1)  # noqa: S311  # moments to kill at, not secrets
    folders = tmp_path / "one", tmp_path / "two"
    forks.start(folders[0], words)
    for _ in range(3):
        more = ["--resume"] if (folders[1] / "run").exists() else []
        if more_forks.run(folders[1], words + more, after=moments.uniform(0.3, 1.2)) == 0:
            break
    more_forks.start(folders[1], [*words, "--resume"])
    both_end(forks, more_forks, folders)
    study = optuna.load_study(study_name=f"shared-{kind}", storage=open_storage(storage))
    trained = [trial.number for trial in study.trials if OUTCOME in trial.user_attrs]
    assert len(trained) == 48
    assert all(trial.state.is_finished() for trial in study.trials)
