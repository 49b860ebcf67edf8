"""`trainwell tune`: from data to a model, its numbers, and going on."""

import contextlib
import json
import shlex
import tomllib
from io import StringIO

import numpy as np
import polars as pl
import pytest

from reference.page_text import Page
from reference.results_document import assert_columns_are_documented, assert_results_are_documented

WORDS = (
    *("tune", "iris", "--hidden", 6, "--epochs", 3, "--trials", 6, "--rounds", 2, "--folds", 1, "--out", "run"),
    *("--search", "optimizer=momentum,adam", "--search", "learning_rate=1e-3..1:log", "--search", "momentum=0.5..0.9"),
)
SPACE = """
hidden = [6]
epochs = 3
optimizer = { choices = ["sgd", "momentum"] }
learning_rate = { low = 0.001, high = 1, log = true }
momentum = { low = 0.5, high = 0.9, when = { optimizer = ["momentum"] } }
"""
SMALL = ("--hidden", 6, "--epochs", 2, "--search", "learning_rate=0.01..0.5:log", "--rounds", 1, "--quiet")
FILES = {"run.json", "results.json", "recipe.toml", "space.toml", "trials.parquet", "study.journal", "report.html"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A complete run's folder."""
    from trainwell.cli.app import main

    folder = tmp_path_factory.mktemp("tune")
    with contextlib.chdir(folder), contextlib.redirect_stdout(StringIO()):
        assert main([str(word) for word in WORDS]) == 0
    return folder / "run"


@pytest.fixture
def results(run):
    return json.loads((run / "results.json").read_text())


@pytest.fixture
def trials(run):
    return pl.read_parquet(run / "trials.parquet")


def test_the_run_directory_holds_all_and_nothing_else(run):
    assert {path.name for path in run.iterdir()} == FILES | {"model"}
    assert "<title>Tune: iris</title>" in (run / "report.html").read_text()


def test_names_are_documented(results, trials):
    assert_results_are_documented("tune", results)
    assert_columns_are_documented("tune", "trials", trials.columns)


def test_one_row_per_trial_with_the_fields_that_it_had(results, trials):
    assert trials["trial"].to_list() == [0, 1, 2, 3, 4, 5]
    counts = results["trials"]
    assert counts["total"] == 6 == counts["complete"] + counts["pruned"] + counts["diverged"]
    assert trials["state"].to_list().count("complete") == counts["complete"]
    with_momentum = trials.filter(pl.col("momentum").is_not_null())["optimizer"].unique().to_list()
    assert with_momentum == ["momentum"]
    assert trials["learning_rate"].is_between(1e-3, 1).all()
    assert (trials.filter(pl.col("state") == "complete")["epochs"] == 3).all()
    assert (trials.filter(pl.col("state") == "pruned")["epochs"] < 3).all()


def test_the_best_trial_is_the_best_of_the_table(results, trials):
    complete = trials.filter(pl.col("state") == "complete")
    best = results["best_trial"]
    assert best["value"] == complete["value"].max()
    row = trials.row(best["number"], named=True)
    assert (row["optimizer"], row["value"]) == (best["fields"]["optimizer"], best["value"])
    assert results["metric"] == "accuracy"


def test_rounds_narrow_inside_what_was_declared(results):
    first, second = results["rounds"][:2]
    assert (first["trials"], second["trials"]) == ([0, 2], [3, 5])
    assert first["ranges"]["learning_rate"] == {"low": 0.001, "high": 1}
    assert set(first["ranges"]) == {"optimizer", "learning_rate", "momentum"} == set(second["reasons"])
    inner = second["ranges"]["learning_rate"]
    assert 0.001 <= inner["low"] < inner["high"] <= 1


def test_the_best_are_trained_again_with_seeds_that_the_search_did_not_use(results):
    assert results["seeds"] == [0]
    means = [one["mean"] for one in results["candidates"]]
    assert means == sorted(means, reverse=True)
    assert all(one["seeds"] == [1, 2, 3, 4, 5] for one in results["candidates"])


def test_the_recipe_is_the_best_candidates_and_trains(cli, run, results):
    recipe = tomllib.loads((run / "recipe.toml").read_text())
    fields = results["candidates"][0]["fields"]
    assert (recipe["optimizer"], recipe["hidden"]) == (fields["optimizer"], [6])
    assert recipe["learning_rate"] == fields["learning_rate"]
    done = cli("train", "iris", "--recipe", run / "recipe.toml", "--seeds", "1,2,3,4,5", "--json", "--out", "again")
    again = json.loads(done.out)["recipes"][0]["values"]["accuracy/validation"]
    assert again["mean"] == pytest.approx(results["candidates"][0]["mean"], abs=1e-6)


def test_the_space_is_kept_as_it_was_searched(cli, run):
    space = tomllib.loads((run / "space.toml").read_text())
    assert space["optimizer"] == {"choices": ["momentum", "adam"]}
    assert space["learning_rate"] == {"low": 0.001, "high": 1.0, "log": True}
    assert space["epochs"] == 3


def test_the_model_is_the_chosen_option_and_says_what_the_test_split_said(run, results):
    from trainwell.data import load_data
    from trainwell.models import load_model

    chosen = [one for one in results["models_considered"] if one["chosen"]]
    assert len(chosen) == 1
    names = ["best network", "average of the best", "greedy selection", "wide average"]
    assert [one["name"] for one in results["models_considered"]] == names
    model, split = load_model(run / "model"), load_data("iris").open_test_split()
    assert len(model.networks) == results["model"]["num_networks"] == chosen[0]["num_networks"]
    share = np.mean(model.probabilities(split.inputs).argmax(1) == split.targets)
    assert results["test"]["interval"]["mean"] == pytest.approx(share)
    assert results["test"]["n"] == len(split) == results["data"]["rows"]["test"]


def test_predict_takes_the_run_directory(cli, run):
    done = cli("predict", run, "iris", "--probabilities", "--out", "iris.csv", "--json")
    assert done.code == 0, done.err
    assert json.loads(done.out)["rows"] == 150


@pytest.fixture
def again(cli, run, monkeypatch):
    """The complete run's command once more, in its folder."""
    monkeypatch.chdir(run.parent)
    return lambda *more: cli(*WORDS, "--resume", *more)


def test_a_complete_run_is_shown_again_and_left_as_it_is(again, run, results, tree, monkeypatch):
    monkeypatch.setattr("trainwell.cli.tune.work.tune_checked", pytest.fail)
    before = tree(run)
    done = again("--json")
    assert (done.code, done.err) == (0, "note: run is already complete, nothing was trained\n")
    assert json.loads(done.out) == {"run": "run", **results}
    assert tree(run) == before


OTHERS = {
    "one axis more": (("--search", "label_smoothing=0..0.1"), "label_smoothing was 0.0 then and is low 0"),
    "another split": (("--split-seed", 1), "the data, or how they are split"),
    "more trials": (("--trials", 7), "trials was 6 then and is 7 now"),
    "another metric": (("--metric", "loss"), "metric was accuracy then and is loss now"),
    "another sampler": (("--sampler", "random"), "sampler was coarse_to_fine then and is random now"),
    "more seeds": (("--seeds", 2), "seeds was 0 then and is 0, 1 now"),
    "another storage": (("--storage", "shared.journal"), "storage was unset then and is shared.journal now"),
}


@pytest.mark.parametrize(("other", "says"), OTHERS.values(), ids=list(OTHERS))
def test_a_run_goes_on_only_if_the_same_is_asked(again, run, tree, other, says):
    before = tree(run.parent)
    done = again(*other)
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert says in done.err
    assert tree(run.parent) == before


def test_what_does_nothing_is_noted(again):
    refused = again("--set", "beta1=0.95", "--set", "rho=0.5", "--set", "elu_alpha=2")
    assert refused.err.splitlines()[:-1] == [  # adam, which is searched, has beta1
        "note: elu_alpha has no effect while activation is relu",
        "note: rho has no effect with momentum, adam",
    ]


def test_axes_of_a_space_file_that_options_leave_without_effect_are_noted(cli, tmp_path):
    (tmp_path / "space.toml").write_text(SPACE)
    words = ("tune", "iris", "--space", "space.toml", "--optimizer", "sgd", "--trials", 1, "--rounds", 1, "--folds", 1)
    done = cli(*words, "--epochs", 1, "--no-refit", "--out", "run")
    assert done.err.splitlines() == [
        "note: momentum of space.toml is not searched: it has no effect with what the options say of optimizer"
    ]


def test_a_name_in_short_is_understood(cli):
    done = cli("tune", "iris", "--search", "lr=0.01..1", "--out", "run")
    assert (
        done.err
        == "trainwell: error: --search lr=0.01..1: there is no field 'lr' to search: did you mean 'learning_rate'?\n"
    )


def test_a_space_of_few_recipes_ends_when_all_were_tried(cli, tmp_path):
    words = ("tune", "iris", "--hidden", 6, "--epochs", 1, "--folds", 1, "--no-refit", "--quiet", "--out", "run")
    done = cli(*words, "--search", "learning_rate=0.01,0.1", "--trials", 50, "--rounds", 2)
    assert "2 trials (" in done.out
    assert "all 2 recipes of the space were tried" in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert (results["trials"]["total"], results["trials"]["missing"]) == (2, 0)
    assert results["notices"] == ["all 2 recipes of the space were tried"]
    assert "All 2 recipes of the space were tried." in (tmp_path / "run/report.html").read_text()


def test_what_a_person_reads(cli, run, results, monkeypatch):
    monkeypatch.chdir(run.parent)
    shown = cli(*WORDS, "--resume", "--quiet")
    assert shown.err == ""
    assert "best recipes on iris, trained again with fresh seeds" in shown.out
    assert f"6 trials ({results['trials']['complete']} complete" in shown.out
    assert f"test accuracy: {results['test']['interval']['mean']:.4f}" in shown.out
    assert "read once" in shown.out
    assert "trainwell predict run iris" in shown.out


def test_a_space_file_fixed_fields_folds_and_regression(cli, tmp_path):
    (tmp_path / "space.toml").write_text(SPACE)
    words = ("tune", "diabetes", "--space", "space.toml", "--optimizer", "momentum", "--trials", 4, "--rounds", 1)
    done = cli(*words, "--folds", 2, "--seeds", 2, "--metric", "loss", "--json", "--no-refit", "--out", "run")
    assert done.code == 0, done.err
    results = json.loads(done.out)
    assert (results["folds"], results["seeds"], results["metric"]) == (2, [0, 1], "loss")
    assert set(results["rounds"][0]["ranges"]) == {"learning_rate", "momentum"}  # the optimizer is fixed
    assert (results["candidates"], results["refit_seconds"]) == ([], 0)
    trials = pl.read_parquet(tmp_path / "run/trials.parquet")
    complete = trials.filter(pl.col("state") == "complete")
    assert results["best_trial"]["value"] == complete["value"].min()
    assert trials["momentum"].null_count() == 0
    assert cli("predict", "run", "diabetes", "--out", "diabetes.csv").code == 0


def test_the_next_step_reads_the_same_data(cli, tmp_path):
    rows = np.random.default_rng(0).normal(size=(60, 3)).round(3)
    (tmp_path / "a b.csv").write_text("\n".join(f"{a},{b},{c},{'no' if a < b else 'yes'}" for a, b, c in rows))
    reading = ["a b.csv", "--no-header", "--target", "-1", "--split", "file-order", "--limit", "50"]
    done = cli("tune", *reading, *SMALL, "--trials", 1, "--out", "run")
    assert done.code == 0
    found = [shlex.split(t) for t in Page((tmp_path / "run/report.html").read_text()).texts("code")]
    (compare,), (predict,) = (
        [words[1:] for words in found if words[:2] == ["trainwell", name]] for name in ("compare", "predict")
    )
    assert predict == ["predict", "run/model", "a b.csv", "--no-header"]
    assert cli(*predict, "--out", "found.csv").code == 0
    assert pl.read_csv(tmp_path / "found.csv").height == 60
    assert sorted(compare[1 : 1 + len(reading)]) == sorted(reading)
    assert cli(*compare, "--seeds", 2, "--out", "compared", "--quiet").code == 0
    fingerprints = [json.loads((tmp_path / name / "run.json").read_text()) for name in ("run", "compared")]
    assert fingerprints[0]["data"] == fingerprints[1]["data"][0]


def test_every_trial_runs_to_its_end_without_halving(cli, tmp_path):
    done = cli("tune", "iris", *SMALL, "--trials", 4, "--folds", 1, "--no-halving", "--no-refit", "--out", "run")
    assert done.code == 0, done.err
    trials = pl.read_parquet(tmp_path / "run/trials.parquet")
    assert (trials["state"].to_list(), trials["epochs"].to_list()) == (["complete"] * 4, [2.0] * 4)
    assert "best trial" in done.out  # there is no table of recipes that were trained again


def test_two_runs_share_a_study(cli, tmp_path):
    ask = ("tune", "iris", *SMALL, "--folds", 1, "--no-refit", "--storage", "sqlite:///study.db", "--trials")
    assert cli(*ask, 2, "--rounds", 1, "--out", "one").code == 0
    assert cli(*ask, 4, "--rounds", 2, "--out", "two").code == 0
    tables = [pl.read_parquet(tmp_path / name / "trials.parquet") for name in ("one", "two")]
    assert tables[1]["trial"].to_list() == [0, 1, 2, 3]
    assert tables[1].head(2)["learning_rate"].to_list() == tables[0]["learning_rate"].to_list()
    assert tables[1].head(2)["value"].to_list() == tables[0]["value"].to_list()
    other = cli(*ask[:-1], "--sampler", "random", "--trials", 4, "--rounds", 2, "--out", "three")
    assert (other.code, other.err.count("\n")) == (2, 1)
    assert "sampler was coarse_to_fine then and is random now" in other.err
    assert not (tmp_path / "three").exists()


def test_where_all_diverge_there_is_no_model(cli, tmp_path):
    words = ("tune", "diabetes", "--hidden", 4, "--epochs", 2, "--optimizer", "sgd", "--quiet", "--folds", 1)
    done = cli(*words, "--search", "learning_rate=1e25,1e28", "--trials", 2, "--rounds", 1, "--out", "run")
    assert done.code == 1, done.err
    assert "there is no model: lower the learning rates" in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert (results["trials"]["diverged"], results["model"], results["test"]) == (2, None, None)
    assert not (tmp_path / "run/model").exists()


def test_a_time_limit_that_is_too_short_says_so(cli, tmp_path, monkeypatch):
    monkeypatch.setattr("trainwell.cli.tune.work.SHORTEST", 1e-6)
    done = cli("tune", "iris", *SMALL, "--folds", 1, "--time", "0.001s", "--out", "run")
    assert done.code in (1, 2), done.err
    assert "more time" in done.out + done.err
    assert "Traceback" not in done.err
    assert not (tmp_path / "run/model").exists()


def test_a_metric_named_beside_the_default_space_judges(cli, tmp_path):
    words = ("--trials", 2, "--rounds", 1, "--folds", 1, "--no-refit", "--epochs", 1, "--batch-size", 128)
    done = cli("tune", "iris", *words, "--metric", "loss", "--hidden", 4, "--json", "--out", "run")
    assert done.code == 0, done.err
    results = json.loads(done.out)
    assert (results["metric"], results["recipe"]["metric"]) == ("loss", "loss")
    assert "hidden" not in results["rounds"][0]["ranges"]
    space = tomllib.loads((tmp_path / "run/space.toml").read_text())
    assert (space["hidden"], space["metric"], space["batch_size"]) == ([4], "loss", 128)


def test_a_space_files_own_metric_judges(cli, tmp_path):
    (tmp_path / "space.toml").write_text(SPACE + 'metric = "loss"\n')
    words = ("tune", "iris", "--space", "space.toml", "--trials", 2, "--rounds", 1, "--folds", 1, "--no-refit")
    assert json.loads(cli(*words, "--json", "--out", "run").out)["metric"] == "loss"


def test_a_recipe_files_fields_may_be_searched(cli, run):
    words = ("tune", "iris", "--recipe", run / "recipe.toml", "--trials", 2, "--rounds", 1, "--folds", 1)
    done = cli(*words, "--search", "learning_rate=0.01..0.1", "--no-refit", "--json", "--out", "run")
    assert done.code == 0, done.err
    assert set(json.loads(done.out)["rounds"][0]["ranges"]) == {"learning_rate"}
