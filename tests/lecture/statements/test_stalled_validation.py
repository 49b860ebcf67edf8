"""C-34 on patterns and gains that are made up, and on small networks."""

import numpy as np
import pytest

from trainwell.lecture import BookData, Setup, book
from trainwell.lecture.statements.regularization import stalled_validation
from trainwell.lecture.statements.regularization.stalled_validation import (
    DROPOUT,
    L2,
    PLAIN,
    AtSize,
    parts,
    rise,
)


def at(after, gap, gain):
    """A size at which training accuracy rises after validation has stalled, with a gap, and a gain by the penalty."""
    noise = np.random.default_rng(0).normal(0, 0.001, (4, 10))
    test = 0.95 - gap
    ends = {
        PLAIN: np.stack([0.95 + noise[0], test + noise[1]], axis=1),
        L2: np.stack([0.95 + noise[0], test + gain + noise[1] + noise[2]], axis=1),
        DROPOUT: np.stack([0.9 + noise[0], test - 0.1 + noise[1]], axis=1),
    }
    return AtSize(after + noise[3], ends, L2)


def test_where_validation_stalls_and_a_penalty_helps_the_statement_holds():
    overfits, helps, contrast = parts({100: at(0.1, 0.2, 0.02), 10_000: at(0.0, 0.01, 0.0)})
    assert (overfits.verdict, helps.verdict, contrast.verdict) == ("holds",) * 3
    assert list(helps.conditions) == ["with 100 images"]
    assert list(contrast.conditions) == ["with 10,000 images"]


def test_where_it_stalls_and_nothing_helps_it_is_refuted():
    overfits, helps = parts({100: at(0.1, 0.02, 0.0)})
    assert (overfits.verdict, helps.verdict) == ("does not hold", "does not hold")


def test_where_it_is_not_clear_whether_it_stalls_all_is_left_open():
    unclear = at(0.02, 0.2, 0.02)
    assert [part.verdict for part in parts({100: unclear})] == ["undecided"] * 3


def test_the_rise_counts_from_the_first_observation_near_the_best():
    training = np.array([[0.5, 0.7, 0.8, 1.0], [0.2, 0.3, 0.4, 0.5]])
    validation = np.array([[0.4, 0.595, 0.6, 0.58], [0.2, 0.3, 0.4, 0.5]])
    assert rise(training, validation) == pytest.approx([0.3, 0.0])


def test_small_networks_are_tuned_and_measured(monkeypatch):
    """One of each regularizer at two rates; the part that is judged has the test images, and no other."""
    monkeypatch.setattr(book, "WIDTH", 6)
    monkeypatch.setattr(stalled_validation, "STEPS", 20)
    monkeypatch.setattr(stalled_validation, "PENALTIES", (0.01,))
    monkeypatch.setattr(stalled_validation, "DROPOUTS", (0.1,))
    monkeypatch.setattr(stalled_validation, "plain", shallow)
    data = BookData.load("digits")
    (found,) = stalled_validation.measured_at(Setup("small", data), data, [60], [0.1, 0.3], 3, 1).values()
    assert {name: own.shape for name, own in found.ends.items()} == dict.fromkeys((PLAIN, L2, DROPOUT), (3, 2))
    tested = found.ends[PLAIN][:, 1] * len(data.everything.open_test_split())
    assert tested == pytest.approx(tested.round(), abs=1e-3)


_plain = stalled_validation.plain


def shallow(data, size):
    return _plain(data, size).evolve(hidden=(6,))
