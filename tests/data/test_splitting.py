"""Rows dealt out to the splits."""

import numpy as np
import pytest

from trainwell.core import DataError
from trainwell.data import TEST_SPLIT_USED, folds_of, from_arrays, load_data
from trainwell.data.split import proportional, split_rows


def parts_of(rows):
    return rows.training, rows.validation, rows.test


@pytest.mark.parametrize("kind", ["stratified", "shuffled", "file-order"])
def test_every_row_is_in_exactly_one_part(kind):
    classes = np.arange(101) % 4
    rows = split_rows(101, validation=0.2, test=0.1, kind=kind, classes=classes, class_names="abcd")
    assert [len(part) for part in parts_of(rows)] == [71, 20, 10]
    assert sorted(np.concatenate(parts_of(rows)).tolist()) == list(range(101))


def test_classes_keep_their_share():
    classes = np.array([0] * 600 + [1] * 300 + [2] * 100)
    rows = split_rows(1000, validation=0.2, test=100, classes=classes, class_names="abc")
    assert np.bincount(classes[rows.validation]).tolist() == [120, 60, 20]
    assert np.bincount(classes[rows.test]).tolist() == [60, 30, 10]


def test_largest_remainders_by_hand():
    # 7 of (5, 3, 2): exact shares 3.5, 2.1, 1.4; floors 3, 2, 1; the one left goes to the remainder 0.5.
    assert proportional(np.array([5, 3, 2]), 7, np.array([5, 3, 2])).tolist() == [4, 2, 1]
    # With room for 3 only in the first class it goes to the next remainder, 0.4.
    assert proportional(np.array([5, 3, 2]), 7, np.array([3, 3, 2])).tolist() == [3, 2, 2]


def test_rare_classes_stay_in_training():
    classes = np.array([0] * 40 + [1] * 2)
    for seed in range(20):
        rows = split_rows(42, validation=0.4, test=0.4, seed=seed, classes=classes, class_names="ab")
        assert set(classes[rows.training]) == {0, 1}


def test_the_seed_decides_and_nothing_else():
    first = split_rows(100, validation=0.2, test=0.2, seed=3, kind="shuffled")
    again = split_rows(100, validation=0.2, test=0.2, seed=3, kind="shuffled")
    other = split_rows(100, validation=0.2, test=0.2, seed=4, kind="shuffled")
    assert all(np.array_equal(a, b) for a, b in zip(parts_of(first), parts_of(again), strict=True))
    assert not np.array_equal(first.training, other.training)
    assert not np.array_equal(first.test, np.arange(80, 100))


def test_a_shuffled_split_is_a_fair_draw():
    # Each of 10 rows is in a validation part of 3 with probability 0.3: over 2000 seeds 600 ± 5 · 20.5.
    counts = np.zeros(10)
    for seed in range(2000):
        counts[split_rows(10, validation=3, test=None, seed=seed, kind="shuffled").validation] += 1
    assert np.abs(counts - 600).max() < 5 * np.sqrt(2000 * 0.3 * 0.7)


def test_no_part_is_ever_empty():
    rows = split_rows(3, validation=0.01, test=0.01, kind="shuffled")
    assert [len(part) for part in parts_of(rows)] == [1, 1, 1]
    with pytest.raises(DataError, match="too few"):
        split_rows(2, validation=0.01, test=0.01, kind="shuffled")


@pytest.mark.parametrize("amount", [0, 0.0, 1.0, -1, 1.5, True, "0.2", float("nan")])
def test_bad_amounts(amount):
    with pytest.raises(DataError, match="validation must be"):
        split_rows(100, validation=amount, test=None)


def test_one_example_of_a_class_is_refused_where_a_split_needs_two():
    classes = np.array([0, 0, 0, 1, 0, 0])
    with pytest.raises(DataError, match=r"class 'b' has one example \(row 4\)"):
        split_rows(6, validation=1, test=None, classes=classes, class_names="ab")
    assert len(split_rows(6, validation=None, test=None, classes=classes, class_names="ab").training) == 6


def test_more_classes_than_training_rows_is_refused():
    classes = np.arange(10) % 5
    with pytest.raises(DataError, match="too few to split off 6"):
        split_rows(10, validation=6, test=None, classes=classes, class_names="abcde")


ROWS, LABELS = np.arange(60.0)[:, None], np.arange(60) % 3


def test_validation_on_the_test_set_leaves_all_other_rows_to_training_and_no_test_split():
    own = (ROWS[:9] + 100, LABELS[:9])
    data = from_arrays(ROWS, LABELS, validation="test", test=own)
    assert data.training.inputs[:, 0].tolist() == ROWS[:, 0].tolist()
    assert data.validation.inputs[:, 0].tolist() == own[0][:, 0].tolist()
    assert data.validation.targets.tolist() == own[1].tolist()
    assert (data.num_test, len(data.open_test_split()), data.validates_on_test) == (0, 0, True)
    assert TEST_SPLIT_USED in data.notices
    usual = from_arrays(ROWS, LABELS, test=own)
    assert not usual.validates_on_test
    assert TEST_SPLIT_USED not in usual.notices
    assert usual.fingerprint != data.fingerprint
    # What inputs and targets are scaled by comes from training rows alone, as ever.
    assert data.scaling("standardize")[0].tolist() == pytest.approx([ROWS.mean()])


def test_of_the_first_rows_all_are_trained_on_and_the_test_set_stays_whole():
    data = from_arrays(ROWS, LABELS, validation="test", test=(ROWS[:9], LABELS[:9]), limit=12)
    assert (data.training.inputs[:, 0].tolist(), len(data.validation)) == (list(range(12)), 9)


def test_folds_never_train_on_the_test_set():
    data = from_arrays(ROWS, LABELS, validation="test", test=(ROWS[:9], LABELS[:9]))
    with pytest.raises(DataError, match="folds would train on the test set"):
        folds_of(data, 3)


@pytest.mark.parametrize("source", ["iris", "digits", "table.csv", "own.npz"])
def test_data_without_a_test_set_are_not_validated_on_it(source, tmp_path):
    (tmp_path / "table.csv").write_text("x,y\n" + "".join(f"{i},{i % 2}\n" for i in range(40)))
    np.savez(tmp_path / "own.npz", X=ROWS, y=LABELS)
    path = tmp_path / source if "." in source else source
    with pytest.raises(DataError, match="has no test set of its own, so validation cannot be 'test'"):
        load_data(path, validation="test", **({"target": "y"} if source.endswith("csv") else {}))


def test_a_test_set_and_a_validation_set_of_their_own_are_both_kept(tmp_path):
    own = {"x_test": ROWS[:9], "y_test": LABELS[:9]}
    np.savez(tmp_path / "own.npz", x_train=ROWS, y_train=LABELS, **own, x_val=ROWS[:5], y_val=LABELS[:5])
    with pytest.raises(DataError, match="has a validation set of its own: leave validation out"):
        load_data(tmp_path / "own.npz", validation="test")
    with pytest.raises(DataError, match="test must be"):
        from_arrays(ROWS, LABELS, test="test")
