"""Who has nothing left to ask of a shared study waits for the others, as long as they are alive and there is time."""

from dataclasses import replace
from signal import SIGINT, raise_signal

import numpy as np
import optuna
import pytest
from optuna.exceptions import StorageInternalError
from optuna.trial import create_trial

from reference.search_results import search, tuned
from trainwell.cli.tune.results import sentences
from trainwell.core import SearchError
from trainwell.data import load_data
from trainwell.report.tuning.page import render_tune_page
from trainwell.search import Asked, Curve, Job, Plan, Request, TrialRecord, Watcher
from trainwell.search.study import leases
from trainwell.search.study.leases import OVER, WORKER, Lease, Others, lease_of
from trainwell.search.study.studies import open_storage
from trainwell.search.study.trials import Recipes, tell
from trainwell.search.tuning import tune as loop
from trainwell.training import Range, Space

SPACE = Space.of(hidden=(6,), optimizer="adam", learning_rate=Range(1e-4, 1, log=True))
PLAN = Plan(trials=6, rounds=3, folds=1)
EMPTY = Curve(np.ones(1), np.ones(1), np.ones(1))
MISSING = (
    "2 of 6 trials are missing: other processes of the study had not finished them when this one stopped waiting; "
    "once they have, run it again with another folder (--out)"
)


@pytest.fixture
def job(monkeypatch):
    """A search whose trials are not trained and that looks often."""
    monkeypatch.setattr(loop, "POLL_SECONDS", 0.01)
    monkeypatch.setattr(leases, "TIMEOUT", 0.3)
    monkeypatch.setattr(loop, "train_batch", lambda request, trials, **_: [outcome(trial) for trial in trials])
    data = load_data("iris")
    return lambda plan=PLAN, watcher=None: Job(Request.of(data, SPACE, plan), watcher=watcher)


def outcome(trial):
    return TrialRecord(trial.number, trial.values, trial.recipe, "complete", 0.5, {}, {}, EMPTY)


class Other(Watcher):
    """Another process: two trials of its own, asked for as the search begins, told at the n-th look."""

    def __init__(self, path, *, tells_at=None, sign=None):
        self.path, self.tells_at, self.sign, self.waits, self.trials = path, tells_at, sign, [], []

    def batch(self, trials, work):
        if self.trials:
            return
        self.study = optuna.load_study(study_name="trainwell", storage=open_storage(self.path))
        if self.sign is not None:
            self.study.set_user_attr(lease_of("other"), self.sign)
        for _ in range(2):
            self.study.add_trial(create_trial(state=optuna.trial.TrialState.RUNNING, user_attrs={WORKER: "other"}))
            self.trials.append(self.study.trials[-1])
            Recipes(SPACE, 0).suggest(optuna.Trial(self.study, self.trials[-1]._trial_id))

    def waiting(self, trials):
        self.waits.append(trials)
        if self.tells_at is not None and len(self.waits) >= self.tells_at and self.trials:
            tell(self.study, self.trials.pop(), outcome(Asked(0, {}, SPACE.base)))


def test_it_waits_for_all_and_reports_on_all(job, tmp_path):
    other = Other(tmp_path / "journal", tells_at=2)
    found = job(watcher=other).search(tmp_path / "journal", shared=True)
    assert other.waits == [2, 2, 1]
    assert [trial.number for trial in found.trials] == list(range(6))
    assert (found.missing, found.notices) == (0, ())


@pytest.mark.parametrize("sign", [None, 123.0])
def test_a_process_that_falls_silent_is_not_waited_for_without_end(job, tmp_path, sign):
    found = job(watcher=Other(tmp_path / "journal", sign=sign)).search(tmp_path / "journal", shared=True)
    assert (len(found.trials), found.missing) == (4, 2)
    assert found.notices == (MISSING,)


def test_a_process_that_was_stopped_is_not_waited_for(job, tmp_path):
    other = Other(tmp_path / "journal", sign=OVER)
    found = job(watcher=other).search(tmp_path / "journal", shared=True)
    assert (other.waits, found.missing) == ([], 2)


def test_no_longer_than_there_is_time(job, tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "TIMEOUT", 1e9)
    found = job(replace(PLAN, seconds=2), Other(tmp_path / "journal")).search(tmp_path / "journal", shared=True)
    assert found.missing == 2


