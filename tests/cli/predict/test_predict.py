"""`trainwell predict`, against the saved model itself."""

import io
import json
import re
import shutil

import numpy as np
import polars as pl
import pytest

COLORS = ("red", "green", "blue")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A table with numbers and words, and a run trained on it."""
    import os

    from trainwell.cli.app import main

    folder = tmp_path_factory.mktemp("trained")
    rng = np.random.default_rng(0)
    x, color = rng.standard_normal((120, 2)), rng.integers(0, 3, 120)
    kind = np.where(x[:, 0] + color > 1, "large", "small")
    table = pl.DataFrame({"a": x[:, 0], "b": x[:, 1], "color": [COLORS[c] for c in color], "kind": kind})
    table.write_csv(folder / "rows.csv")
    here = os.getcwd()  # noqa: PTH109  # to come back to
    os.chdir(folder)
    try:
        words = "train rows.csv --target kind --hidden 16 --epochs 30 --batch-size 16 --seeds 2 --out run -q --json"
        assert main(words.split()) == 0
    finally:
        os.chdir(here)
    return folder


@pytest.fixture
def folder(trained, tmp_path, cli):
    """A copy of it, where the program runs."""
    shutil.copytree(trained, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_labels_and_probabilities_are_the_models(folder, cli):
    from trainwell.data import load_rows
    from trainwell.models import load_model

    done = cli("predict", "run", "rows.csv", "--probabilities")
    table = pl.read_csv(io.StringIO(done.out))
    model = load_model(folder / "run/model")
    rows = load_rows(folder / "rows.csv", model.preparation)
    assert table.columns == ["predicted kind", "probability of large", "probability of small"]
    assert table["predicted kind"].to_list() == model.predict(folder / "rows.csv").tolist()
    np.testing.assert_allclose(table[:, 1:].to_numpy(), model.probabilities(rows.inputs), rtol=1e-12)
    assert cli("predict", "run/model", "rows.csv").out.splitlines()[1:] == table["predicted kind"].to_list()


def test_scores_are_said_when_the_target_is_there(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    answer = json.loads(cli("predict", "run", "rows.csv", "--json").out)
    right = np.mean(np.array(answer["columns"]["predicted kind"]) == table["kind"].to_numpy())
    assert answer["scores"]["accuracy"] == pytest.approx(right)
    assert "include the rows the model was trained on" in answer["notices"][0]
    assert f"{right:.4f}" in cli("predict", "run", "rows.csv").err
    table.drop("kind").write_csv(folder / "new.csv")
    answer = json.loads(cli("predict", "run", "new.csv", "--json").out)
    assert (answer["scores"], answer["notices"]) == (None, [])


def test_rows_without_a_known_answer_are_predicted_and_not_scored(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    labels = table["kind"].to_list()
    predicted = cli("predict", "run", "rows.csv").out
    labels[2], labels[5], labels[7] = None, "huge", "tiny"
    table.with_columns(kind=pl.Series(labels)).write_csv(folder / "gaps.csv")
    done = cli("predict", "run", "gaps.csv", "--json")
    answer = json.loads(done.out)
    assert answer["columns"]["predicted kind"] == predicted.splitlines()[1:]
    known = [row for row in range(120) if row not in (2, 5, 7)]
    right = [answer["columns"]["predicted kind"][row] == labels[row] for row in known]
    assert answer["scores"]["accuracy"] == pytest.approx(np.mean(right))
    assert answer["notices"] == [
        "target 'kind': 3 of 120 rows are predicted but not scored: 1 have no target, "
        "2 have a class not in the training data (first 'huge' in row 6)"
    ]
    assert "117 rows" in cli("predict", "run", "gaps.csv").err
    table.with_columns(kind=pl.lit("huge")).write_csv(folder / "none.csv")
    answer = json.loads(cli("predict", "run", "none.csv", "--json").out)
    assert (answer["rows"], answer["scores"], len(answer["notices"])) == (120, None, 1)


def test_columns_may_be_reordered_missing_or_new(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    table.select("color", "b", "kind", "a").write_csv(folder / "turned.csv")
    assert cli("predict", "run", "turned.csv").out == cli("predict", "run", "rows.csv").out
    table.drop("b", "kind").with_columns(pl.lit(1).alias("c")).write_csv(folder / "other.csv")
    done = cli("predict", "run", "other.csv")
    assert (done.code, done.out.count("\n")) == (0, 121)
    assert all(line.startswith("note: ") for line in done.err.splitlines())
    assert "'b'" in done.err
    assert "'c'" in done.err
    colors = pl.Series("color", ["pink", *table["color"].to_list()[1:]])
    table.drop("kind").with_columns(colors).write_csv(folder / "pink.csv")
    assert "pink" in cli("predict", "run", "pink.csv").err
    assert cli("predict", "run", "pink.csv", "--quiet").err == ""
    table.drop("kind").with_columns(color=pl.lit("pink")).write_csv(folder / "pinks.csv")
    done = cli("predict", "run", "pinks.csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
    assert "column 'color' has no category of the training data ('pink')" in done.err


@pytest.mark.parametrize(("name", "read"), [("answers.csv", pl.read_csv), ("answers.parquet", pl.read_parquet)])
def test_to_a_file_once(folder, cli, name, read):
    done = cli("predict", "run", "rows.csv", "--out", name)
    assert (done.code, done.out) == (0, "")
    assert re.search(rf"predictions +{name} \(120 rows\)", done.err)
    assert "predictions" not in cli("predict", "run", "rows.csv", "--out", f"quiet-{name}", "--quiet").err
    expected = cli("predict", "run", "rows.csv").out.splitlines()[1:]
    assert read(folder / name)["predicted kind"].to_list() == expected
    before = (folder / name).read_bytes()
    done = cli("predict", "run", "rows.csv", "--out", name)
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert (folder / name).read_bytes() == before


def test_regression_answers_in_the_targets_units(cli):
    cli("train", "diabetes", "--epochs", "10", "--seeds", "1", "--out", "run")
    answer = json.loads(cli("predict", "run", "diabetes", "--json").out)
    values = np.array(answer["columns"]["predicted target"])
    from sklearn.datasets import load_diabetes

    target = load_diabetes().target
    assert answer["scores"]["rmse"] == pytest.approx(np.sqrt(np.mean((values - target) ** 2)), rel=1e-5)
    assert answer["scores"]["mae"] == pytest.approx(np.mean(np.abs(values - target)), rel=1e-5)
    done = cli("predict", "run", "diabetes", "--probabilities")
    assert (done.code, "leave out --probabilities" in done.err) == (2, True)


def test_ids_are_handed_on(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    ids = [f"{i:03}" for i in range(120)]
    table.with_columns(id=pl.Series(ids)).write_csv(folder / "named.csv")
    done = cli("predict", "run", "named.csv", "--keep", "id", "--keep", "a", "--probabilities")
    lines = done.out.splitlines()
    assert lines[0] == "id,a,predicted kind,probability of large,probability of small"
    assert [line.split(",")[0] for line in lines[1:]] == ids
    table.with_columns(table["kind"].alias("predicted kind")).write_csv(folder / "again.csv")
    for name, message in (("nid", "no column 'nid' for the kept column"), ("predicted kind", "have a column of this")):
        done = cli("predict", "run", "again.csv", "--keep", name)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert message in done.err


def test_words_for_missing_cells(folder, cli):
    table = pl.read_csv(folder / "rows.csv")
    colors = pl.Series("color", ["lost", *table["color"].to_list()[1:]])
    table.drop("kind").with_columns(colors).write_csv(folder / "lost.csv")
    assert "'lost'" in cli("predict", "run", "lost.csv").err
    err = cli("predict", "run", "lost.csv", "--missing", "lost").err
    assert "1 of 120 cells are missing, which no training row was" in err
    words = "train lost.csv --target color --epochs 2 --seeds 1 --json --missing"
    for given, classes in (("lost", ["blue", "green", "red"]), ("lost,red", ["blue", "green"])):
        answer = json.loads(cli(*words.split(), given, "--out", f"run-{given}").out)
        assert answer["data"]["classes"] == classes
        assert any("without a target" in notice for notice in answer["data"]["notices"])


BAD_MODELS = {
    "a missing file": lambda model: (model / "weights.safetensors").unlink(),
    "a tampered file": lambda model: (model / "model.json").write_text("{}"),
    "no manifest": lambda model: (model / "manifest.json").unlink(),
    "no model": lambda model: shutil.rmtree(model),
}
BAD_ROWS = {
    "text in a numeric column": "a,b,color\n1,high,red\n",
    "no column of the model's": "x,y\n1,2\n",
    "no rows": "a,b,color\n",
    "nothing": "",
}


@pytest.mark.parametrize("spoil", BAD_MODELS.values(), ids=list(BAD_MODELS))
def test_a_bad_model_is_one_line(folder, cli, spoil, tree):
    spoil(folder / "run/model")
    before = tree()
    done = cli("predict", "run", "rows.csv", "--out", "answers.csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert done.err.startswith("trainwell: error: run")
    assert tree() == before


@pytest.mark.parametrize("content", BAD_ROWS.values(), ids=list(BAD_ROWS))
def test_bad_rows_are_one_line(folder, cli, content, tree):
    (folder / "bad.csv").write_text(content)
    before = tree()
    done = cli("predict", "run", "bad.csv", "--out", "answers.csv")
    assert (done.code, done.out, done.err.count("\n")) == (2, "", 1), done.err
    assert tree() == before


@pytest.mark.parametrize("name", ["answers.txt", "nowhere/answers.csv"])
def test_a_file_that_cannot_be_written(folder, cli, name):
    done = cli("predict", "run", "rows.csv", "--out", name)
    assert (done.code, done.err.count("\n")) == (2, 1)


def test_a_folder_that_takes_no_file(folder, cli, monkeypatch):
    from trainwell.core import files

    def refuse(path, content):
        raise FileNotFoundError(2, "No such file or directory", str(path.with_name(".hidden")))

    monkeypatch.setattr(files, "write_atomic", refuse)
    done = cli("predict", "run", "rows.csv", "--out", "answers.csv", "--quiet")
    assert (done.code, done.out) == (2, "")
    line = "trainwell: error: answers.csv cannot be written (No such file or directory): choose another --out\n"
    assert done.err == line


def test_only_the_label_column(folder, cli):
    (folder / "label.csv").write_text("kind\nlarge\nsmall\n")
    done = cli("predict", "run", "label.csv")
    assert (done.code, done.err.count("\n")) == (2, 1)
    assert "the table has none of the columns that the network was trained on" in done.err


def test_the_help_is_about_predicting(cli):
    assert "train side by side" not in cli("predict", "--help-all").out
    assert "Where to predict" in cli("predict", "--help-all").out


def test_a_reader_that_stops_reading_is_no_traceback(folder, forks):
    code = (
        "import sys, os; from trainwell.cli.app import main\n"
        "reader, writer = os.pipe(); os.close(reader); os.dup2(writer, 1)\n"
        "sys.exit(main(['predict', 'run', 'rows.csv', '--quiet']))"
    )
    done = forks.finished(folder, [], code=code)
    assert (done.code, done.err) == (141, "")
