"""C-13 on courses of training that are made up, and read from small networks."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup, book
from trainwell.lecture.statements.batch_norm import overfitting
from trainwell.lecture.statements.batch_norm.overfitting import POINT, WITH, WITHOUT, Course, examined, parts, precise

T = np.arange(1, 31)


def course(gap_with, gap_without, slower=1.0):
    """Training accuracy rises to 1 in 20 observations; test accuracy stays behind by a share of the gap."""
    rng = np.random.default_rng(0)
    training, unseen, losses = {}, {}, {}
    for label, gap, pace in ((WITH, gap_with, slower), (WITHOUT, gap_without, 1.0)):
        done = np.minimum(T / (20 * pace), 1)
        training[label] = np.tile(done, (10, 1))
        unseen[label] = done * (1 - gap) + rng.normal(0, 0.002, (10, 1))
        losses[label] = np.tile(1 - done, (10, 1))
    return Course(training, unseen, losses)


def verdicts(one):
    return [part.verdict for part in parts({100: one}, {100: ""}, ())]


def test_a_narrower_gap_is_seen_at_equal_updates_and_at_equal_loss():
    assert verdicts(course(0.1, 0.2)) == ["holds", "holds", "holds"]


def test_a_gap_that_is_the_same_or_wider_is_no_restraint():
    assert verdicts(course(0.2, 0.2))[:2] == ["does not hold", "does not hold"]
    assert verdicts(course(0.3, 0.2)) == ["does not hold"] * 3


def test_having_learned_less_is_no_restraint_at_equal_loss():
    """At three fifths of the pace the gap after equally many updates is narrower for that alone."""
    found = parts({100: course(0.2, 0.2, slower=1.65)}, {100: ""}, ())
    assert found[0].verdict == "holds"
    assert (found[1].criteria[0].number.n, found[1].verdict) == (10, "does not hold")


def test_the_gap_at_the_loss_is_that_where_it_is_reached():
    """The loss 1 − t/20 is 0.1 at t = 18; the test accuracy is then 0.9 · 0.9 or 0.9 · 0.8."""
    number = parts({100: course(0.1, 0.2)}, {100: ""}, ())[1].criteria[0].number
    assert number.estimate == pytest.approx(0.9 * (0.1 - 0.2), abs=0.003)


def test_how_often_it_is_looked_makes_no_difference_at_equal_loss():
    """The gap grows with what was learned: of the faster one at its next look, at a loss of 0, it is 5 points wider."""
    number = parts({100: course(0.5, 0.5, slower=0.2)}, {100: ""}, ())[1].criteria[0].number
    assert number.estimate == pytest.approx(0, abs=0.003)


def test_seeds_are_added_for_the_width_of_intervals_alone():
    found = parts({100: course(0.1, 0.2)}, {100: ""}, ())
    assert precise(found)
    wide, number = found[0].criteria[0], found[0].criteria[0].number
    for middle in (-0.5, POINT, 0.5):  # on whichever side of the bound
        one = replace(number, estimate=middle, low=middle - 0.006, high=middle + 0.006)
        assert not precise([replace(found[0], criteria=(replace(wide, number=one),)), *found[1:]])


def test_small_networks_are_tuned_and_measured(monkeypatch):
    monkeypatch.setattr(book, "WIDTH", 8)
    monkeypatch.setattr(overfitting, "STEPS", 30)
    monkeypatch.setattr(overfitting, "SIZES", (60, 100))
    data = BookData.load("digits")
    found = examined(Setup("small", data))
    assert [list(part.conditions) for part in found] == [["with 60 images", "with 100 images"]] * 3
    level = SimpleNamespace(**{one.what[:4]: one for one in found[0].measured if "60 images" in one.what})
    assert 0 <= level.test.estimate <= 1
