"""C-11 on small networks of which one must be the faster, and with the contenders exchanged."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup
from trainwell.lecture.book import BATCH_NORM, SGD, normal
from trainwell.lecture.measuring import updates_to
from trainwell.lecture.statements.batch_norm.faster_learning import WITH, WITHOUT, as_given, with_tuned_rates
from trainwell.training import Recipe

COMMON = SGD | {"hidden": (16, 16, 16), "batch_size": 50, "observe_first": 5, "observe_every": 5, "steps": 100}
ONE = {"": {}}


@pytest.fixture(scope="module")
def contenders():
    """From weights this small only the one with batch norm learns."""
    plain = Recipe(**COMMON, **normal(0.03)).evolve(learning_rate=0.3, observe_training=200)
    return {WITH: plain.evolve(**BATCH_NORM), WITHOUT: plain}


@pytest.fixture(scope="module")
def data():
    return BookData.load("digits").part(200, "none")


def test_from_small_weights_only_batch_norm_arrives(data, contenders):
    part = as_given(Setup("small"), data, contenders, ONE, range(6), 100)
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
    assert as_given(Setup("small"), data, exchanged, ONE, range(6), 100).conditions["to 90%"] is False


def to_90(data, contenders, grid):
    """The criterion with rates tuned, and the rates chosen."""
    part = with_tuned_rates(Setup("small"), data, contenders, {"": ({"steps": 100}, grid, 1)}, range(6))
    (found,) = (one for one in part.criteria if one.where == "to 90%")
    rates = {one.what: one.estimate for one in part.measured if one.what.startswith("rate chosen")}
    return found, [rates[f"rate chosen, {label}, to 90%"] for label in (WITH, WITHOUT)]


@pytest.mark.parametrize(("order", "held"), [((WITH, WITHOUT), True), ((WITHOUT, WITH), False)])
def test_with_rates_tuned_batch_norm_is_faster_and_with_the_contenders_exchanged_it_is_not(
    data, contenders, order, held
):
    """From weights of which both learn, with batch norm in about a third of the updates."""
    own = dict(zip(order, (contenders[label].evolve(**normal(0.15)) for label in (WITH, WITHOUT)), strict=True))
    found, rates = to_90(data, own, (0.1, 0.3, 1.0, 3.0))
    assert dict(zip((WITH, WITHOUT), rates, strict=True)) == dict(zip(order, (1.0, 0.3), strict=True))
    assert (found.doubt, found.holds) == ("", held)


def test_where_one_arrives_at_no_rate_that_was_tried_it_is_left_open(data, contenders):
    found, rates = to_90(data, contenders, (0.1, 0.3, 1.0, 3.0))
    assert (found.number.estimate, rates) == (0, [1.0, 0.3])  # none is better without: the lower middle one
    assert found.holds is None
    assert found.doubt.startswith("no tried rate")


def test_a_level_that_neither_reaches_is_shown_as_open(data, contenders):
    part = as_given(Setup("small"), data, {WITH: contenders[WITHOUT], WITHOUT: contenders[WITHOUT]}, ONE, range(6), 100)
    assert part.conditions == {"to 90%": None, "to 50%": None, "to 99%": None}
