"""A target that is constant on the validation split, or among the rows to predict: what is said and written then."""

import json

import numpy as np
import pytest

WHY = "all its 15 targets are equal"


@pytest.fixture
def rare(tmp_path):
    """A table of rare claims: the last 30 rows, validation and test, have none."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=100)
    y = np.where((rng.random(100) < 0.3) & (np.arange(100) < 70), 3 * x, 0)
    lines = [f"{a:.3f},{b:.6g}" for a, b in zip(x, y, strict=True)]
    (tmp_path / "rare.csv").write_text("\n".join(["a,y", *lines]) + "\n")
    (tmp_path / "none.csv").write_text("\n".join(["a,y", *lines[-15:]]) + "\n")
    return ("rare.csv", "--target", "y", "--task", "regression", "--split", "file-order")


def test_train_and_predict(cli, tmp_path, rare):
    done = cli("train", *rare, "--hidden", "4", "--epochs", "3", "--seeds", "3", "--patience", "2",
               "--metric", "r2", "--out", "run", "--single")  # fmt: skip
    assert done.code == 0
    assert f"note: R² is undefined on the validation split ({WHY}): early stopping uses the loss instead\n" in done.err
    assert f"R² is undefined on the validation split ({WHY}): networks are compared by the loss\n" in done.out
    assert "test root mean squared error of the model (" in done.out
    assert f"R² is undefined, {WHY})" in done.out
    assert "e+" not in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert results["score"] == "loss/validation"
    assert results["undefined"] == {"r2/validation": WHY}
    assert results["recipes"][0]["values"]["r2/validation"]["mean"] is None
    assert results["test"]["scores"]["r2"] is None
    assert results["test"]["interval"]["undefined"] == WHY
    losses = [member["values"]["loss/validation"] for member in results["members"]]
    assert results["model"]["seeds"] == [int(np.argmin(losses))]
    page = (tmp_path / "run/report.html").read_text()
    assert f"R² is undefined on the validation split ({WHY}), so networks are compared by the loss." in page
    assert "diverged: lower" not in page

    answer = cli("predict", "run", "none.csv", "--json")
    assert json.loads(answer.out)["scores"]["r2"] is None
    assert f"R² of these rows is undefined ({WHY})" in json.loads(answer.out)["notices"]
    shown = cli("predict", "run", "none.csv", "--out", "answers.csv")
    assert "nan" not in shown.err


def test_tune(cli, tmp_path, rare):
    done = cli("tune", *rare, "--folds", "1", "--trials", "2", "--rounds", "1", "--hidden", "4", "--epochs", "3",
               "--optimizer", "adam", "--search", "learning_rate=1e-3..1e-1:log", "--out", "run")  # fmt: skip
    assert done.code == 0
    said = f"R² is undefined on the validation split ({WHY}): the loss is used instead"
    assert said in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    few = "only 1 of 3 recipes can be trained again: no others were trained to the end"
    assert (results["metric"], results["notices"]) == ("loss", [said, few])
    assert said in (tmp_path / "run/report.html").read_text()
    assert results["best_trial"]["value"] >= 0
