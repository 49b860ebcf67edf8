"""C-34 on patterns and gains that are made up, and on small networks."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup, book
from trainwell.lecture.statements.regularization import stalled_validation
from trainwell.lecture.statements.regularization.stalled_validation import (
    DROPOUT,
    L2,
    PLAIN,
    Observed,
    Place,
    mislabeled,
    parts,
    rise,
)

NOISY, RIGHT = Place(300, 0.4), Place(300)


def at(training, validation, gap, gain):
    """A place with rises of both accuracies, a gap without regularization, and a gain by either regularizer."""
    noise = np.random.default_rng(0).normal(0, 0.001, (6, 20))
    other = 0.95 - gap
    ends = {
        PLAIN: np.stack([0.95 + noise[0], other + noise[1]], axis=1),
        L2: np.stack([0.9 + noise[0], other + gain + noise[1] + noise[2]], axis=1),
        DROPOUT: np.stack([0.9 + noise[0], other + gain + noise[1] + noise[3]], axis=1),
    }
    return Observed(training + noise[4], validation + noise[5], ends, 0.1)


def test_where_validation_stalls_and_regularization_helps_the_statement_holds():
    helps, overfits, contrast = parts({NOISY: at(0.1, 0.0, 0.3, 0.02), RIGHT: at(0.1, 0.08, 0.2, 0.0)})
    assert (helps.verdict, overfits.verdict, contrast.verdict) == ("holds",) * 3
    assert list(overfits.conditions) == [str(NOISY)]
    assert all(str(RIGHT) in where for where in contrast.conditions)


def test_where_it_stalls_and_regularization_harms_it_is_refuted():
    helps, overfits = parts({NOISY: at(0.1, 0.0, 0.02, -0.02)})
    assert (helps.verdict, overfits.verdict) == ("does not hold", "does not hold")


def test_where_training_accuracy_does_not_rise_either_there_is_no_pattern():
    helps, contrast = parts({NOISY: at(0.0, 0.0, 0.3, 0.02)})
    assert (helps.verdict, contrast.verdict) == ("undecided", "does not hold")


def test_where_it_is_not_clear_whether_it_stalls_all_is_left_open():
    assert [part.verdict for part in parts({NOISY: at(0.1, 0.01, 0.2, 0.02)})] == ["undecided"] * 3


def test_a_rise_is_between_the_means_of_two_quarters():
    assert rise(np.array([[9.0, 9.0, 0.1, 0.2, 0.3, 0.5, 0.7]])) == pytest.approx([0.3])


def test_wrong_labels_are_as_many_as_asked_and_remain_wrong_with_more():
    labels = np.arange(50) % 10
    few, many = (mislabeled(labels, share, 10) != labels for share in (0.2, 0.4))
    assert (few.sum(), many.sum()) == (10, 20)
    assert many[few].all()


def test_small_networks_are_observed(monkeypatch):
    """The images that judge are none of those that choose, and keep their labels."""
    monkeypatch.setattr(book, "WIDTH", 6)
    monkeypatch.setattr(stalled_validation, "PENALTIES", (0.1,))
    monkeypatch.setattr(stalled_validation, "plain", shallow)
    data, place = BookData.load("digits"), Place(60, 0.5)
    (found,) = stalled_validation.observed(Setup("small", data), [place], 3, 1, 16).values()
    assert {name: own.shape for name, own in found.ends.items()} == dict.fromkeys((PLAIN, L2, DROPOUT), (3, 2))
    choice, judged = stalled_validation.datasets(data, place)
    first = len(choice.validation)
    whole = data.part(60, "unused").validation
    assert np.array_equal(judged.validation.targets, whole.targets[first : first + len(judged.validation)])
    assert (np.asarray(choice.training.targets) != np.asarray(data.part(60, "none").training.targets)).sum() == 30


_plain = stalled_validation.plain


def shallow(data, images, steps):
    return _plain(data, images, steps).evolve(hidden=(6,))
