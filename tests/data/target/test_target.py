"""Tasks told from targets, labels, units and weights."""

import numpy as np
import pytest
from sklearn.utils.class_weight import compute_sample_weight

from trainwell.core import DataError
from trainwell.data import balanced_weights, from_arrays
from trainwell.data.target.target import TargetCoding, infer_task

CASES = {
    "iris": (np.repeat([0, 1, 2], 50), "classification"),
    "text": (np.array(["1", "x"] * 5, dtype=object), "classification"),
    "truth values": (np.array([True, False] * 4), "classification"),
    "whole numbers stored as floats": (np.array([1.0, 2.0, 3.0] * 10), "classification"),
    "two numbers, few rows": (np.array([0, 1, 1]), "classification"),
    "twenty classes": (np.repeat(np.arange(20), 3), "classification"),
    "twenty-one values": (np.repeat(np.arange(21), 50), "regression"),
    "fewer than three rows per value": (np.array([1, 2, 3, 4, 5, 6, 7]), "regression"),
    "fractions": (np.array([0.5, 1.0] * 50), "regression"),
}


@pytest.mark.parametrize("case", CASES)
def test_task_from_target(case):
    values, task = CASES[case]
    assert infer_task(values) == task


def test_task_can_be_set():
    inputs, ages = np.arange(40.0)[:, None], np.arange(40) % 4
    assert from_arrays(inputs, ages).class_names == ("0", "1", "2", "3")
    assert from_arrays(inputs, ages, task="regression").num_outputs == 1
    floats = from_arrays(inputs, ages / 2, task="classification")
    assert floats.class_names == ("0", "0.5", "1", "1.5")


def test_numbers_sort_as_numbers_and_text_as_text():
    assert TargetCoding.of_classes(np.array([10, 9, 2.0]), "y").class_names == ("2", "9", "10")
    assert TargetCoding.of_classes(np.array(["b", "a", "B"], dtype=object), "y").class_names == ("B", "a", "b")


def test_classes_can_be_given():
    inputs, labels = np.arange(40.0)[:, None], ["low", "high"] * 20
    data = from_arrays(inputs, labels, class_names=("low", "middle", "high"))
    assert (data.class_names, data.num_outputs) == (("low", "middle", "high"), 3)
    assert set(data.training.targets) == {0, 2}
    with pytest.raises(DataError, match="has unknown class 'high'"):
        from_arrays(inputs, labels, class_names=("low", "middle"))
    with pytest.raises(DataError, match="two or more different"):
        from_arrays(inputs, labels, class_names=("low", "low", "high"))


def test_labels_go_there_and_back():
    coding = TargetCoding.of_classes(np.array(["no", "yes", "no"], dtype=object), "answer")
    indices = coding.encode(np.array(["yes", "no", "no"], dtype=object))
    assert indices.tolist() == [1, 0, 0]
    assert coding.decode(indices).tolist() == ["yes", "no", "no"]
    assert TargetCoding.of_classes(np.array([1, 2]), "y").encode(np.array(["2", "1"], dtype=object)).tolist() == [1, 0]
    with pytest.raises(DataError, match="answer in row 2 has unknown class 'yess': did you mean 'yes'"):
        coding.encode(np.array(["yes", "yess"], dtype=object))


def test_quantities_go_there_and_back():
    values = np.array([10.0, 20.0, 60.0])
    coding = TargetCoding.of_quantity(values, "price")
    assert (coding.mean, coding.scale) == (30.0, pytest.approx(np.sqrt(1400 / 3)))
    encoded = coding.encode(values)
    assert (encoded.shape, encoded.dtype) == ((3, 1), np.float32)
    np.testing.assert_allclose(coding.decode(encoded), values, rtol=1e-6)
    assert coding.decode(encoded).dtype == np.float64
    with pytest.raises(DataError, match="price is 'dear' in row 2"):
        coding.encode(np.array(["1", "dear"], dtype=object))


