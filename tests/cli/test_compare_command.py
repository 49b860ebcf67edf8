"""`trainwell compare`."""

import json

import pytest
from scipy import stats

from trainwell.cli.tables import best_first

ASK = ("compare", "iris", "--vary", "optimizer=sgd,adam", "--vary", "hidden=4,8x8", "--epochs", "4", "--seeds", "3")


def test_a_grid_is_trained_and_ranked(cli, tmp_path):
    done = cli(*ASK, "--out", "run", "--json")
    results = json.loads(done.out)
    assert (done.code, done.err) == (0, "")
    labels = [f"optimizer={o} hidden={h}" for o in ("sgd", "adam") for h in ("4", "8x8")]
    assert [recipe["label"] for recipe in results["recipes"]] == labels
    assert [(m["recipe"], m["seed"]) for m in results["members"]] == [(label, s) for label in labels for s in range(3)]
    for label, recipe in zip(labels, results["recipes"], strict=True):
        values = [m["values"]["accuracy/validation"] for m in results["members"] if m["recipe"] == label]
        low, high = stats.t.interval(0.95, 2, stats.tmean(values), stats.sem(values))
        summary = recipe["values"]["accuracy/validation"]
        assert summary["mean"] == pytest.approx(stats.tmean(values))
        assert (summary["low"], summary["high"]) == (pytest.approx(max(low, 0)), pytest.approx(min(high, 1)))
    assert "model" not in results
    assert "test" not in results
    assert (tmp_path / "run/report.html").stat().st_size > 100_000
    assert not (tmp_path / "run/model").exists()


def test_the_table_is_sorted_best_first_and_says_what_it_is_not(cli):
    done = cli(
        "compare", "iris", "--vary", "learning_rate=0,0.5", "--optimizer", "sgd", "--epochs", "8", "--seeds", "2"
    )
    assert done.out.index(" 0.5 ") < done.out.index(" 2   0 ")
    assert "no tuned, fair comparison" in " ".join(done.out.split())
    assert "report.html" in done.out


def test_diverged_recipes_come_last_and_are_counted(cli):
    results = json.loads(
        cli("compare", "iris", "--vary", "learning_rate=1e30,0.1", "--optimizer", "sgd", "--seeds", "2", "--json").out
    )
    ranked = best_first(results)
    assert [recipe["varied"]["learning_rate"] for recipe in ranked] == [0.1, 1e30]
    assert (ranked[1]["diverged"], ranked[1]["values"]["loss/validation"]["mean"]) == (2, None)


def test_common_random_numbers_across_recipes(cli):
    """Recipes that differ in nothing that matters give the same numbers for the same seed."""
    words = ("compare", "iris", "--vary", "beta1=0.9,0.5", "--optimizer", "sgd", "--epochs", "3", "--seeds", "2")
    members = json.loads(cli(*words, "--json", "-q").out)["members"]
    assert members[0]["values"] == members[2]["values"]
    assert members[0]["values"] != members[1]["values"]
