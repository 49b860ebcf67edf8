"""`--validation test`: the test set is the validation split, and every command says that nothing is left untouched."""

import json

import numpy as np
import pytest

from trainwell.data import TEST_SPLIT_USED

SAID = f"{TEST_SPLIT_USED[0].upper()}{TEST_SPLIT_USED[1:]}."
SMALL = ("--hidden", "4", "--batch-size", "16")
COMMANDS = {
    "train": ("--epochs", "2", "--seeds", "2"),
    "tune": ("--trials", "2", "--rounds", "1", "--search", "learning_rate=0.01..0.1:log", "--epochs", "2"),
    "compare": ("--vary", "optimizer=sgd,adam", "--trials", "2", "--rounds", "1", "--seeds", "2", "--epochs", "1"),
}


@pytest.fixture
def flowers(tmp_path):
    """120 rows to train on and 30 of a test set."""
    from sklearn.datasets import load_iris

    x, y = load_iris(return_X_y=True)
    held_out = np.arange(len(x)) % 5 == 0
    arrays = {"x_train": x[~held_out], "y_train": y[~held_out], "x_test": x[held_out], "y_test": y[held_out]}
    np.savez(tmp_path / "flowers.npz", **arrays)
    return arrays


@pytest.mark.parametrize("command", COMMANDS)
def test_terminal_numbers_and_page_say_that_no_untouched_data_are_left(cli, tmp_path, flowers, command):
    ask = (command, "flowers.npz", "--validation", "test", *SMALL, *COMMANDS[command], "--out")
    done = cli(*ask, "run")
    assert done.code == 0, done.err
    assert TEST_SPLIT_USED in " ".join(done.err.split())
    assert TEST_SPLIT_USED in " ".join(done.out.split())
    assert "read once" not in done.out
    found = json.loads((tmp_path / "run/results.json").read_text())
    (data,) = found["data"] if command == "compare" else [found["data"]]
    assert data["rows"] == {"training": 120, "validation": 30, "test": 0}
    assert data["validates_on_test"]
    assert TEST_SPLIT_USED in data["notices"]
    page = (tmp_path / "run/report.html").read_text()
    assert "No untouched data are left" in page
    assert SAID in page
    for claim in ("Read once", "read once", "was not used for this choice", "not touched"):
        assert claim not in page
    if command != "compare":
        assert found["test"] is None
        notes = json.loads((tmp_path / "run/model/manifest.json").read_text())
        assert "accuracy/test" not in json.dumps(notes)
        assert cli("predict", "run", "flowers.npz").code == 0


def test_the_numbers_are_those_of_the_test_set(cli, tmp_path, flowers):
    ask = ("train", "flowers.npz", "--validation", "test", *SMALL, "--epochs", "2", "--seeds", "1", "--out", "run")
    assert cli(*ask).code == 0
    from trainwell.models import load_model

    found = json.loads((tmp_path / "run/results.json").read_text())
    labels = load_model(tmp_path / "run/model").predict(flowers["x_test"])
    share = np.mean(labels == flowers["y_test"].astype(labels.dtype))
    assert found["members"][0]["values"]["accuracy/validation"] == pytest.approx(share)


def test_folds_are_one_where_they_would_train_on_the_test_set(cli, tmp_path, flowers):
    ask = ("tune", "flowers.npz", "--validation", "test", *SMALL, *COMMANDS["tune"])
    refused = cli(*ask, "--folds", "3", "--out", "none")
    *notes, error = refused.err.splitlines()
    assert (refused.code, all(note.startswith("note: ") for note in notes)) == (2, True)
    assert "folds would train on the test set" in error
    assert not (tmp_path / "none").exists()
    done = cli(*ask, "--out", "run", "--json")
    found = json.loads(done.out)
    assert found["folds"] == 1
    assert found["notices"][0] == (
        "trials are validated on one split of 30 rows, not on 5 folds: folds would train on the test set"
    )


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("source", ["iris", "digits"])
def test_data_without_a_test_set_are_refused_in_a_line(cli, tmp_path, command, source):
    done = cli(command, source, "--validation", "test", *COMMANDS[command], "--out", "run")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert f"{source} has no test set of its own" in done.err
    assert not (tmp_path / "run").exists()
