"""The test split, judged once."""

import numpy as np
import pytest
from scipy.stats import binomtest

from trainwell.data import load_data
from trainwell.models import Model, judge_on_test_split, test_quality
from trainwell.models.test_quality import _r2_interval
from trainwell.training import Recipe, train


def test_accuracy_has_a_wilson_interval():
    data = load_data("iris")
    model = Model.of(train(data, Recipe(hidden=(8,), epochs=5)), [0])
    found, test = judge_on_test_split(model, data), data.open_test_split()
    right = int((model.outputs(test.inputs).argmax(1) == test.targets).sum())
    wilson = binomtest(right, len(test)).proportion_ci(0.95, "wilson")
    assert (found.rows, found.metric, found.interval.mean) == (len(test), "accuracy", right / len(test))
    assert (found.interval.low, found.interval.high) == (wilson.low, wilson.high)
    assert found.scores == model.score(test).scores
    ends = {"name": "accuracy", "mean": right / len(test), "low": wilson.low, "high": wilson.high}
    assert found.to_json() == {"n": len(test), "scores": found.scores, "interval": ends}


def test_r2_has_an_interval():
    data = load_data("diabetes")
    found = judge_on_test_split(Model.of(train(data, Recipe(hidden=(8,), epochs=5)), [0]), data)
    assert found.metric == "r2"
    assert found.interval.mean == found.scores["r2"]
    assert found.interval.low < found.interval.mean < found.interval.high < 1


def test_many_rows_are_drawn_in_parts_without_another_result(monkeypatch):
    rng = np.random.default_rng(2)
    targets = rng.normal(size=50)
    outputs = targets + 0.3 * rng.normal(size=50)
    at_once = _r2_interval(outputs, targets, 0.9)
    monkeypatch.setattr(test_quality, "AT_ONCE", 700)
    assert _r2_interval(outputs, targets, 0.9) == at_once


def test_r2_interval_matches_the_spread_of_fresh_test_sets():
    rng = np.random.default_rng(0)
    targets = rng.standard_normal((400, 200))
    outputs = targets + 0.5 * rng.standard_normal(targets.shape)
    found = 1 - ((outputs - targets) ** 2).mean(1) / targets.var(1)
    interval = _r2_interval(outputs[0], targets[0], float(found[0]))
    assert interval.high - interval.low == pytest.approx(np.ptp(np.quantile(found, [0.025, 0.975])), rel=0.35)
    assert np.isnan(_r2_interval(outputs[0, :2], targets[0, :2], 0.0).low)