def test_signs_keep_a_process_alive_and_ctrl_c_ends_them(job, tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "BEAT", 0.05)
    other = Other(tmp_path / "journal")
    other.waiting = lambda trials: raise_signal(SIGINT)
    with pytest.raises(KeyboardInterrupt):
        job(watcher=other).search(tmp_path / "journal", shared=True)
    signs = optuna.load_study(study_name="trainwell", storage=open_storage(tmp_path / "journal")).user_attrs
    assert [value for name, value in signs.items() if name.startswith("lease ")] == [OVER]
    lease, watched = Lease(other.study, "other"), Others(other.study, "me")
    lease.begin()
    until = leases.time.monotonic() + 0.6  # twice as long as silence takes
    while leases.time.monotonic() < until:
        assert len(watched.awaited(other.study.trials)) == 2
    lease.end()
    assert watched.awaited(other.study.trials) == []


def test_a_sign_that_was_refused_once_is_followed_by_others(tmp_path, monkeypatch):
    monkeypatch.setattr(leases, "BEAT", 0.01)
    study = optuna.create_study(storage=open_storage(tmp_path / "journal"))
    lease, give, refused = Lease(study, "me"), study.set_user_attr, []
    lease.begin()
    first = study.user_attrs[lease_of("me")]

    def locked(name, value):
        if not refused:
            refused.append(value)
            raise StorageInternalError("database is locked")
        give(name, value)

    monkeypatch.setattr(study, "set_user_attr", locked)
    until = leases.time.monotonic() + 20
    while study.user_attrs[lease_of("me")] == first and leases.time.monotonic() < until:
        leases.time.sleep(0.01)
    assert len(refused) == 1
    assert study.user_attrs[lease_of("me")] > refused[0] > first
    lease.end()
    assert study.user_attrs[lease_of("me")] == OVER


def test_a_resumed_process_gives_signs_while_it_trains_what_it_had(job, tmp_path, monkeypatch):
    class Stop(Watcher):
        def batch(self, trials, work):
            raise KeyboardInterrupt

    def sign():
        study = optuna.load_study(study_name="trainwell", storage=open_storage(tmp_path / "journal"))
        return next(value for name, value in study.user_attrs.items() if name.startswith("lease "))

    (tmp_path / "files").mkdir()
    data, seen = load_data("iris"), []
    with pytest.raises(KeyboardInterrupt):
        Job(Request.of(data, SPACE, PLAN), tmp_path / "files", Stop()).search(tmp_path / "journal", shared=True)
    assert sign() == OVER
    monkeypatch.setattr(
        loop, "train_batch", lambda request, trials, **_: seen.append(sign()) or [outcome(one) for one in trials]
    )
    Job(Request.of(data, SPACE, PLAN), tmp_path / "files").search(tmp_path / "journal", shared=True)
    assert len(seen) == 3
    assert OVER not in seen


def test_with_no_trial_of_its_own_it_says_whose_they_are(job, tmp_path):
    path = tmp_path / "journal"
    job().search(path, shared=True)
    study = optuna.load_study(study_name="trainwell", storage=open_storage(path))
    request = dict(study.user_attrs)
    again = optuna.create_study(study_name="s", storage=open_storage(path), direction="maximize")
    again.set_user_attr("trainwell", request["trainwell"])
    for _ in range(2):
        again.add_trial(create_trial(state=optuna.trial.TrialState.RUNNING, user_attrs={WORKER: "other"}))
    with pytest.raises(SearchError, match="all 2 trials belong to other processes"):
        job(replace(PLAN, trials=2, rounds=1)).search(path, "s", shared=True)


def test_page_and_console_say_what_is_missing():
    found = tuned(search())
    judged = ("R² is undefined in 1 of 5 folds",)  # said elsewhere
    page = render_tune_page(replace(found, search=replace(found.search, missing=3, validation_notices=judged)), "T")
    says = f"3 of {len(found.search.trials) + 3} trials are missing"
    assert page.index("Trials are missing") < page.index(says) < page.index("The best recipe")
    assert "Trials are missing" not in render_tune_page(found, "T")
    results = {
        "metric": "accuracy",
        "folds": 1,
        "trials": {"total": 4, "complete": 4, "pruned": 0, "cut": 0, "diverged": 0},
        "notices": [MISSING],
        "importance": {},
        "candidates": [],
        "best_trial": {"number": 0, "value": 0.5, "fields": {}},
        "model": None,
    }
    assert MISSING in sentences(results)
