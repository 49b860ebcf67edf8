"""The test split cannot be read before the end: a search is the same, to the bit, whatever is in it."""

import json
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from search.small import SPACE, outcome
from trainwell.cli.app import main
from trainwell.data import Dataset, Split, load_data
from trainwell.search import Plan, tune

PLAN = Plan(trials=6, rounds=2, refit_recipes=1, refit_seeds=2)
WORDS = [
    *("--search", "learning_rate=1e-3..1:log", "--search", "dropout_rate=0..0.3", "--hidden", "6", "--epochs", "3"),
    *("--batch-size", "30", "--trials", "6", "--rounds", "2", "--out", "run", "--quiet"),
]


class Closed(Split):
    """A test split that nobody may touch."""

    def __init__(self):
        pass

    def __getattribute__(self, name):
        raise AssertionError(f"the test split's {name} was read")

    def __len__(self):
        raise AssertionError("the test split was counted")


@pytest.mark.parametrize("name", ["iris", "diabetes"])
@pytest.mark.parametrize("folds", [1, 3])
def test_a_search_touches_nothing_of_the_test_split(tmp_path, monkeypatch, name, folds):
    data, plan = load_data(name), replace(PLAN, folds=folds)
    shut = replace(data, _test=Closed())
    # Its checksum is all that may be known: who goes on with a search must do so on the same data.
    monkeypatch.setattr(Dataset, "fingerprint", property(lambda self: "a checksum"))
    with pytest.raises(AssertionError, match="the test split's inputs was read"):
        shut.open_test_split().inputs  # noqa: B018  # the lock holds
    kept = tune(shut, SPACE, plan, folder=tmp_path, storage=tmp_path / "study.journal")
    assert outcome(kept) == outcome(tune(data, SPACE, plan))


def rows(seed, count):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((count, 3)).round(3)
    return X, (X @ [1.0, -2.0, 0.5] + 0.3 * rng.standard_normal(count) > 0).astype(int)


def write_npz(folder, X, y):
    """Training rows that stay, and a test part of its own."""
    train_X, train_y = rows(0, 90)
    np.savez(folder / "data.npz", x_train=train_X, y_train=train_y, x_test=X, y_test=y)
    return ["data.npz", "--folds", "2"]


def write_csv(folder, X, y):
    """The test split is the end of the file."""
    train_X, train_y = rows(0, 90)
    frame = pl.DataFrame(np.vstack([train_X, X]), schema=["a", "b", "c"])
    frame.with_columns(y=pl.Series(np.append(train_y, y))).write_csv(folder / "data.csv")
    return [
        "data.csv",
        "--target",
        "y",
        "--split",
        "file-order",
        "--validation",
        "20",
        "--test",
        str(len(y)),
        "--folds",
        "1",
    ]


@pytest.mark.parametrize("write", [write_npz, write_csv])
def test_other_test_rows_change_nothing_but_the_last_number(monkeypatch, tmp_path, write):
    found = []
    for name, (X, y) in {"one": rows(1, 30), "two": (100 * rows(2, 30)[0], 1 - rows(2, 30)[1])}.items():
        folder = tmp_path / name
        folder.mkdir()
        monkeypatch.chdir(folder)
        assert main(["tune", *write(folder, X, y), *WORDS]) == 0
        found.append(folder / "run")
    for file in ("trials.parquet", "recipe.toml", "space.toml", "model/weights.safetensors"):
        assert (found[0] / file).read_bytes() == (found[1] / file).read_bytes()
    one, two = (json.loads((run / "results.json").read_text()) for run in found)
    assert one["test"] != two["test"]
    assert one["data"]["fingerprint"] != two["data"]["fingerprint"]
    for part in (
        "trials",
        "best_trial",
        "rounds",
        "candidates",
        "models_considered",
        "recipe",
        "model",
        "importance",
        "advice",
    ):
        assert one[part] == two[part]
