"""C-30 on predictions whose errors are known, and on a few small networks."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.lecture.statements.regularization import ensembles as c30
from trainwell.models import Model, network_of
from trainwell.training import Recipe, train

G, M, N, C = 8, 10, 600, 4
RNG = np.random.default_rng(0)
TARGETS = RNG.integers(0, C, N)
SIGNAL = 1.2 * np.eye(C)[TARGETS]


def outputs(members, own, common=0.0):
    """Members whose errors are their own, or common to all of a group."""
    logits = SIGNAL + common * RNG.standard_normal((G, 1, N, C)) + own * RNG.standard_normal((G, members, N, C))
    shares = np.exp(logits)
    return shares / shares.sum(-1, keepdims=True)


def predicted(plain, dropout):
    masked = c30.Predicted(TARGETS, plain, {}, plain, np.zeros((G, 2)), 0.0, {}).accuracy(plain[:, :2])
    return c30.Predicted(TARGETS, plain, {0.25: dropout}, dropout, masked, 0.25, {"plain": "", "dropout": ""})


@pytest.fixture(scope="module")
def apart():
    plain = outputs(M, 1.0)
    return predicted(plain, np.repeat(plain.mean(1, keepdims=True), 2, axis=1))


def test_members_with_errors_of_their_own_are_beaten_by_their_mean(apart):
    ensembles, masks, whole, gained, _ = c30.parts_of({100: apart})
    assert (ensembles.verdict, masks.verdict, whole.verdict) == ("holds", "holds", "holds")
    # What predicts as the ensemble does has all of its gain.
    assert gained.criteria[0].number.estimate == pytest.approx(1)
    assert gained.verdict == "holds"


def sure_when_wrong():
    """Members that are barely right on 9 rows in 10, and sure of a wrong class on the others: their mean is worse."""
    wrong, other = RNG.random((G, M, N)) < 0.1, np.eye(C)[(TARGETS + 1) % C]
    barely = 0.2 + 0.2 * np.eye(C)[TARGETS]
    return np.where(wrong[..., None], other, barely)


def test_members_that_are_surest_when_wrong_are_not_beaten_by_their_mean():
    ensembles, *_ = c30.parts_of({100: predicted(sure_when_wrong(), outputs(2, 1.0))})
    assert ensembles.verdict == "does not hold"


def test_dropout_that_does_nothing_imitates_nothing(apart):
    nothing = predicted(apart.plain, apart.plain[:, :2])
    _, masks, whole, gained, _ = c30.parts_of({100: nothing})
    assert masks.verdict != "holds"
    assert whole.verdict == "holds"
    assert gained.verdict == "does not hold"
    worse = replace(nothing, averaged=apart.dropout[0.25])
    assert c30.parts_of({100: worse})[2].verdict == "does not hold"


def test_longer_training_is_a_condition_of_its_own(apart):
    nothing = predicted(apart.plain, apart.plain[:, :2])
    gained = c30.parts_of({100: apart}, {100: nothing})[3]
    assert gained.conditions == {"100 rows": True, "100 rows, 800 updates": False}


def test_in_doubt_whether_a_rate_is_the_best_the_share_is_left_open(apart):
    doubted = replace(apart, doubts={"plain": "", "dropout": "at the end"})
    assert c30.parts_of({100: doubted})[3].verdict == "undecided"


@pytest.fixture(scope="module")
def networks():
    data = load_data("digits", limit=500)
    trained = train(data, Recipe(hidden=(16,), dropout_rate=0.25, steps=60, batch_size=32), seeds=range(3))
    return data, trained, [network_of(trained, i) for i in range(3)]


def test_an_ensemble_is_that_of_the_models(networks):
    data, trained, own = networks
    shares = np.array([[c30._softmax(one.logits(data.validation.inputs)) for one in own]])
    made = c30.Predicted(data.validation.targets, shares, {}, shares, np.zeros((1, 3)), 0.0, {})
    score = Model.of(trained, [0, 1, 2]).score(data.validation).scores
    assert made.accuracy(shares.mean(1))[0] == pytest.approx(score["accuracy"])
    members, together = c30._losses(made)
    assert together[0] == pytest.approx(score["loss"], rel=1e-4)
    assert together[0] < members[0]


def test_masks_are_drawn_anew_and_their_mean_is_near_the_whole_network(networks):
    data, _, own = networks
    inputs = data.validation.inputs
    masked = c30.masked_outputs(own[0], inputs, 200)
    assert masked.sum(-1) == pytest.approx(1, abs=1e-5)
    assert (masked[0] != masked[1]).mean() > 0.5
    # By hand: a hidden layer of which every unit is kept with probability 3/4 and then scaled by 4/3.
    one, rng = own[0], np.random.default_rng(3)
    x = (inputs - one.numbers["input_shift"]) * one.numbers["input_scale"]
    first, last = one.params
    hidden = np.maximum(x @ first["weights"].T + first["biases"], 0)
    by_hand = [
        c30._softmax((hidden * (rng.random(hidden.shape) >= 0.25) / 0.75) @ last["weights"].T + last["biases"])
        for _ in range(200)
    ]
    assert np.abs(masked.mean(0) - np.mean(by_hand, axis=0)).mean() < 0.015
