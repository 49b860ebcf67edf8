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


def test_ranks_are_compared_data_set_by_data_set():
    """Adam is ahead of SGD on 10 of 11 data sets by one rank: too little for Nemenyi's difference of 1.84 ranks."""
    losses = np.tile([0.0, 1.0, 2.0, 3.0, 4.0], (11, 1))
    losses[0, :2] = 1.0, 0.0
    _, ranks = best_default.ranking(best_default.Judged(LABELS, NAMES, {1: losses, 3: losses}, 0.0), (1, 3))
    behind = ranks.criteria[0]
    t = 3.038  # of 10 degrees of freedom, with a chance of 0.05/8 above it
    half = t * np.std([-1] + [1] * 10, ddof=1) / np.sqrt(11)
    assert (behind.number.low, behind.number.high) == pytest.approx((9 / 11 - half, 9 / 11 + half), abs=1e-3)
    assert behind.holds is True


def test_ranks_that_vary_from_data_set_to_data_set_are_left_open():
    losses = np.tile([0.0, 1.0, 2.0, 3.0, 4.0], (11, 1))
    losses[:5, :2] = 1.0, 0.0
    _, ranks = best_default.ranking(best_default.Judged(LABELS, NAMES, {1: losses, 3: losses}, 0.0), (1, 3))
    assert ranks.conditions["SGD, usual rates"] is None


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


def test_of_longer_training_the_lowest_loss_on_the_way_counts():
    data = best_default.pair_of(load_data("iris", validation=0.2, test=0.2))
    network = Recipe(hidden=(8,), batch_size=32, steps=100, observe_every=100)
    setup = Setup("small", BookData.load("digits"))
    losses = best_default.trained_longer(setup, {"iris": data}, network, 200, 2)
    recipe = network.evolve(steps=200, optimizer="sgd", learning_rate=0.05, observe_first=100)
    runs = setup.train_each(data[1], {"": recipe}, range(2))[""]
    seen = np.array([one.trace["loss/validation"][0].min() for one in runs])
    assert losses[0, LABELS.index("SGD")] == pytest.approx(seen.mean())


@pytest.mark.parametrize(("order", "held"), [([0.0, 1, 1, 1, 1], True), ([9.0, 1, 1, 1, 1], False)])
def test_longer_training_is_a_condition_of_its_own(order, held):
    longer = {best_default.LONGER: planted(order).losses[1]}
    lowest, ranks = best_default.ranking(planted([1.0, 0.0, 2.0, 3.0, 4.0]), (1, 3), longer)
    assert lowest.conditions == {"usual rates": False, best_default.LONGER: held, "3 rates tried": False}
    assert ranks.conditions[f"RMSProp, {best_default.LONGER}"] is held


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
