"""What guessing comes to, against networks that can do nothing else and against scikit-learn's dummies."""

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.metrics import log_loss, mean_squared_error, r2_score

from trainwell.comparison.adding_seeds import guess_for
from trainwell.data import Dataset, from_arrays, load_data


@pytest.fixture
def unbalanced() -> Dataset:
    rng = np.random.default_rng(0)
    return from_arrays(rng.normal(size=(200, 3)), rng.choice(3, 200, p=[0.2, 0.7, 0.1]), name="unbalanced")


def test_accuracy_is_that_of_the_most_frequent_class(unbalanced: Dataset) -> None:
    dummy = DummyClassifier(strategy="most_frequent").fit(unbalanced.training.inputs, unbalanced.training.targets)
    expected = dummy.score(unbalanced.validation.inputs, unbalanced.validation.targets)
    assert guess_for(unbalanced, "accuracy") == pytest.approx(expected, abs=1e-6)


def test_loss_is_that_of_the_classes_shares(unbalanced: Dataset) -> None:
    shares = (np.bincount(unbalanced.training.targets, minlength=3) + 1) / (len(unbalanced.training) + 3)
    expected = log_loss(
        unbalanced.validation.targets, np.tile(shares, (len(unbalanced.validation), 1)), labels=[0, 1, 2]
    )
    assert guess_for(unbalanced, "loss") == pytest.approx(expected, rel=1e-6)


def test_regression_is_that_of_the_mean() -> None:
    data = load_data("diabetes")
    dummy = DummyRegressor().fit(data.training.inputs, data.training.targets)
    predicted = dummy.predict(data.validation.inputs)
    assert guess_for(data, "r2") == pytest.approx(r2_score(data.validation.targets, predicted), abs=1e-6)
    assert guess_for(data, "loss") == pytest.approx(mean_squared_error(data.validation.targets, predicted), rel=1e-6)


def test_equal_validation_targets_make_no_division_by_zero() -> None:
    targets = np.concatenate([np.arange(30.0), np.full(10, 3.0), np.arange(5.0)])
    data = from_arrays(np.arange(45.0)[:, None], targets, task="regression", validation=10, test=5, split="file-order")
    assert np.isnan(guess_for(data, "r2"))  # undefined
