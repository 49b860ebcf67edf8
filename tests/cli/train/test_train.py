"""`trainwell train`, against what the rooms below give for the same request."""

import json

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import load_file

from reference.results_document import assert_columns_are_documented, assert_results_are_documented

ASK = ("train", "iris", "--hidden", "8", "--epochs", "6", "--batch-size", "16", "--optimizer", "momentum")


@pytest.fixture
def population():
    """The same networks, trained without the command line."""
    from trainwell.data import load_data
    from trainwell.training import Recipe, train

    recipe = Recipe(hidden=(8,), epochs=6, batch_size=16, optimizer="momentum")
    return train(load_data("iris"), recipe, seeds=(0, 4))


def test_the_run_directory_holds_what_was_trained(cli, tmp_path, population):
    done = cli(*ASK, "--seeds", "0,4", "--out", "run")
    assert (done.code, done.err) == (0, "")
    names = {"run.json", "recipe.toml", "results.json", "trace.parquet", "report.html", "model"}
    assert {path.name for path in (tmp_path / "run").iterdir()} == names
    weights = load_file(tmp_path / "run/model/weights.safetensors")
    for i, params in enumerate(population.params):
        for layer, arrays in enumerate(params):
            for name, array in arrays.items():
                np.testing.assert_array_equal(weights[f"{i}/params/{layer}/{name}"], array)
    asked = json.loads((tmp_path / "run/run.json").read_text())
    assert asked["request"]["seeds"] == [0, 4]
    assert asked["request"]["recipes"]["momentum"]["hidden"] == [8]
    assert asked["request"]["data"] == asked["data"]["fingerprint"] == population.dataset.fingerprint
    assert asked["command_line"].startswith("trainwell train iris --hidden 8")


def test_numbers_are_those_of_the_population(cli, tmp_path, population):
    printed = json.loads(cli(*ASK, "--seeds", "0,4", "--out", "run", "--json").out)
    stored = json.loads((tmp_path / "run/results.json").read_text())
    assert {key: value for key, value in printed.items() if key not in ("run", "seconds")} == stored
    accuracy = population.kept("accuracy/validation")
    summary = stored["recipes"][0]["values"]["accuracy/validation"]
    assert summary["mean"] == pytest.approx(accuracy.mean())
    half = 12.706204736 * abs(accuracy[0] - accuracy[1]) / 2  # Student's t, one degree of freedom; s/√2 = |a−b|/2
    assert summary["low"] == pytest.approx(max(0, accuracy.mean() - half))
    assert [member["values"]["accuracy/validation"] for member in stored["members"]] == accuracy.tolist()


def test_the_test_split_is_judged_with_a_wilson_interval(cli, tmp_path, population):
    from trainwell.models import load_model

    test = json.loads(cli(*ASK, "--seeds", "0,4", "--out", "run", "--json").out)["test"]
    model, split = load_model(tmp_path / "run/model"), population.dataset.open_test_split()
    right = int((model.probabilities(split.inputs).argmax(1) == split.targets).sum())
    n, z, share = len(split), 1.959963985, right / len(split)
    centre, spread = share + z**2 / (2 * n), z * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    assert (test["n"], test["interval"]["mean"]) == (n, pytest.approx(share))
    assert test["interval"]["low"] == pytest.approx((centre - spread) / (1 + z**2 / n))
    assert test["interval"]["high"] == pytest.approx((centre + spread) / (1 + z**2 / n))
    assert model.metrics["accuracy/test"] == pytest.approx(share)


def test_the_trace_is_kept_in_long_form(cli, tmp_path, population):
    cli(*ASK, "--seeds", "0,4", "--out", "run")
    table = pl.read_parquet(tmp_path / "run/trace.parquet")
    assert table.columns == ["recipe", "seed", "step", "epoch", "name", "value"]
    assert_columns_are_documented("train", "trace", table.columns)
    for m, seed in enumerate((0, 4)):
        rows = table.filter((pl.col("seed") == seed) & (pl.col("name") == "loss/validation")).sort("step")
        np.testing.assert_array_equal(rows["value"].to_numpy(), population.trace["loss/validation"][m])
        assert rows["epoch"].to_list() == [1, 2, 3, 4, 5, 6]


def test_single_keeps_the_seed_best_on_validation(cli, tmp_path, population):
    from trainwell.models import load_model

    cli(*ASK, "--seeds", "0,4", "--out", "run", "--single")
    networks = load_model(tmp_path / "run/model").networks
    best = (0, 4)[int(np.argmax(population.kept("accuracy/validation")))]
    assert [network.seed for network in networks] == [best]


