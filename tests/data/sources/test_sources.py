"""Built-in data, arrays, and what every Dataset promises."""

import subprocess
import sys

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import BUILT_IN_NAMES, Preparation, from_arrays, load_data


@pytest.mark.parametrize(
    ("name", "rows", "features", "outputs", "task"),
    [
        ("iris", 150, 4, 3, "classification"),
        ("wine", 178, 13, 3, "classification"),
        ("breast_cancer", 569, 30, 2, "classification"),
        ("digits", 1797, 64, 10, "classification"),
        ("diabetes", 442, 10, 1, "regression"),
    ],
)
def test_built_in_data_is_scikit_learns(name, rows, features, outputs, task):
    from sklearn import datasets

    data, original = load_data(name), getattr(datasets, f"load_{name}")()
    parts = (data.training, data.validation, data.open_test_split())
    assert (sum(map(len, parts)), data.num_features, data.num_outputs, data.task) == (rows, features, outputs, task)
    scale = 16 if name == "digits" else 1
    ours = np.concatenate([part.inputs for part in parts])
    raw = np.concatenate([data.preparation.decode(part.targets) for part in parts])
    if task == "classification":
        theirs = original.target_names.astype(str)[original.target]
    else:
        theirs, raw = original.target, raw.round(3)
    pairs = sorted(zip(map(bytes, ours), map(str, raw), strict=True))
    expected = (original.data / scale).astype(np.float32)
    assert pairs == sorted(zip(map(bytes, expected), map(str, theirs), strict=True))
    for part in parts:
        assert part.inputs.dtype == part.weights.dtype == np.float32
        assert np.array_equal(part.weights, np.ones(len(part)))
        assert part.targets.dtype == (np.int32 if task == "classification" else np.float32)


def test_regression_targets_are_standardised_by_the_training_split():
    data = load_data("diabetes")
    assert data.training.targets.shape == (310, 1)
    assert abs(data.training.targets.mean(dtype=np.float64)) < 1e-7
    assert data.training.targets.std(dtype=np.float64) == pytest.approx(1, abs=1e-7)
    assert abs(data.validation.targets.mean()) > 1e-3  # not by its own


def test_fingerprint_is_stable_and_sees_every_part():
    first = load_data("iris")
    assert first.fingerprint == load_data("iris").fingerprint
    assert first.fingerprint != load_data("iris", split_seed=1).fingerprint
    inputs, targets = np.arange(60.0).reshape(30, 2), np.arange(30) % 2
    base = from_arrays(inputs, targets, split="file-order").fingerprint
    for row in (0, 22, 29):  # training, validation, test
        changed = inputs.copy()
        changed[row, 0] += 0.5
        assert from_arrays(changed, targets, split="file-order").fingerprint != base
    assert from_arrays(inputs, targets, split="file-order", feature_names=["a", "b"]).fingerprint != base


