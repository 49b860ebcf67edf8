"""A search's files and its journal when something in them was changed: it is said, and what is damaged is not used."""

import json
from dataclasses import replace

import optuna
import pytest
from optuna.storages.journal import JournalFileBackend

from search.small import SPACE, outcome
from trainwell.core import RunError, SearchError
from trainwell.data import load_data
from trainwell.search import Plan, Watcher, tune
from trainwell.search.study.journal import JournalFile
from trainwell.search.study.studies import open_storage
from trainwell.search.tuning.batches import Batches

PLAN = Plan(trials=4, rounds=2, folds=1, refit_recipes=0, halving=None)


@pytest.fixture(scope="module")
def iris():
    return load_data("iris")


@pytest.fixture(scope="module")
def whole(iris, tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    return outcome(tune(iris, SPACE, PLAN, folder=folder)), folder


@pytest.fixture
def journal(tmp_path):
    """Two trials, the lines of another program among those of ours, and its path."""
    path = tmp_path / "study.journal"
    study = optuna.create_study(storage=open_storage(path), study_name="s")
    study.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    plain = optuna.load_study(storage=optuna.storages.JournalStorage(JournalFileBackend(str(path))), study_name="s")
    plain.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=1)
    study.set_user_attr("mine", 1)
    return path


def lines_of(path):
    return path.read_bytes().splitlines(keepends=True)


def test_every_line_of_ours_has_a_checksum_and_every_program_reads_them(journal):
    has = ["check" in json.loads(line) for line in lines_of(journal)]
    assert has == [True] * 4 + [False] * 3 + [True]
    for backend in (JournalFile(journal), JournalFileBackend(str(journal))):
        study = optuna.load_study(storage=optuna.storages.JournalStorage(backend), study_name="s")
        assert ([trial.number for trial in study.trials], study.user_attrs) == ([0, 1], {"mine": 1})


def changes(lines):
    """A changed digit in every line that has one, each line removed, each pair of neighbours swapped."""
    for i in range(len(lines) - 1):
        at = lines[i].find(b":") + 1
        yield f"line {i + 1} changed", [*lines[:i], lines[i][:at] + b"9" + lines[i][at + 1 :], *lines[i + 1 :]]
        yield f"line {i + 1} removed", [*lines[:i], *lines[i + 1 :]]
        yield f"line {i + 1} swapped with the next", [*lines[:i], lines[i + 1], lines[i], *lines[i + 2 :]]
        yield f"line {i + 1} twice", [*lines[: i + 1], *lines[i:]]
    yield "a value in the last line changed", [*lines[:-1], lines[-1].replace(b'"mine":1', b'"mine":2')]


def test_a_changed_removed_swapped_or_repeated_line_is_noticed(journal):
    lines = lines_of(journal)
    for what, changed in changes(lines):
        journal.write_bytes(b"".join(changed))
        with pytest.raises(SearchError) as error:
            open_storage(journal)
        said = str(error.value)
        assert "was changed: the checksum of line" in said or "is not an Optuna journal (" in said, what
        assert said.count("\n") == 0
        assert journal.read_bytes() == b"".join(changed)
    journal.write_bytes(b"".join(lines))
    assert len(open_storage(journal).get_all_studies()) == 1


def test_lines_that_go_while_a_process_reads_are_noticed(journal):
    storage = open_storage(journal)
    journal.write_bytes(b"".join(lines_of(journal)[:-1]))
    with pytest.raises(SearchError, match="lines were removed"):
        storage.get_all_studies()


def test_long_lines_are_chained(tmp_path):
    study = optuna.create_study(storage=open_storage(tmp_path / "j"), study_name="s")
    study.set_user_attr("long", "x" * 200_000)
    optuna.load_study(storage=open_storage(tmp_path / "j"), study_name="s").set_user_attr("next", 1)
    assert open_storage(tmp_path / "j").get_all_studies()[0].user_attrs["next"] == 1


class Stop(Watcher):
    """Stops the search as its second batch begins or ends, or as it is chosen from."""

    def __init__(self, when):
        self.when, self.seen = when, []

    def batch(self, trials, work):
        self._at("begun")

    def finished(self, records):
        self._at("told")

    def _at(self, moment):
        self.seen.append(moment)
        if self.seen.count(self.when) == 2:
            raise KeyboardInterrupt


def stopped(iris, folder, when):
    with pytest.raises(KeyboardInterrupt):
        tune(iris, SPACE, PLAN, folder=folder, watcher=Stop(when))


def damaged(path):
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(content)


def said(caplog):
    found = [record.getMessage() for record in caplog.records if record.name == "trainwell"]
    assert all("\n" not in line for line in found)
    return found


def test_a_damaged_list_of_a_batch_is_worked_again(iris, whole, tmp_path, caplog):
    stopped(iris, tmp_path, "begun")
    damaged(tmp_path / "batches/000002/trials.json")
    assert outcome(tune(iris, SPACE, PLAN, folder=tmp_path)) == whole[0]
    (line,) = said(caplog)
    assert line.endswith("(its SHA-256 differs): the file is ignored, its trials are trained from the start")


@pytest.mark.parametrize("how", ["changed", "names more"])
def test_a_search_whose_end_is_damaged_looks_again(iris, whole, tmp_path, caplog, how):
    stopped(iris, tmp_path, "told")
    assert outcome(tune(iris, SPACE, PLAN, folder=tmp_path)) == whole[0]
    if how == "changed":
        damaged(tmp_path / "ended.json")
    else:
        Batches(tmp_path).freeze([0, 1, 2, 3, 4])
    assert outcome(tune(iris, SPACE, PLAN, folder=tmp_path)) == whole[0]
    (line,) = said(caplog)
    assert "ended.json" in line
    assert Batches(tmp_path).ended(range(4)) == {0, 1, 2, 3}


def test_a_batch_of_trials_that_the_study_lost_is_not_gone_on_with(tmp_path, caplog):
    batches = Batches(tmp_path)
    batches.begin([0, 1])
    assert batches.under_way(range(4)) == [0, 1]
    assert batches.under_way([]) == []  # its journal was removed
    assert "has trials that the study does not have" in said(caplog)[0]
    assert list((tmp_path / "batches").iterdir()) == []


def test_damaged_networks_are_left_out_of_the_model(iris, tmp_path, caplog):
    stopped(iris, tmp_path, "told")
    damaged(tmp_path / "networks/000000/weights.safetensors")
    found = tune(iris, SPACE, PLAN, folder=tmp_path)
    assert {option.num_networks for option in found.considered} <= {1, 2}  # of the second batch
    (line,) = said(caplog)
    assert "networks/000000" in line
    assert line.endswith("these networks of the search are ignored")


def test_a_folder_of_which_nobody_knows_whose_it_is_is_refused(iris, tmp_path):
    stopped(iris, tmp_path, "begun")
    damaged(tmp_path / "search.json")
    with pytest.raises(RunError, match=r"search\.json was changed after it was written .*; start a new run"):
        tune(iris, SPACE, PLAN, folder=tmp_path)


def test_another_searchs_folder_is_refused(iris, whole):
    with pytest.raises(SearchError, match="holds files of another search"):
        tune(iris, SPACE, replace(PLAN, sampler_seed=1), folder=whole[1])
