"""Cross-validation's folds."""

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import folds_of, from_arrays, input_scaling, load_data


def numbered(num_rows=60, **options):
    """A data set whose only input is the number of the row."""
    labels = np.where(np.arange(num_rows) % 3 == 0, "rare", "often")
    return from_arrays(np.arange(num_rows, dtype=np.float64)[:, None], labels, **options)


def pool_of(data):
    return np.concatenate([data.training.inputs, data.validation.inputs])


def test_every_row_is_validated_once_and_never_trained_on_there():
    data = numbered()
    folds = folds_of(data, 5)
    pool = pool_of(data)
    assert sorted(np.concatenate(folds.rows).tolist()) == list(range(len(pool)))
    for fold, rows in zip(folds.datasets, folds.rows, strict=True):
        assert np.array_equal(fold.validation.inputs, pool[rows])
        assert np.array_equal(fold.training.inputs, np.delete(pool, rows, 0))  # in the order of the pool
        assert np.array_equal(fold.validation.targets, folds.targets[rows])
    sizes = [len(rows) for rows in folds.rows]
    assert max(sizes) - min(sizes) <= 1


def test_the_test_split_the_names_and_the_preparation_are_the_originals():
    data = numbered()
    folds = folds_of(data, 3).datasets
    for fold in folds:
        assert fold.open_test_split() is data.open_test_split()
        assert fold.preparation is data.preparation
        assert (fold.name, fold.class_names, fold.feature_names) == (data.name, data.class_names, data.feature_names)
        assert not np.isin(data.open_test_split().inputs, pool_of(fold)).any()
    assert len({data.fingerprint, *(fold.fingerprint for fold in folds)}) == 4


def test_classes_keep_their_share():
    folds = folds_of(numbered(), 4)  # the pool has 34 of one class and 17 of the other
    total = np.bincount(folds.targets)
    for fold in folds.datasets:
        assert np.abs(np.bincount(fold.validation.targets) - total / 4).max() < 1


def test_a_known_deal_with_scikit_learn():
    from sklearn.model_selection import StratifiedKFold

    from trainwell.core import stream

    data = load_data("wine")
    folds = folds_of(data, 5, seed=3)
    shuffle = int(stream(3, "folds").integers(2**32))
    theirs = StratifiedKFold(5, shuffle=True, random_state=shuffle).split(folds.targets, folds.targets)
    assert all(np.array_equal(ours, rows) for ours, (_, rows) in zip(folds.rows, theirs, strict=True))


def test_the_seed_decides_and_nothing_else():
    data = load_data("diabetes")
    first, again, other = (folds_of(data, 3, seed) for seed in (1, 1, 2))
    assert [fold.fingerprint for fold in first.datasets] == [fold.fingerprint for fold in again.datasets]
    assert not np.array_equal(first.rows[0], other.rows[0])


def test_inputs_are_scaled_by_each_folds_training_split():
    for fold in folds_of(numbered(), 3).datasets:
        shift, scale = input_scaling(fold.training, "standardize")
        assert shift[0] == pytest.approx(fold.training.inputs.mean())
        assert scale[0] == pytest.approx(1 / fold.training.inputs.std())


def test_targets_of_regression_keep_the_scale_of_the_original_training_split():
    data = load_data("diabetes")
    folds = folds_of(data, 4)
    assert np.array_equal(folds.targets, np.concatenate([data.training.targets, data.validation.targets]))
    assert folds.targets.shape == (len(folds.targets), 1)


def test_bytes_stay_bytes():
    images = np.arange(240, dtype=np.uint8).reshape(60, 4)
    fold = folds_of(from_arrays(images, ["a", "b", "c"] * 20), 3).datasets[0]
    assert fold.training.inputs.dtype == fold.validation.inputs.dtype == np.uint8


@pytest.mark.parametrize("class_weights", [None, "balanced", {"rare": 3.0, "often": 0.0}])
def test_class_weights_are_for_training_and_sample_weights_for_both(class_weights):
    sample = 1.0 + np.arange(60) % 4
    data = numbered(sample_weights=sample, class_weights=class_weights)
    of_row = sample[pool_of(data)[:, 0].astype(int)]
    factor = {}
    for label in (0, 1):
        here = data.training.targets == label
        factor[label] = (data.training.weights / of_row[: len(data.training)])[here].mean()
    folds = folds_of(data, 4)
    assert np.array_equal(folds.weights, of_row)
    for fold, rows in zip(folds.datasets, folds.rows, strict=True):
        assert np.array_equal(fold.validation.weights, of_row[rows])
        by_class = np.array([factor[0], factor[1]])[fold.training.targets]
        assert fold.training.weights == pytest.approx(np.delete(of_row, rows) * by_class, rel=1e-6)
    assert class_weights is None or not np.isclose(factor[0], factor[1])


def test_outputs_of_all_folds_come_together_in_the_order_of_the_pool():
    data = numbered()
    folds = folds_of(data, 4)
    assert np.array_equal(folds.together([fold.validation.inputs for fold in folds.datasets]), pool_of(data))


@pytest.mark.parametrize(
    ("count", "message"),
    [
        (1, "number of folds must be a whole number from 2, got 1"),
        (2.0, "whole number from 2, got 2.0"),
        (18, r"class 'rare' has 17 .* too few for 18 folds: use at most 17"),
        (100, "need at least 100 rows .training and validation., got 51"),
    ],
)
def test_impossible_numbers_of_folds(count, message):
    with pytest.raises(DataError, match=message):
        folds_of(numbered(), count)


def test_other_bad_requests():
    with pytest.raises(DataError, match="seed of the folds must be a whole number from 0, got -1"):
        folds_of(numbered(), 3, seed=-1)
    alone = np.array(["a"] * 9 + ["b"] * 9 + ["c"])
    data = from_arrays(np.arange(19.0)[:, None], alone, split="file-order", validation=3, test=2)
    assert len(folds_of(data, 8)) == 8  # 'c' occurs in the test split only
    counted = np.isin(np.arange(20), (0, 14, 17))  # one row of each split
    data = from_arrays(np.arange(20.0)[:, None], np.arange(20.0), sample_weights=counted, split="file-order")
    with pytest.raises(DataError, match=r"fold \d of 8 has only rows of weight 0"):
        folds_of(data, 8)
