"""Studies are joined by those who ask the same, and by nobody else."""

import sqlite3
from dataclasses import replace

import optuna
import pytest

from search.small import SPACE, outcome
from trainwell.core import SearchError
from trainwell.data import load_data
from trainwell.search import Halving, Plan, Watcher, check, make_sampler, tune
from trainwell.search.study import studies as studies_module
from trainwell.search.study.studies import REQUEST, check_existing, open_storage, open_study
from trainwell.training import Range, Space

PLAN = Plan(trials=4, rounds=2, folds=1, refit_recipes=0)
REQUESTED = {"metric": "accuracy", "seeds": [0], "space": {"momentum": 0.9}}


def opened(storage, name="s", request=None, **how):
    return open_study(storage, name, request or REQUESTED, make_sampler("random", 0), **how)


@pytest.fixture(scope="module")
def iris():
    return load_data("iris")


@pytest.fixture
def journal(iris, tmp_path):
    """A study that was searched to its end."""
    path = tmp_path / "study.journal"
    tune(iris, SPACE, PLAN, storage=path)
    return path


OTHERS = {
    "data": (lambda: load_data("iris", split_seed=1), SPACE, PLAN, "the data, or how they are split, are not the same"),
    "space": (lambda: load_data("iris"), SPACE.evolve(epochs=5), PLAN, "epochs was 9.0 then and is 5.0 now"),
    "range": (
        lambda: load_data("iris"),
        SPACE.evolve({"learning_rate": Range(1e-3, 1, log=True)}),
        PLAN,
        "learning_rate was",
    ),
    "another axis": (
        lambda: load_data("iris"),
        SPACE.evolve({"dropout_rate": Range(0, 0.5)}),
        PLAN,
        "dropout_rate was",
    ),
    "metric": (
        lambda: load_data("iris"),
        SPACE,
        replace(PLAN, metric="loss"),
        "metric was accuracy then and is loss now",
    ),
    "folds": (lambda: load_data("iris"), SPACE, replace(PLAN, folds=2), "folds was 1 then and is 2 now"),
    "seeds": (lambda: load_data("iris"), SPACE, replace(PLAN, seeds=(0, 1)), "seeds was 0 then and is 0, 1 now"),
    "halving": (
        lambda: load_data("iris"),
        SPACE,
        replace(PLAN, halving=None),
        "halving was 3, 2 then and is unset now",
    ),
    "reduction": (lambda: load_data("iris"), SPACE, replace(PLAN, halving=Halving(2, 2)), "halving was 3, 2 then"),
    "sampler": (lambda: load_data("iris"), SPACE, replace(PLAN, sampler="random"), "sampler was coarse_to_fine then"),
    "seed": (lambda: load_data("iris"), SPACE, replace(PLAN, sampler_seed=1), "seed was 0 then and is 1 now"),
    "rounds": (lambda: load_data("iris"), SPACE, replace(PLAN, rounds=1), "trials per round was 2 then and is 4 now"),
}


@pytest.mark.parametrize(("data", "space", "plan", "words"), OTHERS.values(), ids=OTHERS)
def test_who_asks_for_something_else_is_refused_and_nothing_is_written(journal, data, space, plan, words):
    before = journal.read_bytes()
    for job in (tune, check):
        with pytest.raises(SearchError) as error:
            job(data(), space, plan, storage=journal)
        assert f"study 'trainwell' is another search, {words}" in str(error.value)
        assert "choose another name (--study)" in str(error.value)
        assert "\n" not in str(error.value)
    assert journal.read_bytes() == before


def test_who_asks_the_same_joins_and_may_ask_for_more_trials(journal, iris):
    lines = len(journal.read_bytes().splitlines())
    again = tune(iris, SPACE, PLAN, storage=journal)
    assert len(again.search.trials) == 4
    assert len(journal.read_bytes().splitlines()) == lines
    more = tune(iris, SPACE, replace(PLAN, trials=6, rounds=3), storage=journal)
    assert len(more.search.trials) == 6


@pytest.mark.parametrize("kind", ["journal", "sqlite"])
def test_a_study_of_plain_optuna_is_refused_and_left_alone(tmp_path, iris, kind):
    path = tmp_path / "study"
    address = path if kind == "journal" else f"sqlite:///{path}"
    plain = optuna.create_study(storage=open_storage(address), study_name="mine", direction="maximize")
    plain.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    before, trials = path.read_bytes(), plain.trials
    for job in (tune, check):
        with pytest.raises(SearchError, match="study 'mine' was not made by trainwell: choose another name"):
            job(iris, SPACE, PLAN, storage=address, study="mine")
    assert path.read_bytes() == before
    assert plain.trials == trials
    assert plain.user_attrs == {}


