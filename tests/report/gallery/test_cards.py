"""What cards of statements say about the number of their criteria."""

import numpy as np
import pytest

from trainwell.lecture import Criterion, Measured, Part
from trainwell.report.gallery.cards import chance_of, where_of
from trainwell.statistics import mean_interval


def claimed(*ends):
    return Part(
        "so it is", tuple(Criterion(Measured("a number", sum(one) / 2, *one, 10), "above", 0.0) for one in ends)
    )


def test_of_many_criteria_it_is_said_how_many_chance_may_decide_wrongly():
    words = chance_of(claimed(*[(0.1, 0.2)] * 12))
    assert "12 criteria" in words
    assert "up to 0.3 of the 12" in words


@pytest.mark.parametrize("ends", [[(0.1, 0.2)], [(0.1, 0.2), (0.3, 0.3)]])
def test_where_one_criterion_or_fewer_are_uncertain_nothing_is_said(ends):
    assert chance_of(claimed(*ends)) == ""


def test_a_reason_to_leave_open_is_said_once_for_all_that_it_concerns():
    number = Measured("a gain", 0.2, 0.1, 0.3, 10)
    doubts = {"at 1": "it is not sure", "at 2": "it is at an end", "at 3": "it is not sure", "": "it is not sure"}
    part = Part("so it is", tuple(Criterion(number, "above", 0.0, where, why) for where, why in doubts.items()))
    assert where_of(part)[1:] == [
        "at 1; at 3; a gain: left open, since it is not sure.",
        "at 2: left open, since it is at an end.",
    ]


def test_at_the_bound_an_interval_is_on_the_wrong_side_as_often_as_is_said():
    """The mean is 0, the bound: the criterion that it is above is met in one of 40 repetitions."""
    drawn = np.random.default_rng(0).normal(size=(4_000, 10))
    met = np.mean([mean_interval(own).low > 0 for own in drawn])
    assert met == pytest.approx(0.025, abs=0.006)
