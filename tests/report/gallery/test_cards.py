"""What cards of statements say about the number of their criteria."""

import numpy as np
import pytest

from trainwell.lecture import Criterion, Measured, Part
from trainwell.report.gallery.cards import chance_of
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


def test_at_the_bound_an_interval_is_on_the_wrong_side_as_often_as_is_said():
    """The mean is 0, the bound: the criterion that it is above is met in one of 40 repetitions."""
    drawn = np.random.default_rng(0).normal(size=(4_000, 10))
    met = np.mean([mean_interval(own).low > 0 for own in drawn])
    assert met == pytest.approx(0.025, abs=0.006)
