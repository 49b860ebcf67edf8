"""C-28 on a small network that can hardly move, and with penalties exchanged."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.lecture import BookData
from trainwell.lecture.statements.regularization import weight_decay
from trainwell.lecture.statements.statement import Setup

PENALTY, UPDATES = 5.0, 101


@pytest.fixture(scope="module")
def ends():
    """Without penalty, and with one that leaves nothing of the weights."""
    setup = Setup("small", BookData.load("digits"))
    setting = replace(weight_decay.SETTING, hidden=1)
    return weight_decay.ends_of(setup, setting, (50,), (0.0, PENALTY), 6, UPDATES)


def test_a_penalty_that_stops_learning_narrows_the_gap_which_is_left_open(ends):
    narrowing, _, test_accuracy = weight_decay.parts_of(ends)
    (criterion,) = narrowing.criteria
    assert (criterion.number.low > weight_decay.NARROWER, narrowing.verdict) == (True, "undecided")
    assert test_accuracy.verdict == "does not hold"


@pytest.mark.parametrize(("above_half", "verdict"), [(0.01, "holds"), (-0.01, "undecided")])
def test_a_penalty_with_which_half_is_learned_narrows_the_gap(ends, above_half, verdict):
    own = ends[50, PENALTY]
    training = 0.5 + above_half + np.linspace(-0.005, 0.005, len(own.training))
    learned = replace(own, training=training, test=training - own.gap)
    assert weight_decay.parts_of({**ends, (50, PENALTY): learned})[0].verdict == verdict


def test_with_the_contenders_exchanged_nothing_is_narrowed(ends):
    exchanged = {(50, 0.0): ends[50, PENALTY], (50, PENALTY): ends[50, 0.0]}
    assert weight_decay.parts_of(exchanged)[0].verdict == "does not hold"


def test_large_weights_are_those_that_grow_with_the_gap(ends):
    plain, decayed = ends[50, 0.0], ends[50, PENALTY]
    few = replace(plain, training=plain.training + 0.3)
    grown = {
        (50, 0.0): replace(few, weights=1.5 * plain.weights),
        (50, PENALTY): decayed,
        (300, 0.0): replace(plain, weights=1.2 * plain.weights),
        (300, PENALTY): decayed,
    }
    assert weight_decay.parts_of(grown)[1].verdict == "holds"
    even = {place: replace(one, training=one.test, first_gap=one.gap) for place, one in grown.items()}
    assert set(weight_decay.parts_of(even)[1].conditions.values()) == {None}  # nothing widens the gap
    shrunk = {place: replace(one, weights=one.begun / (2 if place[1] == 0 else 1)) for place, one in grown.items()}
    assert weight_decay.parts_of(shrunk)[1].verdict == "does not hold"


def test_norms_are_those_of_the_closed_form(ends):
    """He's weights have 2/n each, so that a layer has 2 per unit; the penalty shrinks them by 1 − ηλ an update."""
    assert ends[50, 0.0].begun == pytest.approx(np.sqrt(2 * (100 + 10)), rel=0.05)
    assert ends[50, PENALTY].weights == pytest.approx(ends[50, 0.0].begun * (1 - 0.01 * PENALTY) ** UPDATES, rel=0.5)
    assert np.array_equal(ends[50, 0.0].begun, ends[50, PENALTY].begun)
