"""C-11 on small networks of which one must be the faster, and with the contenders exchanged."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.book import BATCH_NORM, SGD, normal
from trainwell.lecture.measuring import updates_to
from trainwell.lecture.statements.batch_norm.faster_learning import WITH, WITHOUT, as_given, with_tuned_rates
from trainwell.training import Recipe

COMMON = SGD | {"hidden": (16, 16, 16), "batch_size": 50, "observe_first": 5, "observe_every": 5, "steps": 100}
WAY = {"": ({"steps": 100}, (0.1, 0.3, 1.0), 1)}


@pytest.fixture(scope="module")
def contenders():
    """From weights this small only the one with batch norm learns."""
    plain = Recipe(**COMMON, **normal(0.03)).evolve(learning_rate=0.3, observe_training=200)
    return {WITH: plain.evolve(**BATCH_NORM), WITHOUT: plain}


@pytest.fixture(scope="module")
def data():
    return BookData.load("digits").part(200, "none")


def test_from_small_weights_only_batch_norm_arrives(data, contenders):
    part = as_given(Setup("small"), data, contenders, {"": {}}, 6, 100)
    assert part.conditions["to 90%"] is True
    arrived = {one.what: one for one in part.measured}
    assert arrived[f"updates to 90%, {WITHOUT}, from He's"].estimate == np.inf
    (runs,) = Setup("small").train_each(data, {"": contenders[WITH]}, [0])[""]
    seen = runs.trace["accuracy/training"][0]
    place = int(np.flatnonzero(seen >= 0.9)[0])
    first = 5 * (place + (0.9 - seen[place - 1]) / (seen[place] - seen[place - 1]))  # between two observations
    (ours,) = updates_to([runs], "accuracy/training", 0.9)
    assert ours == pytest.approx(first)
    assert arrived[f"updates to 90%, {WITH}, from He's"].low <= first <= 100


def test_with_the_contenders_exchanged_the_claim_is_refuted(data, contenders):
    exchanged = {WITH: contenders[WITHOUT], WITHOUT: contenders[WITH]}
    assert as_given(Setup("small"), data, exchanged, {"": {}}, 6, 100).conditions["to 90%"] is False


def test_rates_are_tuned_for_each_and_the_end_of_a_grid_is_a_doubt(data, contenders):
    part = with_tuned_rates(Setup("small"), data, contenders, WAY, 6)
    (to_90,) = (one for one in part.criteria if one.where == "to 90%")
    chosen = {one.what: one.estimate for one in part.measured if one.what.startswith("rate chosen")}
    assert to_90.number.estimate == 0  # the one without never arrives, whatever its rate
    assert chosen[f"rate chosen, {WITHOUT}, to 90%"] == 0.3  # none is better: the middle one
    at_an_end = chosen[f"rate chosen, {WITH}, to 90%"] != 0.3
    assert to_90.holds is (None if at_an_end else True)


def test_with_rates_tuned_and_the_contenders_exchanged_the_claim_is_refuted(data, contenders):
    """The one that is called batch norm never arrives, at whatever rate."""
    exchanged = {WITH: contenders[WITHOUT], WITHOUT: contenders[WITH]}
    part = with_tuned_rates(Setup("small"), data, exchanged, {"": ({"steps": 100}, (0.1, 0.3, 1.0, 3.0, 10.0), 1)}, 6)
    (to_90,) = (one for one in part.criteria if one.where == "to 90%")
    assert (to_90.doubt, to_90.holds) == ("", False)