def test_regression_reports_r2_with_an_interval(cli):
    test = json.loads(cli("train", "diabetes", "--hidden", "8", "--epochs", "5", "--seeds", "2", "--json").out)["test"]
    ends = test["interval"]
    assert ends["name"] == "r2"
    assert ends["mean"] == test["scores"]["r2"]
    assert ends["low"] < ends["mean"] < ends["high"] < 1


def test_all_diverged_is_exit_code_1_without_a_model(cli, tmp_path):
    done = cli("train", "diabetes", "--learning-rate", "1e30", "--optimizer", "sgd", "--epochs", "3", "--out", "run")
    assert done.code == 1
    assert "all 3 networks diverged" in done.out
    results = json.loads((tmp_path / "run/results.json").read_text())
    assert (results["model"], results["recipes"][0]["diverged"]) == (None, 3)
    assert not (tmp_path / "run/model").exists()
    assert "run has no model" in cli("predict", "run", "diabetes").err


def test_a_fresh_name_never_meets_an_old_one(cli, tmp_path):
    for _ in range(2):
        assert cli("train", "iris", "--epochs", "1", "--seeds", "1").code == 0
    names = sorted(path.name for path in (tmp_path / "runs").iterdir())
    assert len(names) == 2
    assert all(name.startswith("train-iris-20") for name in names)


def test_a_complete_run_is_not_trained_again(cli, tree):
    cli(*ASK, "--seeds", "2", "--out", "run")
    before = tree()
    done = cli(*ASK, "--seeds", "2", "--out", "run", "--resume")
    assert (done.code, done.err) == (0, "note: run is already complete, nothing was trained\n")
    assert "validation accuracy" in done.out
    assert tree() == before


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ((*ASK, "--seeds", "3"), "seeds was 0, 1 then and is 0, 1, 2 now"),
        ((*ASK, "--seeds", "2", "--learning-rate", "0.5"), "learning_rate was unset then and is 0.5 now"),
        ((*ASK, "--seeds", "2", "--split-seed", "1"), "the data, or how they are split, are not the same"),
        ((*ASK, "--seeds", "2", "--single"), "single was False then and is True now"),
        (("compare", "iris", "--vary", "epochs=6,7", "--seeds", "2"), "command was train then and is compare now"),
    ],
)
def test_another_request_is_refused_and_the_run_untouched(cli, tree, words, says):
    cli(*ASK, "--seeds", "2", "--out", "run")
    before = tree()
    done = cli(*words, "--out", "run", "--resume")
    assert (done.code, done.out) == (2, "")
    assert says in done.err
    assert tree() == before


def test_observed_layers_are_on_the_page_and_in_files_and_the_model_is_the_same(cli, tmp_path, population):
    from trainwell.training import layer_facts, train

    found = json.loads(cli(*ASK, "--seeds", "0,4", "--observe-layers", "--out", "run", "--json").out)
    assert_results_are_documented("train", found)
    own = train(population.dataset, population.members[0].recipe, (0, 4), observe_layers=True)
    assert found["layers"] == layer_facts(own.layers)
    table = pl.read_parquet(tmp_path / "run/layers.parquet")
    assert table.height == 2 * 7 * (1 + 2)  # seeds, moments, layers that have activations and gradients
    rows = table.filter((pl.col("seed") == 4) & (pl.col("quantity") == "gradient") & (pl.col("layer") == 2)).sort(
        "step"
    )
    np.testing.assert_array_equal(rows["std"].to_numpy(), own.layers[1].stds["gradient"][:, 1])
    np.testing.assert_array_equal(rows["p50"].to_numpy(), np.median(own.layers[1].numbers["gradient"][:, 1], 1))
    assert "Inside the networks" in (tmp_path / "run/report.html").read_text()
    weights = load_file(tmp_path / "run/model/weights.safetensors")
    np.testing.assert_array_equal(weights["1/params/0/weights"], population.params[1][0]["weights"])
    refused = cli(*ASK, "--seeds", "0,4", "--out", "run", "--resume")
    assert (refused.code, refused.out) == (2, "")


def test_quiet_and_notes(cli):
    words = ("train", "iris", "--epochs", "1", "--seeds", "1", "--optimizer", "sgd", "--set", "beta1=0.5")
    assert cli(*words).err == "note: beta1 has no effect with sgd\n"
    assert cli(*words, "--quiet").err == ""
    small = ("train", "iris", "--epochs", "1", "--seeds", "1", "--gradient-tolerance", "5")
    assert cli(*small).err.startswith("note: gradient_tolerance is compared with the gradient of one mini-batch")
    assert cli(*small, "--batch-size", "full").err == ""
