"""C-33 on trials whose quality is known."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.statements.hyperparameters import chosen_on_the_test_set as c33

K, POOL, ACCURACY = 16, 2000, 0.8


def coins(repetitions=10):
    """Trials that are all as good, and get each row right by chance."""
    rng = np.random.default_rng(0)
    return [rng.random((K, POOL)) < ACCURACY for _ in range(repetitions)]


@pytest.fixture(scope="module")
def found():
    return c33.reports(coins(), 60)


def test_among_equals_the_best_on_the_test_set_is_overstated_and_on_validation_is_not(found):
    assert c33.overstated({"coins": found}, "test set", 200).verdict == "holds"
    assert c33.overstated({"coins": found}, "validation split", 200).verdict == "holds"


def test_where_all_trials_are_the_same_network_nothing_is_overstated():
    same = [np.broadcast_to(own[:1], own.shape) for own in coins()]
    part = c33.overstated({"the same": c33.reports(same, 20)}, "test set", 200)
    assert True not in part.conditions.values()


def test_a_validation_split_that_is_the_test_set_is_found_out():
    leaking = c33.reports(coins(), 10, splits={"test set": 0, "validation split": 0})
    part = c33.overstated({"coins": leaking}, "validation split", 200)
    assert part.conditions["16 trials, coins"] is False


def test_the_overstatement_is_that_of_the_largest_of_binomials(found):
    """The mean of the largest of k independent binomial numbers, less their own mean; fresh rows say the latter."""
    draws = np.random.default_rng(1).binomial(200, ACCURACY, (100_000, K)) / 200
    for count in (1, 4, 16):
        expected = draws[:, :count].max(1).mean() - ACCURACY
        assert found.overstated["test set", 200, count].mean() == pytest.approx(expected, abs=0.004)
        assert found.true["test set", 200, count].mean() == pytest.approx(ACCURACY, abs=0.005)


def test_repetitions_share_no_row_and_test_images_stay_closed():
    data = BookData.load("digits")
    parts = [c33._rows(data, i, 6) for i in range(6)]
    rows = np.concatenate([split.inputs for one in parts for split in (one.training, one.validation)])
    whole = data.everything.training.inputs
    assert len(rows) <= len(whole)
    np.testing.assert_array_equal(rows[: len(parts[0].training)], whole[: len(parts[0].training)])
    each = len(whole) // 6
    np.testing.assert_array_equal(parts[3].training.inputs[0], whole[3 * each])
    assert all(one.num_test == 0 for one in parts)


def test_trained_trials_are_right_as_often_as_training_observed(monkeypatch):
    setup = Setup("small", BookData.load("digits"))
    seen = []
    train = Setup.train_whole
    monkeypatch.setattr(Setup, "train_whole", lambda self, asked: seen.extend(train(self, asked)) or seen)
    correct = c33.trained_trials(setup, 6, {c33.SEEDS: 1})[c33.SEEDS]
    shares = [own[0].mean() for own in correct]
    assert shares == pytest.approx([one.trace["accuracy/validation"][0, -1] for one in seen], abs=1e-6)
    assert min(shares) > 0.5
