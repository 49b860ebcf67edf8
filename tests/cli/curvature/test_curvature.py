"""`trainwell curvature`, against the library on the same rows, and wrong input."""

import json
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from reference.curvatures import curvature
from reference.page_text import Page
from reference.results_document import assert_columns_are_documented, assert_results_are_documented


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A small table and a run trained on it."""
    import os

    from trainwell.cli.app import main

    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(0)
    x = rng.standard_normal((90, 3))
    kind = np.where(x[:, 0] + 0.5 * rng.standard_normal(90) > 0, "large", "small")
    table = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "c": x[:, 2], "kind": kind})
    table.write_csv(folder / "rows.csv")
    here = os.getcwd()  # noqa: PTH109  # to come back to
    os.chdir(folder)
    try:
        words = "train rows.csv --target kind --hidden 4 --activation tanh --optimizer sgd --learning-rate 0.1 "
        words += "--epochs 20 --batch-size 16 --seeds 2 --out run -q --json"
        assert main(words.split()) == 0
        assert (
            main(["curvature", "run", "rows.csv", "--network", "2", "--split", "all", "--out", "found", "-q", "--json"])
            == 0
        )
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def folder(trained, tmp_path, cli):
    """A copy of it, where the program runs."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_the_numbers_are_the_librarys(folder):
    from trainwell.data import Split, load_rows
    from trainwell.landscape import network_curvature
    from trainwell.models import load_model

    results = json.loads((folder / "found/results.json").read_text())
    model = load_model(folder / "run/model")
    rows, network = load_rows(folder / "rows.csv", model.preparation), model.networks[1]
    found = network_curvature(
        network.structure,
        network.params,
        network.state,
        network.numbers,
        Split(rows.inputs, rows.targets, np.ones(90, np.float32)),
    )
    assert results["all_eigenvalues"] == pytest.approx(found.spectrum.eigenvalues, abs=1e-5)
    assert results["loss"] == pytest.approx(model_loss(model, rows), rel=1e-5)
    assert results["stable_below"]["gradient_descent"] == pytest.approx(2 / results["largest"]["value"])
    assert (results["rows"], results["labelled_rows"], results["network"], results["num_networks"]) == (90, 90, 2, 2)
    assert (results["parameters"], results["num_negative"], results["kind"]) == (
        26,
        found.spectrum.index,
        found.spectrum.kind,
    )
    density = pl.read_csv(folder / "found/density.csv")
    assert_results_are_documented("curvature", results)
    assert_columns_are_documented("curvature", "density", density.columns)
    width = density["eigenvalue"][1] - density["eigenvalue"][0]
    assert density["density"].sum() * width == pytest.approx(1)
    along = pl.read_csv(folder / "found/directions.csv")
    assert_columns_are_documented("curvature", "directions", along.columns)
    assert along["direction"].unique(maintain_order=True).to_list() == ["steepest", "lowest"]
    assert along.filter(pl.col("distance") == 0)["loss"].to_list() == pytest.approx([results["loss"]] * 2, rel=1e-5)
    assert (folder / "found/report.html").stat().st_size > 10_000
    by_name = {line["name"]: line["value"] for line in results["lines"]}
    times = 0.1 / results["stable_below"]["gradient_descent"]
    assert float(by_name["as trained"].split()[0]) == pytest.approx(times, rel=1e-2)


def model_loss(model, rows):
    """Of network 2, from its own logits: no penalty, no smoothing."""
    from scipy.special import log_softmax

    logits = model.networks[1].logits(rows.inputs).astype(np.float64)
    return -log_softmax(logits, 1)[np.arange(len(logits)), rows.targets].mean()


def test_the_training_split_is_measured_by_default(folder, cli):
    from trainwell.data import load_data
    from trainwell.models import load_model

    done = cli("curvature", "run", "rows.csv", "--network", "2", "--out", "own", "--json")
    results = json.loads(done.out)
    training = load_data(folder / "rows.csv", target="kind").training
    assert (results["split"], results["rows"], results["labelled_rows"]) == ("training", len(training), len(training))
    model = load_model(folder / "run/model")
    assert results["loss"] == pytest.approx(model_loss(model, training), rel=1e-5)
    assert f"{len(training)}, the model's training split" in Page((folder / "own/report.html").read_text()).visible
    table = pl.read_csv(folder / "rows.csv").head(80)
    table.write_csv(folder / "fewer.csv")
    other = cli("curvature", "run", "fewer.csv", "--out", "other", "--json")
    assert (json.loads(other.out)["split"], json.loads(other.out)["rows"]) == ("all", 80)
    assert "fewer.csv is not known as what the model was trained on, so that all its rows are measured" in other.err


