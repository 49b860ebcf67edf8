"""Models: predictions by hand, ensembles, saving and loading."""

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy.special import softmax
from sklearn.metrics import log_loss, mean_absolute_error, r2_score

from trainwell.core import DataError, ModelError
from trainwell.data import from_arrays, load_data
from trainwell.models import Model, load_model, save_model
from trainwell.training import Recipe, Trained, train

RECIPE = Recipe(hidden=(16,), epochs=10, batch_norm=True)


@pytest.fixture(scope="module")
def wine() -> Trained:
    return train(load_data("wine"), RECIPE, seeds=(0, 1, 2))


@pytest.fixture(scope="module")
def diabetes() -> Trained:
    return train(load_data("diabetes"), Recipe(hidden=(16,), epochs=10), seeds=(0, 1))


def test_one_network_predicts_what_its_formula_says(wine: Trained) -> None:
    model = Model.of(wine, [1])
    x = wine.dataset.validation.inputs.astype(np.float64)
    mean, std = (
        wine.dataset.training.inputs.mean(0, dtype=np.float64),
        wine.dataset.training.inputs.std(0, dtype=np.float64),
    )
    hidden, output = wine.params[1]
    statistics = wine.states[1][0]
    z = ((x - mean) / std) @ hidden["weights"].T + hidden["biases"]
    normal = (z - statistics["mean"]) / np.sqrt(statistics["variance"] + 1e-6) * hidden["scale"] + hidden["shift"]
    logits = np.maximum(normal, 0) @ output["weights"].T + output["biases"]
    assert model.probabilities(wine.dataset.validation.inputs) == pytest.approx(softmax(logits, 1), abs=1e-5)


def test_the_models_validation_scores_are_the_traces(wine: Trained, diabetes: Trained) -> None:
    for trained in (wine, diabetes):
        for member in range(len(trained)):
            quality = Model.of(trained, [member]).score(trained.dataset.validation)
            name = trained.score_name
            assert quality.scores[name.split("/")[0]] == pytest.approx(trained.kept(name)[member], abs=1e-5)


def test_an_ensemble_averages_probabilities(wine: Trained) -> None:
    x = wine.dataset.validation.inputs
    single = [Model.of(wine, [m]).probabilities(x) for m in range(3)]
    assert Model.of(wine, [0, 1, 2]).probabilities(x) == pytest.approx(np.mean(single, 0), abs=1e-7)


def test_only_prepared_rows_are_predicted(wine: Trained) -> None:
    model, inputs = Model.of(wine, [0]), wine.dataset.validation.inputs
    wrong = (inputs[:, :1], inputs[:, :-1], inputs[0], inputs.tolist(), pl.DataFrame({"alcohol": [13.0]}))
    for rows in wrong:
        with pytest.raises(ModelError, match="inputs must be an array of prepared rows with 13 columns"):
            model.outputs(rows)  # type: ignore[arg-type]  # no array


def test_raw_rows_frames_and_files_are_predicted(tmp_path: Path) -> None:
    frame = pl.DataFrame({"size": [float(i % 7) for i in range(60)], "kind": ["cat", "dog", "cow"] * 20})
    frame = frame.with_columns(price=pl.col("size") * 2 + pl.int_range(60) / 8)
    trained = train(frame, Recipe(hidden=(8,), epochs=3), target="price")
    model = Model.of(trained, [0])
    rows = frame.drop("price")
    rows.write_csv(tmp_path / "rows.csv")
    expected = model.decide(model.outputs(model.preparation.transform(rows)[0]))
    for given in (rows, frame, tmp_path / "rows.csv", str(tmp_path / "rows.csv")):
        assert np.array_equal(model.predict(given), expected)
    with pytest.raises(DataError, match="an array has no column names") as error:
        model.predict(np.zeros((3, 2)))
    assert "\n" not in str(error.value)
    with pytest.raises(DataError, match="size"):
        model.predict(pl.DataFrame({"other": [1.0]}))
    with pytest.raises(DataError, match="data cannot be read from Recipe"):
        model.predict(Recipe())  # type: ignore[arg-type]  # no rows
    with pytest.raises(ModelError, match="this model does regression"):
        model.predict_proba(rows)


def test_arrays_and_lists_are_predicted_with_probabilities(wine: Trained) -> None:
    model, inputs = Model.of(wine, [0, 1]), wine.dataset.validation.inputs
    shares = model.predict_proba(inputs)
    assert np.array_equal(shares, model.probabilities(inputs))
    assert np.array_equal(model.predict(inputs.tolist()), np.array(model.class_names)[shares.argmax(1)])
    with pytest.raises(DataError, match="inputs have 12 columns, but the network was trained on 13"):
        model.predict(inputs[:, :12])
    assert repr(model) == "Model of 'wine': classification, 2 networks"


