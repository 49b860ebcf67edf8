"""C-29 where dropout keeps a network from learning, and with contenders exchanged."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.lecture import BookData
from trainwell.lecture.statements.regularization import dropout
from trainwell.lecture.statements.statement import Setup

MILD, RATE, UPDATES = 0.6, 0.97, 121


@pytest.fixture(scope="module")
def found():
    """A rate at which the network still learns, with a wider gap, and one at which hardly a unit is left."""
    setup = Setup("small", BookData.load("digits"))
    return dropout.observed(setup, replace(dropout.SETTING, hidden=1, images=50), 0.1, (MILD, RATE), 6, UPDATES)


def exchanged(found):
    return [replace(one, networks=one.plain, plain=one.networks) for one in found]


def test_a_gap_that_is_narrower_holds_and_with_the_contenders_exchanged_it_does_not(found):
    """On these digits the network without dropout has the narrower gap."""
    where = f"dropout {MILD:g} in the lecture's form at learning rate 0.1"
    for contenders, held in ((exchanged(found), True), (found, False)):
        assert dropout.parts_of(contenders[:1])[0].conditions == {where: held}


def test_a_gap_that_is_narrower_since_nothing_was_learned_is_left_open(found):
    narrowing, test_accuracy, _ = dropout.parts_of(found[1:2])
    (criterion,) = narrowing.criteria
    assert criterion.number.low > dropout.NARROWER
    assert narrowing.conditions == {f"dropout {RATE:g} in the lecture's form at learning rate 0.1": None}
    assert test_accuracy.verdict == "does not hold"


def test_with_the_contenders_exchanged_nothing_is_narrowed(found):
    narrowing, test_accuracy, _ = dropout.parts_of(exchanged(found[1:2]))
    assert narrowing.verdict == "does not hold"
    assert test_accuracy.verdict == "holds"


def test_gaps_are_the_differences_of_the_last_observations(found):
    seeds = [one.trace["accuracy/training"][0, -1] - one.trace["accuracy/validation"][0, -1] for one in found[0].plain]
    narrowing, _, _ = dropout.parts_of(found)
    plain = next(one for one in narrowing.measured if "no dropout" in one.what)
    assert plain.estimate == pytest.approx(np.mean(seeds))
    assert plain.high - plain.low == pytest.approx(2 * 2.571 * np.std(seeds, ddof=1) / np.sqrt(6), rel=1e-3)


def test_as_far_trained_is_where_the_training_accuracy_first_is_so_high_on_a_line_between_observations():
    seen = {"accuracy/training": [0.1, 0.5, 0.7, 0.6], "accuracy/validation": [0.1, 0.4, 0.5, 0.45]}
    plain = SimpleNamespace(trace={name: np.array([values]) for name, values in seen.items()})
    assert [dropout.accuracy_when_as_far(plain, one) for one in (0.0, 0.4, 0.55, 0.9)] == pytest.approx(
        [0.1, 0.1 + 0.75 * 0.3, 0.4 + 0.25 * 0.1, 0.5]
    )
