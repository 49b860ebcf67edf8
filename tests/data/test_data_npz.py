"""NPZ archives."""

import numpy as np
import pytest

from trainwell.core.errors import DataError
from trainwell.data import load

X = np.random.default_rng(0).normal(size=(30, 3))
Y = np.arange(30) % 2


def saved(folder, **arrays):
    np.savez(folder / "t.npz", **arrays)
    return folder / "t.npz"


@pytest.mark.parametrize("names", [("X", "y"), ("inputs", "targets"), ("x", "y"), ("data", "labels")])
def test_inputs_and_targets(tmp_path, names):
    data = load(saved(tmp_path, **dict(zip(names, (X, Y), strict=True))), split="file order")
    assert np.array_equal(data.training.inputs, X[: len(data.training)].astype(np.float32))
    assert (data.class_names, data.name) == (("0", "1"), "t")


@pytest.mark.parametrize("prefix", ["x", "X"])
def test_own_splits(tmp_path, prefix):
    arrays = {f"{prefix}_train": X, "y_train": Y, f"{prefix}_test": X[:4] + 1, "y_test": Y[:4]}
    data = load(saved(tmp_path, **arrays), validation=5)
    assert (len(data.training), len(data.validation)) == (25, 5)
    assert np.array_equal(data.open_test_split().inputs, (X[:4] + 1).astype(np.float32))
    arrays |= {f"{prefix}_val": X[:3] + 2, "y_val": Y[:3]}
    data = load(saved(tmp_path, **arrays))
    assert len(data.training) == 30
    assert np.array_equal(data.validation.inputs, (X[:3] + 2).astype(np.float32))
    with pytest.raises(DataError, match="validation set of its own"):
        load(saved(tmp_path, **arrays), validation=5)


def test_images_and_other_arrays(tmp_path):
    images = np.zeros((30, 4, 4), np.uint8)
    images[:, 0, 0] = np.arange(30)
    data = load(saved(tmp_path, X=images, y=Y, note=np.zeros(2)))
    assert (data.training.inputs.dtype, data.num_features) == (np.uint8, 16)
    assert any("ignored note" in notice for notice in data.notices)


def with_value(array, index, value):
    changed = array.astype(np.float64)
    changed[index] = value
    return changed


BAD = {
    "NaN in the inputs": ({"X": with_value(X, (4, 1), np.nan), "y": Y}, r"X: row 5, column 2 \(from 1\) is missing"),
    "NaN in the target": ({"X": X, "y": with_value(Y * 0.5, 3, np.nan)}, "y is missing in row 4"),
    "infinite": ({"X": with_value(X, (2, 2), np.inf), "y": Y}, "row 3, column 3 .* infinite"),
    "other length": ({"X": X, "y": Y[:20]}, "X have 30 rows and y 20"),
    "objects": ({"X": np.array([{}] * 30), "y": Y}, "Python objects"),
    "other names": ({"first": X, "second": Y}, "holds first, second: save inputs and targets"),
    "no targets": ({"X": X}, "no targets"),
    "text": ({"X": X.astype(str), "y": Y}, "X must be numbers"),
    "one dimension": ({"X": X[:, 0], "y": Y}, r"got shape \(30,\)"),
    "test set of another width": (
        {"x_train": X, "y_train": Y, "x_test": X[:4, :2], "y_test": Y[:4]},
        "test inputs are 2 columns",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays_in_a_file(tmp_path, case):
    arrays, message = BAD[case]
    with pytest.raises(DataError, match=message) as caught:
        load(saved(tmp_path, **arrays))
    assert "\n" not in str(caught.value)


def test_damaged_archives(tmp_path):
    whole = saved(tmp_path, X=X, y=Y).read_bytes()
    path = tmp_path / "damaged.npz"
    for content in (b"", b"junk", whole[:300], whole[:-40]):
        path.write_bytes(content)
        with pytest.raises(DataError, match="no readable NPZ"):
            load(path)
    np.save(tmp_path / "one.npy", X)
    path.write_bytes((tmp_path / "one.npy").read_bytes())
    with pytest.raises(DataError, match="single array"):
        load(path)
