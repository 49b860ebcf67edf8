"""Models of networks from several populations and folds, and of networks that count more than once."""

import json
import os
from dataclasses import replace

import numpy as np
import pytest

from trainwell.core import ModelError, sha256
from trainwell.data import folds_of, load_data
from trainwell.models import Model, choose_ensemble, load_model, network_of, save_model
from trainwell.training import Recipe, train

RECIPE = Recipe(hidden=(8,), epochs=4)


@pytest.fixture(scope="module")
def dataset():
    return load_data("wine")


@pytest.fixture(scope="module")
def trained(dataset):
    return train(dataset, RECIPE, seeds=(0, 1))


def test_a_network_named_twice_is_kept_once_and_counts_twice(dataset, trained):
    x = dataset.validation.inputs
    a, b = (Model.of(trained, [member]).probabilities(x) for member in (0, 1))
    networks = [network_of(trained, member) for member in (0, 1, 0)]
    for model in (Model.of(trained, [0, 1, 0]), Model.of_networks(dataset, networks)):
        assert [network.weight for network in model.networks] == [2, 1]
        assert [network.seed for network in model.networks] == [0, 1]
        assert model.probabilities(x) == pytest.approx((2 * a + b) / 3, abs=1e-15)


def test_a_chosen_ensemble_becomes_the_model_with_its_score(dataset, trained):
    split = dataset.validation
    outputs = np.stack([Model.of(trained, [member]).outputs(split.inputs) for member in range(len(trained))])
    choice = choose_ensemble(outputs, split.targets, split.weights, task=dataset.task, metric="loss")
    model = Model.of(trained, choice.ensemble.members)
    assert model.metrics["loss/validation"] == pytest.approx(choice.ensemble.score, rel=1e-9)


def test_regression_averages_with_weights():
    data = load_data("diabetes")
    trained = train(data, RECIPE, seeds=(0, 1))
    x = data.validation.inputs
    a, b = (Model.of(trained, [member]).outputs(x) for member in (0, 1))
    model = Model.of(trained, [1, 0, 1, 1])
    assert model.outputs(x) == pytest.approx((a + 3 * b) / 4, abs=1e-6)
    assert model.outputs(x).dtype == a.dtype


def test_networks_of_several_populations_and_folds_make_one_model(dataset, trained, tmp_path):
    folds = folds_of(dataset, 3)
    populations = [train(fold, RECIPE.evolve(hidden=(5, 4)), seeds=(7,)) for fold in folds.datasets]
    networks = [network_of(population, 0) for population in populations]
    model = Model.of_networks(dataset, [*networks, network_of(trained, 1)], metrics={"accuracy/validation": 0.5})
    x = dataset.open_test_split().inputs
    single = [Model.of(population, [0]).probabilities(x) for population in populations]
    single.append(Model.of(trained, [1]).probabilities(x))
    assert model.probabilities(x) == pytest.approx(np.mean(single, 0), abs=1e-12)
    assert model.metrics == {"accuracy/validation": 0.5}  # the rest have seen the validation rows
    assert model.facts["data_fingerprint"] == dataset.fingerprint
    shifts = [network.numbers["input_shift"] for network in model.networks]
    assert not np.array_equal(shifts[0], shifts[1])  # each fold scales its inputs by its own training split
    assert np.array_equal(load_model(save_model(model, tmp_path / "m")).probabilities(x), model.probabilities(x))


def test_out_of_fold_outputs_are_those_of_networks_that_never_saw_the_row(dataset):
    folds = folds_of(dataset, 3)
    models = [Model.of(train(fold, RECIPE), [0]) for fold in folds.datasets]
    outputs = [model.outputs(fold.validation.inputs) for model, fold in zip(models, folds.datasets, strict=True)]
    together = folds.together(outputs)
    pairs = zip(models, folds.datasets, strict=True)
    right = [model.score(fold.validation).scores["accuracy"] * len(fold.validation) for model, fold in pairs]
    assert (together.argmax(1) == folds.targets).sum() == pytest.approx(sum(right))


def test_weights_are_saved_and_loaded(trained, tmp_path):
    model = Model.of(trained, [0, 1, 0])
    folder = save_model(model, tmp_path / "model")
    loaded = load_model(folder)
    x = trained.dataset.validation.inputs
    assert [network.weight for network in loaded.networks] == [2, 1]
    assert np.array_equal(loaded.probabilities(x), model.probabilities(x))
    assert json.loads((folder / "model.json").read_text())["format"] == 2  # versions that know no weights refuse it