def test_balanced_weights_equal_scikit_learn():
    targets = np.random.default_rng(0).choice(4, size=300, p=[0.6, 0.3, 0.08, 0.02])
    np.testing.assert_allclose(balanced_weights(targets), compute_sample_weight("balanced", targets), rtol=1e-6)


def test_class_weights_multiply_training_weights_only():
    inputs, labels = np.arange(40.0)[:, None], np.array(["a", "a", "a", "b"] * 10)
    data = from_arrays(inputs, labels, sample_weights=np.full(40, 2.0), class_weights={"b": 5.0})
    assert set(data.training.weights[data.training.targets == 1]) == {10.0}
    assert set(data.training.weights[data.training.targets == 0]) == {2.0}
    assert set(data.validation.weights) == {2.0}
    balanced = from_arrays(inputs, labels, class_weights="balanced").training
    totals = [balanced.weights[balanced.targets == index].sum() for index in (0, 1)]
    assert totals[0] == pytest.approx(totals[1], rel=1e-6)
    assert from_arrays(inputs, np.arange(40) % 2, class_weights={1: 3.0}).training.weights.max() == 3.0


@pytest.mark.parametrize(
    ("class_weights", "message"),
    [
        ("balance", "must be 'balanced'"),
        ({"c": 1}, "unknown class 'c'"),
        ({"a": -1}, "from 0"),
        ({"a": 0, "b": 0}, "weight 0"),
    ],
)
def test_bad_class_weights(class_weights, message):
    with pytest.raises(DataError, match=message):
        from_arrays(np.arange(40.0)[:, None], ["a", "b"] * 20, class_weights=class_weights)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.array(["2020-01-01", "2021-01-01"] * 10, "M8[D]"), "must be numbers, got datetime64"),
        (np.arange(1, 21).astype("m8[s]"), "must be numbers, got timedelta64"),
        ([10**400] + [1] * 19, "too large"),
        ([1e39] + [1] * 19, r"from 0 to 1e\+30, got 1e\+39 in row 1"),
        ([1e-50] * 20, "are all 0"),
    ],
)
def test_what_is_no_sample_weight(weights, message):
    with pytest.raises(DataError, match=message):
        from_arrays(np.arange(20.0)[:, None], ["a", "b"] * 10, sample_weights=weights)


@pytest.mark.parametrize("weight", ["x", None, 1e39, float("nan"), -1, 10**400])
def test_what_is_no_class_weight(weight):
    with pytest.raises(DataError, match="the weight of class 'b' must be a number from 0"):
        from_arrays(np.arange(20.0)[:, None], ["a", "b"] * 10, class_weights={"b": weight})


def test_truth_values_among_objects_are_labels():
    for labels in ([True, False], [True, "maybe"], [True, 2]):
        values = np.array(labels * 20, dtype=object)
        data = from_arrays(np.arange(40.0)[:, None], values)
        assert set(data.class_names) == {str(label) for label in labels}


@pytest.mark.parametrize("part", ["inputs", "targets", "sample_weights"])
def test_masked_and_ragged_arrays_are_refused(part):
    given = {"inputs": np.arange(40.0)[:, None], "targets": np.arange(40) % 2, "sample_weights": np.ones(40)}
    whole = np.ma.masked_array(given[part])
    from_arrays(**given | {part: whole})
    whole[3] = np.ma.masked
    with pytest.raises(DataError, match="have masked values"):
        from_arrays(**given | {part: whole})
    with pytest.raises(DataError, match="are not an array" if part != "sample_weights" else "must be numbers"):
        from_arrays(**given | {part: [[1, 2], [3]] * 20})


def test_targets_beyond_float32_beside_those_of_training_are_refused():
    targets = np.arange(40.0)
    targets[30] = 1e200
    with pytest.raises(DataError, match=r"target is 1e\+200 in a row, too far from the training targets"):
        from_arrays(np.arange(40.0)[:, None], targets, split="file-order")
