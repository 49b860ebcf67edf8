"""C-07, with the initial weights as they are and with them exchanged."""

import numpy as np
import pytest

from trainwell.lecture.book import BookData
from trainwell.lecture.statements.initialization import learning_by_initial_weights as statement
from trainwell.lecture.statements.initialization.learning_by_initial_weights import HE, SMALL, XAVIER, Learning
from trainwell.lecture.statements.statement import Setup

SEEDS = range(6)


@pytest.fixture(scope="module")
def trained():
    """Narrower networks on digits, at a rate with which they learn in few updates."""
    setup = Setup("small", BookData.load("digits"))
    data = statement.rows_of(setup)
    recipes = {
        label: one.evolve(hidden=(20,) * 4, steps=200, learning_rate=0.15, batch_size=50)
        for label, one in statement.recipes_of(data, 10).items()
    }
    return setup.train_each(data, recipes, SEEDS), data


def test_he_learns_faster_unless_it_is_xavier(trained):
    runs, data = trained
    found = Learning.of(runs, data, 0.15)
    exchanged = Learning.of({**runs, HE: runs[XAVIER], XAVIER: runs[HE]}, data, 0.15)
    for own, verdict in ((found, "holds"), (exchanged, "does not hold")):
        part = statement.faster(own)
        assert part.conditions["to 0.75 of the loss of guessing"] is (verdict == "holds")


def test_small_weights_do_not_learn_unless_they_are_hes(trained):
    runs, data = trained
    found = Learning.of(runs, data, 0.15)
    exchanged = Learning.of({**runs, SMALL: runs[HE], HE: runs[SMALL]}, data, 0.15)
    assert [statement.not_learning(one).verdict for one in (found, exchanged)] == ["holds", "does not hold"]
    assert statement.learning(found).conditions["He, 200 updates at rate 0.15"] is True
    assert statement.learning(exchanged).conditions["He, 200 updates at rate 0.15"] is False
    np.testing.assert_allclose(found.losses[SMALL][:, 0], 1.0, atol=0.01)  # ln 10 over ln 10


def curves(he, xavier):
    """The same losses with every seed, up to a tenth of a thousandth."""
    seeds = 1e-4 * np.arange(6)[:, None]
    losses = {HE: he + seeds, XAVIER: xavier + 2 * seeds, SMALL: np.ones_like(he) + seeds}
    accuracies = {label: 100 * (1 - own) for label, own in losses.items()}
    return Learning(0.01, 50 * np.arange(1, 1 + len(he)), losses, accuracies)


def test_a_lead_that_halves_every_update_fades_and_one_that_grows_does_not():
    t = np.arange(8.0)
    fades = curves(0.2 + 0 * t, 0.2 + 0.5**t)
    grows = curves(0.2 + 0 * t, 0.2 + 0.1 * (1 + t))
    assert statement.fading(fades, fades).conditions["400 updates at rate 0.01"] is True
    assert set(statement.fading(grows, grows).conditions.values()) == {False}
    assert len(statement.fading(fades, fades).conditions) == 1  # earlier ones are told, and do not decide
    last = next(one for one in statement.fading(fades, fades).criteria if one.where == "400 updates at rate 0.01")
    assert last.number.estimate == pytest.approx(0.5**7, rel=0.1)


def test_the_best_accuracy_is_affected_unless_both_reach_the_same():
    t = np.arange(8.0)
    he, xavier = 0.9 - 0.1 * t, 0.95 - 0.1 * t
    assert statement.best_accuracy(curves(he, xavier)).verdict == "holds"
    assert statement.best_accuracy(curves(xavier, he)).verdict == "holds"  # whichever is above
    assert statement.best_accuracy(curves(he, he)).verdict == "does not hold"
