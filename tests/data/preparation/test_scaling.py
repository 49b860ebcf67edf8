"""Centring and standardising inputs."""

import numpy as np
import pytest
from sklearn.preprocessing import StandardScaler

from trainwell.core import DataError
from trainwell.data import Split, from_arrays, input_scaling


def split_of(inputs):
    return Split(inputs, np.zeros(len(inputs), np.int32), np.ones(len(inputs), np.float32))


def test_standardising_equals_scikit_learn():
    rng = np.random.default_rng(0)
    inputs = (rng.normal(size=(9000, 5)) * [1, 10, 0.1, 1e4, 1] + [0, 5, 100, -1e5, 0]).astype(np.float32)
    shift, scale = input_scaling(split_of(inputs), "standardize")
    reference = StandardScaler().fit(inputs.astype(np.float64))
    assert shift.dtype == scale.dtype == np.float32
    np.testing.assert_allclose(shift, reference.mean_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(scale, 1 / reference.scale_, rtol=1e-6)


def test_constant_features_get_scale_one():
    inputs = np.array([[0.1, 1.0], [0.1, 3.0], [0.1, 5.0]], np.float32)
    shift, scale = input_scaling(split_of(inputs), "standardize")
    np.testing.assert_allclose(shift, [0.1, 3.0], rtol=1e-7)
    np.testing.assert_allclose(scale, [1.0, 1 / np.sqrt(8 / 3)], rtol=1e-7)
    many = np.full((4999, 2), [0.1, 1 / 3], np.float32)  # rounding must not pass for spread
    assert input_scaling(split_of(many), "standardize")[1].tolist() == [1, 1]


def test_center_only_shifts_and_none_does_nothing():
    inputs = np.array([[1.0, 2.0], [3.0, 6.0]], np.float32)
    assert [array.tolist() for array in input_scaling(split_of(inputs), "center")] == [[2, 4], [1, 1]]
    assert [array.tolist() for array in input_scaling(split_of(inputs), "none")] == [[0, 0], [1, 1]]


def test_bytes_share_one_mean_and_deviation():
    images = np.random.default_rng(1).integers(0, 256, (50, 7), dtype=np.uint8)
    images[:, 0] = 0  # a border pixel
    shift, scale = input_scaling(split_of(images), "standardize")
    fractions = images.astype(np.float64) / 255
    np.testing.assert_allclose(shift, np.full(7, fractions.mean()), rtol=1e-6)
    np.testing.assert_allclose(scale, np.full(7, 1 / fractions.std()), rtol=1e-6)


def test_only_the_training_split_counts():
    inputs, targets = np.arange(60.0).reshape(30, 2), np.arange(30) % 2
    changed = inputs.copy()
    before = from_arrays(inputs, targets, split="file-order")
    changed[len(before.training) :] += 1000
    after = from_arrays(changed, targets, split="file-order")
    assert not np.array_equal(before.validation.inputs, after.validation.inputs)
    for one, other in zip(
        input_scaling(before.training, "standardize"), input_scaling(after.training, "standardize"), strict=True
    ):
        assert np.array_equal(one, other)


def test_unknown_scaling():
    with pytest.raises(DataError, match="did you mean 'standardize'"):
        input_scaling(split_of(np.ones((2, 2), np.float32)), "standardise")