class Thief(Watcher):
    """Takes the trials away when the second batch begins, and gives them back."""

    def __init__(self, file):
        self.file, self.batches = file, 0

    def batch(self, trials, work):
        self.batches += 1
        if self.batches == 2:
            self.rename("trials", "gone")

    def rename(self, old, new):
        connection = sqlite3.connect(self.file)
        connection.execute(f"ALTER TABLE {old} RENAME TO {new}")
        connection.close()


def test_a_database_that_is_lost_in_the_middle_is_gone_on_with_later(tmp_path, iris):
    address, folder = f"sqlite:///{tmp_path / 'trials.db'}", tmp_path / "files"
    folder.mkdir()
    thief = Thief(tmp_path / "trials.db")
    with pytest.raises(
        SearchError, match=r"was lost \(no such table: trials\): the finished trials are stored"
    ) as error:
        tune(iris, SPACE, PLAN, storage=address, folder=folder, watcher=thief)
    assert "\n" not in str(error.value)
    thief.rename("gone", "trials")
    again = tune(iris, SPACE, PLAN, storage=address, folder=folder)
    assert outcome(again) == outcome(tune(iris, SPACE, PLAN))


def test_two_studies_live_in_one_storage(journal, iris):
    tune(iris, SPACE, replace(PLAN, metric="loss"), storage=journal, study="other")
    storage = open_storage(journal)
    directions = {study.study_name: study.direction.name for study in storage.get_all_studies()}
    assert directions == {"trainwell": "MAXIMIZE", "other": "MINIMIZE"}


def test_a_study_whose_process_was_killed_when_it_had_just_been_made_is_taken_over(tmp_path):
    storage = open_storage(tmp_path / "study.journal")
    optuna.create_study(storage=storage, study_name="s", direction="maximize")
    assert opened(storage, alone=True).user_attrs[REQUEST] == REQUESTED


@pytest.mark.parametrize("why", ["direction", "attribute", "trial"])
def test_a_study_that_somebody_has_begun_is_not_taken_over(tmp_path, why):
    storage = open_storage(tmp_path / "study.journal")
    direction = "minimize" if why == "direction" else "maximize"
    made = optuna.create_study(storage=storage, study_name="s", direction=direction)
    if why == "attribute":
        made.set_user_attr("mine", 1)
    if why == "trial":
        made.ask()
    before = (tmp_path / "study.journal").read_bytes()
    with pytest.raises(SearchError, match="was not made by trainwell"):
        opened(storage, alone=True)
    assert (tmp_path / "study.journal").read_bytes() == before


def test_a_process_that_is_just_making_the_study_is_waited_for(tmp_path, monkeypatch):
    storage = open_storage(tmp_path / "study.journal")
    made = optuna.create_study(storage=storage, study_name="s", direction="maximize")
    naps = []
    monkeypatch.setattr(
        studies_module.time, "sleep", lambda s: naps.append(s) or made.set_user_attr(REQUEST, REQUESTED)
    )
    assert opened(storage).user_attrs[REQUEST] == REQUESTED
    assert len(naps) == 1
    with pytest.raises(SearchError, match=r"momentum was 0\.9 then and is 0\.5 now"):
        opened(storage, request={**REQUESTED, "space": {"momentum": 0.5}})


def test_when_two_make_it_at_once_the_slower_one_joins(tmp_path, monkeypatch):
    storage = open_storage(tmp_path / "study.journal")
    first = opened(storage)
    real, looks = studies_module._existing, []
    monkeypatch.setattr(studies_module, "_existing", lambda *words: looks.append(words) and None)
    second = opened(open_storage(tmp_path / "study.journal"))
    assert len(looks) == 1
    assert second._study_id == first._study_id
    monkeypatch.setattr(studies_module, "_existing", real)
    check_existing(storage, "s", REQUESTED)
    check_existing(storage, "nobody's", REQUESTED)
    assert [study.study_name for study in storage.get_all_studies()] == ["s"]


def test_a_space_with_other_values_otherwise_is_another_search(journal, iris):
    space = Space.of(hidden=(6,), learning_rate=Range(1e-4, 1, log=True))
    with pytest.raises(SearchError, match="is another search"):
        tune(iris, space, PLAN, storage=journal)