def test_data_loads_nothing_heavy_until_needed():
    code = (
        "import sys, trainwell.data as data\n"
        "heavy = {'jax', 'sklearn', 'polars', 'scipy', 'rich', 'pydantic'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "data.load_data('iris')\n"
        "assert 'jax' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_arrays_keep_own_splits_and_weights():
    inputs, targets = np.arange(20.0).reshape(10, 2), np.array([0, 1] * 5)
    own = (inputs[:2] + 100, targets[:2], [3.0, 4.0])
    data = from_arrays(inputs, targets, sample_weights=np.arange(1, 11), validation=own, test=(inputs[:3], targets[:3]))
    assert np.array_equal(data.training.inputs, inputs.astype(np.float32))
    assert data.training.weights.tolist() == list(range(1, 11))
    assert data.validation.inputs.tolist() == [[100, 101], [102, 103]]
    assert data.validation.weights.tolist() == [3, 4]
    assert len(data.open_test_split()) == 3


def test_images_stay_bytes_and_keep_their_shape():
    images = np.arange(20 * 4, dtype=np.uint8).reshape(20, 2, 2)
    data = from_arrays(images, ["a", "b"] * 10, split="file-order")
    assert data.training.inputs.dtype == np.uint8
    assert data.training.inputs[1].tolist() == [[4, 5], [6, 7]]
    assert data.training.flat[1].tolist() == [4, 5, 6, 7]
    assert (data.input_shape, data.num_features) == ((2, 2), 4)
    inputs, _ = data.preparation.transform(images.reshape(20, 4))  # flat rows will do
    assert np.array_equal(inputs, images)
    assert Preparation.from_files(data.preparation.to_files()).inputs == data.preparation.inputs


def test_limit_takes_the_first_rows_and_file_order_keeps_them():
    inputs = np.arange(50.0)[:, None]
    data = from_arrays(inputs, np.arange(50) % 2, limit=20, split="file-order", validation=0.2, test=1)
    assert data.training.inputs[:, 0].tolist() == list(range(15))
    assert data.validation.inputs[:, 0].tolist() == [15, 16, 17, 18]
    assert data.open_test_split().inputs[:, 0].tolist() == [19]


def test_notices_are_kept():
    data = from_arrays(np.arange(30.0)[:, None], np.arange(30) % 3)
    assert "classification" in data.notices[0]


@pytest.mark.parametrize(
    ("inputs", "targets", "options", "message"),
    [
        (np.ones((4, 2)), [0, 1, 0], {}, "inputs have 4 rows, but targets 3"),
        (np.ones(4), [0, 1, 0, 1], {}, r"reshape one feature to \(-1, 1\)"),
        (np.array([[1.0], [np.nan]]), [0, 1], {}, "row 2, column 1 .* missing"),
        (np.array([[1.0], [-np.inf]]), [0, 1], {}, "row 2, column 1 .* infinite"),
        (np.array([[1.0]] * 8 + [[1e39]]), [0, 1, 0] * 3, {}, r"'x0' .* too large for float32 in row 9 \(1e\+39\)"),
        (np.array([["a"], ["b"]]), [0, 1], {}, "must be numbers"),
        (np.ones((0, 2)), [], {}, "are empty"),
        (np.ones((4, 2)), [0, None, 0, 1], {}, "missing in row 2"),
        (np.ones((4, 2)), [0.5, np.inf, 0, 1], {}, "infinite in row 2"),
        (np.ones((4, 2)), np.eye(4), {}, r"argmax\(axis=1\)"),
        (np.ones((4, 2)), ["a"] * 4, {}, r"constant \(a in every row\)"),
        (np.ones((4, 2)), [0, 1, 0, 1], {"sample_weights": [1, 1, -1, 1]}, "got -1.0 in row 3"),
        (np.ones((4, 2)), [0, 1, 0, 1], {"sample_weights": [0] * 4}, "are all 0"),
        (np.ones((4, 2)), [0, 1, 0, 1], {"sample_weights": [1]}, "4 in all"),
        (np.ones((4, 2)), [0, 1, 0, 1], {"feature_names": ["a", "a"]}, "2 different names"),
        (np.ones((9, 2)), [0, 1, 0] * 3, {"validation": (np.ones((2, 3)), [0, 1])}, "must be the same"),
        (np.ones((9, 2)), [0, 1, 0] * 3, {"validation": (np.ones((1, 2)), [7])}, "has unknown class '7'"),
        (np.ones((9, 2)), [0, 1, 0] * 3, {"split_seed": -1}, "whole number from 0"),
        (np.ones((9, 2)), [0, 1, 0] * 3, {"limit": 0}, "from 1, got 0"),
        (np.ones((9, 2)), np.arange(9) / 2, {"class_weights": "balanced"}, "task is regression"),
    ],
)
def test_bad_arrays(inputs, targets, options, message):
    with pytest.raises(DataError, match=message) as caught:
        from_arrays(inputs, targets, **options)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("source", "options", "message"),
    [
        ("minst", {}, "did you mean 'mnist'"),
        ("nowhere.csv", {"target": "y"}, "no file nowhere.csv"),
        ("iris", {"target": "species"}, "takes no target"),
        ("iris", {"split": "random"}, "unknown split 'random'"),
        ("iris", {"task": "clasification"}, "did you mean 'classification'"),
        ("iris", {"class_weights": {"setosas": 2}}, "did you mean 'setosa'"),
        ("mnist", {"test": 0.1}, "test set of its own"),
    ],
)
def test_bad_requests(source, options, message):
    with pytest.raises(DataError, match=message) as caught:
        load_data(source, **options)
    assert "\n" not in str(caught.value)


def test_the_built_in_names_are_those_promised():
    assert set(BUILT_IN_NAMES) == {"digits", "iris", "wine", "breast_cancer", "diabetes", "mnist", "fashion-mnist"}