def test_bytes_and_the_fractions_they_stand_for_are_predicted_alike() -> None:
    images = np.random.default_rng(0).integers(0, 256, (40, 13), np.uint8)
    trained = train(from_arrays(images, [0, 1] * 20, task="classification"), Recipe(hidden=(16,), epochs=1))
    model = Model.of(trained, [0])
    outputs = [model.outputs(model.preparation.transform(rows)[0]) for rows in (images, images / 255)]
    assert outputs[1] == pytest.approx(outputs[0], abs=1e-6)


def test_scores_against_scikit_learn(wine: Trained, diabetes: Trained) -> None:
    split = wine.dataset.open_test_split()
    model = Model.of(wine, [0])
    scores = model.score(split).scores
    assert scores["loss"] == pytest.approx(log_loss(split.targets, model.probabilities(split.inputs)), rel=1e-6)
    labels = np.array(wine.dataset.class_names)[split.targets]
    assert scores["accuracy"] == (model.predict(split.inputs) == labels).mean()
    split, model = diabetes.dataset.open_test_split(), Model.of(diabetes, [0, 1])
    truth = diabetes.dataset.preparation.decode(split.targets)
    predicted = model.predict(split.inputs)
    scores = model.score(split).scores
    assert scores["r2"] == pytest.approx(r2_score(truth, predicted), rel=1e-4)
    assert scores["mae"] == pytest.approx(mean_absolute_error(truth, predicted), rel=1e-4)
    assert 25 < truth.min() < truth.max() < 350  # the target's own units


@pytest.mark.parametrize("which", ["wine", "diabetes"])
def test_saved_and_loaded_it_predicts_the_same_bits(which: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    trained: Trained = request.getfixturevalue(which)
    model = Model.of(trained, [0, 1])
    loaded = load_model(save_model(model, tmp_path / "model"))
    x = trained.dataset.validation.inputs
    assert np.array_equal(loaded.outputs(x), model.outputs(x))
    assert np.array_equal(loaded.predict(x), model.predict(x))
    assert loaded.class_names == trained.dataset.class_names
    assert [n.recipe for n in loaded.networks] == [n.recipe for n in model.networks]
    assert loaded.metrics == pytest.approx(model.metrics)


def test_the_folder_is_complete_and_has_no_pickle(wine: Trained, tmp_path: Path) -> None:
    folder = save_model(Model.of(wine, [0]), tmp_path / "model")
    files = {path.name for path in folder.iterdir()}
    assert set(json.loads((folder / "manifest.json").read_text())["sha256"]) == files - {"manifest.json"}
    facts = json.loads((folder / "model.json").read_text())
    assert facts["networks"][0]["recipe"]["hidden"] == [16]
    assert facts["versions"].keys() >= {"trainwell", "jax", "numpy", "python", "scikit-learn"}
    assert facts["class_names"] == list(wine.dataset.class_names)
    assert not [path for path in folder.iterdir() if b"pickle" in path.read_bytes()]


@pytest.mark.parametrize("name", ["weights.safetensors", "model.json", "preparation.json"])
def test_a_missing_or_changed_file_is_named(wine: Trained, tmp_path: Path, name: str) -> None:
    folder = save_model(Model.of(wine, [0]), tmp_path / "model")
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError, match=rf"{name} was changed after saving"):
        load_model(folder)
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"lacks {name}"):
        load_model(folder)


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is not a saved model"):
        load_model(tmp_path)
    (tmp_path / "manifest.json").write_text("{")
    with pytest.raises(ModelError, match="cannot be read"):
        load_model(tmp_path)


def test_nothing_is_overwritten(wine: Trained, tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "thesis.txt").write_text("precious")
    with pytest.raises(ModelError, match="exists"):
        save_model(Model.of(wine, [0]), tmp_path / "model")
    assert [p.name for p in tmp_path.rglob("*.*")] == ["thesis.txt"]


def test_diverged_members_make_no_model() -> None:
    trained = train(load_data("iris"), Recipe(optimizer="sgd", learning_rate=1e20, epochs=2))
    with pytest.raises(ModelError, match="diverged"):
        Model.of(trained, [0])
    with pytest.raises(ModelError, match="at least one"):
        Model.of(trained, [])