def test_a_table_for_people_in_plain_words(folder, cli):
    done = cli("curvature", "run", "rows.csv", "--network", "2", "--split", "all", "--out", "found", "--resume")
    assert done.code == 0
    assert "is already complete" in done.err
    assert "network 2 of 2 is measured" in done.err
    results = json.loads((folder / "found/results.json").read_text())
    assert f"stable below a learning rate of {results['stable_below']['gradient_descent']:.3g}"[:-1] in done.out
    assert "network 2 of 2 of rows, 26 parameters, on 90 rows of rows.csv" in done.out
    assert "found/report.html" in done.out
    quiet = cli(
        "curvature",
        "run",
        "rows.csv",
        "--network",
        "2",
        "--split",
        "all",
        "--out",
        "found",
        "--resume",
        "--quiet",
        "--json",
    )
    assert (quiet.err, json.loads(quiet.out)["kind"]) == ("", results["kind"])


def test_another_request_is_not_the_same_run(folder, cli):
    done = cli("curvature", "run", "rows.csv", "--network", "1", "--out", "found", "--resume")
    assert (done.code, done.err.count("error")) == (2, 1)
    assert "found holds another run" in done.err


def test_rows_without_an_answer_are_left_out_and_others_drawn(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    table = pl.concat([table, table.head(10)])
    labels = table["kind"].to_list()
    labels[2], labels[5] = None, "huge"
    table.with_columns(kind=pl.Series(labels)).write_csv(folder / "gaps.csv")
    words = ("curvature", "run", "gaps.csv", "--rows", "90", "--seed", "3", "--json")
    done = cli(*words, "--out", "a")
    answer = json.loads(done.out)
    assert (answer["rows"], answer["labelled_rows"]) == (90, 98)
    why = "1 have no target, 1 have a class not in the training data"
    assert f"2 of 100 rows are left out: {why}" in answer["notices"][0]
    assert answer["notices"][1] == "90 of 98 rows were drawn at random (seed 3); set rows (--rows) for more"
    assert all(f"note: {notice}" in done.err for notice in answer["notices"])


def test_a_quadrature_of_many_parameters_is_kept(folder, cli, monkeypatch):
    from trainwell.cli.curvature import work

    found = curvature()
    monkeypatch.setattr(work, "curvature_of", lambda network, split, **settings: found)
    assert cli("curvature", "run", "rows.csv", "--out", "many", "-q").code == 0
    results = json.loads((folder / "many/results.json").read_text())
    assert (results["parameters"], results["all_eigenvalues"]) == (1000, None)
    assert results["largest"] == {"value": 4.0, "bound": 0.01}
    assert pl.read_csv(folder / "many/density.csv")["density"].to_list() == pytest.approx(found.density.density)
    assert "2 random vectors, 3 products each" in Page((folder / "many/report.html").read_text()).visible


def spoiled(folder, change):
    """A copy of the model with other networks."""
    from trainwell.models import load_model, save_model

    model = load_model(folder / "run/model")
    save_model(replace(model, networks=tuple(change(network) for network in model.networks)), folder / "spoiled")


def with_nan(network):
    params = [{name: array.copy() for name, array in layer.items()} for layer in network.params]
    params[0]["weights"][0, 0] = np.nan
    return replace(network, params=params)


WRONG = {
    "no network 3": (("run", "rows.csv", "--network", "3"), "--network is 3, and the model has 2"),
    "network 0": (("run", "rows.csv", "--network", "0"), "--network"),
    "no rows wanted": (("run", "rows.csv", "--rows", "0"), "--rows"),
    "no model": (("nowhere", "rows.csv"), "there is no model at nowhere"),
    "a run of curvature": (("found", "rows.csv"), "found has no model"),
    "no such data": (("run", "irsi"), "there is no data set or file 'irsi'"),
    "no answers": (("run", "new.csv"), "no row of new.csv has a value in the target's column 'kind'"),
    "unknown answers": (("run", "unknown.csv"), "no row of unknown.csv has a value in the target's column 'kind'"),
    "other data": (("run", "iris"), ""),
    "no rows": (("run", "empty.csv"), ""),
    "weights that are not finite": (("spoiled", "rows.csv"), "diverged"),
    "a folder that is taken": (("run", "rows.csv", "--out", "run"), "run exists"),
}


@pytest.mark.parametrize(("words", "message"), WRONG.values(), ids=list(WRONG))
def test_wrong_input_is_one_line(folder, cli, words, message):
    table = pl.read_csv(folder / "rows.csv")
    table.drop("kind").write_csv(folder / "new.csv")
    table.with_columns(kind=pl.lit("huge")).write_csv(folder / "unknown.csv")
    (folder / "empty.csv").write_text("a,b,c,kind\n")
    spoiled(folder, with_nan)
    done = cli("curvature", *words, "--quiet")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith("trainwell: error: ")
    assert message in done.err
