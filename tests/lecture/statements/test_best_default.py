"""C-24 on planted losses, and with two optimizers exchanged."""

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.lecture import BookData
from trainwell.lecture.statements.optimization import best_default
from trainwell.lecture.statements.statement import Setup
from trainwell.training import Recipe

LABELS = tuple(best_default.OPTIMIZERS)
NAMES = tuple(map(str, range(11)))


def planted(order):
    """Losses whose ranks are the same on every data set."""
    losses = np.random.default_rng(0).random((11, 1)) + np.array(order)
    return best_default.Judged(LABELS, NAMES, {1: losses, 3: losses}, 0.0)


def test_adam_is_the_best_where_it_is_ahead_by_far():
    lowest, ranks = best_default.ranking(planted([0.0, 1.0, 1.0, 1.0, 1.0]), (1, 3))
    assert lowest.verdict == ranks.verdict == "holds"  # 1 against 3.5 of the four that share the rest


def test_adam_is_not_the_best_where_it_comes_last():
    lowest, ranks = best_default.ranking(planted([9.0, 1.0, 1.0, 1.0, 1.0]), (1, 3))
    assert lowest.verdict == ranks.verdict == "does not hold"


def test_the_critical_difference_is_nemenyis():
    """Demšar's table: q of 5 contenders is 2.728 at 5%."""
    _, ranks = best_default.ranking(planted([0.0, 1.0, 2.0, 3.0, 4.0]), (1, 3))
    margin = 2.728 * np.sqrt(5 * 6 / (6 * 11))
    behind = ranks.criteria[0].number
    assert behind.estimate == 1
    assert (behind.low, behind.high) == pytest.approx((1 - margin, 1 + margin), abs=1e-3)


def test_rates_are_the_usual_one_and_half_decades_around_it():
    assert best_default.rates_of("adam", 5) == pytest.approx([1e-3, 3.16e-4, 3.16e-3, 1e-4, 1e-2])


def test_with_two_optimizers_exchanged_their_losses_are():
    setup = Setup("small", BookData.load("digits"))
    sets = {"iris": best_default.pair_of(load_data("iris", validation=0.2, test=0.2))}
    network = Recipe(hidden=(8,), batch_size=32, steps=20, observe_every=20)
    ways = ({"Adam": "adam", "SGD": "sgd"}, {"Adam": "sgd", "SGD": "adam"})
    found = [best_default.judged(setup, sets, network, (1, 3), 2, 1, names) for names in ways]
    for count in (1, 3):
        assert found[0].losses[count][:, ::-1] == pytest.approx(found[1].losses[count])
    assert found[0].losses[3][0, 1] < found[0].losses[3][0, 0]  # after 20 updates SGD at 0.16 is ahead of Adam at 0.003


def test_the_geometric_mean_is_that_of_the_logarithms():
    losses = {"L-BFGS": {10: np.array([0.1, 0.4, 0.2])}, "Adam": {10: np.array([0.2, 0.4, 0.1])}}
    assert best_default._geometric("", losses, "Adam", 10).estimate == pytest.approx(1.0)
    losses["L-BFGS"][10] /= 2
    assert best_default._geometric("", losses, "Adam", 10).estimate == pytest.approx(0.5)


def test_rates_are_mostly_within_where_both_sides_were_tried_or_nothing_can_be_better():
    costs, tried = np.array([[0.2, 0.1, 0.3]] * 3 + [[0.1, 0.2, 0.3]]), [1.0, 2.0, 3.0]
    assert not best_default._mostly_within(costs, tried)
    assert best_default._mostly_within(np.concatenate([costs, costs[:1]]), tried)
    costs[3, 0] = best_default.rounding()
    assert best_default._mostly_within(costs, tried)
    assert not best_default._mostly_within(costs[:3], [2.0, 1.0, 3.0])