def rewritten(folder, change):
    """The saved model with another description, and checksums that fit."""
    description = json.loads((folder / "model.json").read_text())
    change(description)
    (folder / "model.json").write_text(json.dumps(description))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["model.json"] = sha256((folder / "model.json").read_bytes())
    (folder / "manifest.json").write_text(json.dumps(manifest))


def test_a_model_saved_before_there_were_weights_loads(trained, tmp_path):
    model = Model.of(trained, [0, 1])
    folder = save_model(model, tmp_path / "model")

    def older(description):
        assert description["format"] == 1
        for network in description["networks"]:
            del network["weight"]

    rewritten(folder, older)
    loaded, x = load_model(folder), trained.dataset.validation.inputs
    assert [network.weight for network in loaded.networks] == [1, 1]
    assert np.array_equal(loaded.probabilities(x), model.probabilities(x))


@pytest.mark.parametrize("weight", [0, -1, 1.5, "2", True, None])
def test_a_weight_that_is_none_is_refused(trained, tmp_path, weight):
    folder = save_model(Model.of(trained, [0]), tmp_path / "model")
    rewritten(folder, lambda description: description["networks"][0].update(weight=weight))
    with pytest.raises(ModelError, match=r"network 0 has weight .*, not a whole number from 1"):
        load_model(folder)


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (4, "model format 4, this version reads 1 to 3: update trainwell"),
        (0, "model format 0, this version reads 1 to 3: train it again, or use the version that wrote it"),
        (None, "has no format number"),
        (True, "has no format number"),
        ("2", "has no format number"),
    ],
)
def test_another_format_is_refused(trained, tmp_path, found, message):
    folder = save_model(Model.of(trained, [0]), tmp_path / "model")
    rewritten(folder, lambda description: description.update(format=found))
    with pytest.raises(ModelError, match=message):
        load_model(folder)


HOSTILE = {
    "sizes of a terabyte": (("structure", "sizes"), [10**6, 10**6, 3], "shapes of the network"),
    "sizes that are no integers": (("structure", "sizes"), [4.0, 8.0, 3.0], r"networks\.0\.structure\.sizes\.0"),
    "no sizes": (("structure", "sizes"), None, r"networks\.0\.structure\.sizes"),
    "a part that is not known": (("structure", "layers"), 3, r"structure\.layers"),
    "a list for a recipe": (("recipe",), [], r"networks\.0\.recipe"),
    "an unknown field": (("recipe", "speed"), 1, "unknown field 'speed'"),
    "a seed that is none": (("seed",), "zero", r"networks\.0\.seed"),
    "another activation": (("structure", "activation"), "swish\n", "activation"),
    "batch norm without its numbers": (("structure", "batch_norm"), True, "shapes of the network"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_description_that_is_none_is_one_line(trained, tmp_path, case):
    (*path, last), value, message = HOSTILE[case]
    folder = save_model(Model.of(trained, [0]), tmp_path / "model")

    def change(description):
        part = description["networks"][0]
        for name in path:
            part = part[name]
        part[last] = value

    rewritten(folder, change)
    with pytest.raises(ModelError, match=message) as error:
        load_model(folder)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["manifest.json", "model.json"])
def test_nested_files_pipes_and_other_folders(trained, tmp_path, name):
    folder = save_model(Model.of(trained, [0]), tmp_path / "model")
    rewritten(folder, lambda description: description.update(notes={}))
    nested = b"[" * 10_000 + b"]" * 10_000
    (folder / name).write_bytes(nested)
    if name == "model.json":
        manifest = json.loads((folder / "manifest.json").read_text())
        manifest["sha256"][name] = sha256(nested)
        (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match="nested deeper than 64 levels"):
        load_model(folder)
    (folder / name).unlink()
    os.mkfifo(folder / name)
    with pytest.raises(ModelError, match=rf"{name} cannot be read .is a pipe"):
        load_model(folder)


def test_a_manifest_reads_no_files_of_other_folders(trained, tmp_path):
    folder = save_model(Model.of(trained, [0]), tmp_path / "model")
    (tmp_path / "secret").write_text("secret")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["sha256"]["../secret"] = sha256(b"secret")
    (folder / "manifest.json").write_text(json.dumps(manifest))
    with pytest.raises(ModelError, match=r"lacks \.\./secret"):
        load_model(folder)


def test_networks_that_do_not_fit_are_refused(trained, dataset):
    with pytest.raises(ModelError, match="from 13 inputs to 3 outputs does not fit iris, which has 4 and 3"):
        Model.of_networks(load_data("iris"), [network_of(trained, 0)])
    with pytest.raises(ModelError, match="at least one network"):
        Model.of_networks(dataset, [])
    with pytest.raises(ModelError, match="member 1 diverged"):
        network_of(replace(trained, statuses=("finished", "diverged")), 1)
