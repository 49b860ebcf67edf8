"""C-13 on courses of training that are made up, and read from small networks."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup, book
from trainwell.lecture.statements.batch_norm import overfitting
from trainwell.lecture.statements.batch_norm.overfitting import (
    LEVEL,
    POINT,
    STEPS,
    WITH,
    WITHOUT,
    at_the_level,
    examined,
    looks,
    parts,
    precise,
)
from trainwell.training import Points


def learned(updates, pace):
    """A training accuracy that comes nearer to 1 by a constant factor per update."""
    return 1 - np.exp(-updates / pace)


def observed(pace, behind, when):
    """Ten networks, as training leaves them: a test accuracy behind by a function of the training accuracy."""
    noise = np.random.default_rng(int(pace)).normal(0, 0.0005, (10, 1))
    steps = np.arange(when["observe_first"], when["steps"] + 1, when["observe_every"])
    training = learned(steps, pace) + np.zeros((10, 1))
    recipe = SimpleNamespace(observe_every=when["observe_every"], observe_first=when["observe_first"], steps=steps[-1])
    names = {"accuracy/training": training, "accuracy/validation": training - behind(training) + noise}
    return [
        SimpleNamespace(
            trace=SimpleTrace({name: rows[i : i + 1] for name, rows in names.items()}, steps[None], steps[None] * 1.0),
            statuses=("completed",),
            members=[SimpleNamespace(recipe=recipe)],
        )
        for i in range(10)
    ]


class SimpleTrace(dict):
    """Names and rows, and the updates they are of."""

    def __init__(self, rows, steps, epochs):
        super().__init__(rows)
        self.steps, self.epochs = steps, epochs


def found(behind_with, behind_without=None, paces=(10.0, 10.0), when=looks):
    """The parts for one number of images: contenders of some pace, behind by functions of the training accuracy."""
    last, level = {}, {}
    for label, behind, pace in zip((WITH, WITHOUT), (behind_with, behind_without or behind_with), paces, strict=True):
        runs = observed(pace, behind, when(-pace * np.log(1 - LEVEL)))
        level[label] = at_the_level(runs)
        done = learned(STEPS, pace)
        last[label] = np.stack(
            [np.full(10, done), done - behind(done) + level[label][:, 1] - level[label][:, 1].mean()], 1
        )
    return parts({100: last}, {100: level}, {100: ""}, ())


def verdicts(one):
    return [part.verdict for part in one]


def by(share):
    return lambda training: share * training


def late(training):
    """Overfitting comes at the end of training."""
    return 0.3 * training**30


def test_a_narrower_gap_is_seen_at_equal_updates_and_at_equal_training_accuracy():
    assert verdicts(found(by(0.1), by(0.2))) == ["holds", "holds", "holds"]


def test_a_gap_that_is_the_same_or_wider_is_no_restraint():
    assert verdicts(found(by(0.2)))[:2] == ["does not hold", "does not hold"]
    assert verdicts(found(by(0.3), by(0.2))) == ["does not hold"] * 3


def test_having_learned_less_is_no_restraint_at_equal_training_accuracy():
    """The slower one has got to 98% after 300 updates, where the gap is not as wide yet."""
    at_last, at_level, _ = found(late, paces=(80.0, 30.0))
    assert at_last.verdict == "holds"
    assert (at_level.criteria[0].number.n, at_level.verdict) == (10, "does not hold")


def test_a_gap_that_has_become_equal_by_the_end_is_no_restraint_after_equally_many_updates():
    """Both overfit as much in the end, the one with batch norm later."""
    at_last, at_level, _ = found(late, lambda training: 0.3 * training, paces=(30.0, 30.0))
    assert (at_last.verdict, at_level.verdict) == ("does not hold", "holds")


def test_the_gap_is_that_where_the_level_is_reached():
    number = found(by(0.1), by(0.2))[1].criteria[0].number
    assert number.estimate == pytest.approx(LEVEL * (0.1 - 0.2), abs=0.003)


@pytest.mark.parametrize("paces", [(4.0, 40.0), (40.0, 4.0)])
def test_on_the_same_curve_the_faster_one_has_the_same_gap(paces):
    """Looks every 10 updates, as it was read before, would tell of points of difference, on the side of the slower."""
    assert found(late, paces=paces)[1].criteria[0].number.estimate == pytest.approx(0, abs=0.002)

    def rarely(_):
        return {"observe_first": 10, "observe_every": 10, "steps": 300}

    assert abs(found(late, paces=paces, when=rarely)[1].criteria[0].number.estimate) > 2 * POINT


@pytest.mark.parametrize("updates", [4.0, 19.0, 60.0, np.inf])
def test_observations_are_spread_around_the_level(updates):
    fields, updates = looks(updates), min(updates, STEPS / 3)
    steps = Points(fields["observe_first"], fields["observe_every"], fields["steps"]).steps
    assert steps[0] <= updates / 2 < 3 * updates <= steps[-1] + 1 <= STEPS + 1
    assert len(steps) <= 60
    assert np.diff(steps).max() <= max(1, updates / 12)


def test_seeds_are_added_for_the_width_of_intervals_alone():
    made = found(by(0.1), by(0.2))
    assert precise(made)
    wide, number = made[0].criteria[0], made[0].criteria[0].number
    for middle in (-0.5, POINT, 0.5):  # on whichever side of the bound
        one = replace(number, estimate=middle, low=middle - 0.006, high=middle + 0.006)
        assert not precise([replace(made[0], criteria=(replace(wide, number=one),)), *made[1:]])


def test_small_networks_are_tuned_and_measured(monkeypatch):
    monkeypatch.setattr(book, "WIDTH", 8)
    monkeypatch.setattr(overfitting, "STEPS", 30)
    monkeypatch.setattr(overfitting, "SIZES", (60,))
    data = BookData.load("digits")
    made = examined(Setup("small", data))
    assert [list(part.conditions) for part in made] == [["with 60 images"]] * 3
    level = SimpleNamespace(**{one.what[:4]: one for one in made[0].measured if "60 images" in one.what})
    assert 0 <= level.test.estimate <= 1
