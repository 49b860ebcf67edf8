"""C-24 on planted losses, and with two optimizers exchanged."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from trainwell.data import load_data
from trainwell.lecture import BookData
from trainwell.lecture.measuring import rounding
from trainwell.lecture.statements.optimization import best_default, full_batch
from trainwell.lecture.statements.optimization.data_sets import pair_of, rates_of
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


def test_the_second_best_does_not_rank_ahead_of_all_others():
    """It does of three of four, which is not what the statement says."""
    _, ranks = best_default.ranking(planted([1.0, 0.0, 2.0, 3.0, 4.0]), (1, 3))
    assert sum(one.holds for one in ranks.criteria) == 6
    assert ranks.verdict == "does not hold"


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
    assert ranks.conditions == {"usual rates": None, "3 rates tried": None}


def test_rates_are_the_usual_one_and_half_decades_around_it():
    assert rates_of("adam", 5) == pytest.approx([1e-3, 3.16e-4, 3.16e-3, 1e-4, 1e-2])


def test_with_two_optimizers_exchanged_their_losses_are():
    setup = Setup("small", BookData.load("digits"))
    sets = {"iris": pair_of(load_data("iris", validation=0.2, test=0.2))}
    network = Recipe(hidden=(8,), batch_size=32, steps=20, observe_every=20)
    ways = ({"Adam": "adam", "SGD": "sgd"}, {"Adam": "sgd", "SGD": "adam"})
    found = [best_default.judged(setup, sets, network, (1, 3), range(2, 3), range(2), names) for names in ways]
    for count in (1, 3):
        assert found[0].losses[count][:, ::-1] == pytest.approx(found[1].losses[count])
    assert found[0].losses[3][0, 1] < found[0].losses[3][0, 0]  # after 20 updates SGD at 0.16 is ahead of Adam at 0.003


def test_of_longer_training_the_best_number_of_updates_is_chosen_on_other_rows_and_seeds(monkeypatch):
    """Rows that judge have their labels exchanged: the lowest loss on these is another, which must not be taken."""
    choosing, judging = pair_of(load_data("iris", validation=0.2, test=0.2))
    rows = judging.validation
    judging = replace(judging, validation=replace(rows, targets=(rows.targets + 1) % 3))
    setup = Setup("small", BookData.load("digits"))
    monkeypatch.setattr(best_default, "EVERY", 50)
    network = Recipe(hidden=(8,), batch_size=32, steps=100, observe_every=100)
    found = best_default.trained_longer(setup, {"iris": (choosing, judging)}, network, 200, range(2, 4), range(2))
    often = network.evolve(steps=200, observe_first=50, observe_every=50)
    recipes = {
        label: often.evolve(optimizer=name, learning_rate=rates_of(name, 1)[0])
        for label, name in best_default.OPTIMIZERS.items()
    }

    def courses(data, seeds):
        runs = setup.train_each(data, recipes, seeds)
        return {label: np.mean([one.trace["loss/validation"][0] for one in own], axis=0) for label, own in runs.items()}

    judged, tried = courses(judging, range(2))["SGD"], courses(choosing, range(2, 4))
    look = tried["SGD"].argmin()
    assert found.losses[0, LABELS.index("SGD")] == pytest.approx(judged[look], rel=1e-5)
    assert judged[look] > judged.min() + 0.1
    assert found.at_limit == np.mean([own.argmin() == 3 for own in tried.values()]) > 0


@pytest.mark.parametrize(("order", "held"), [([0.0, 1, 1, 1, 1], True), ([9.0, 1, 1, 1, 1], False)])
def test_longer_training_is_a_condition_of_its_own(order, held):
    longer = best_default.Longer(planted(order).losses[1], 0.2)
    lowest, ranks = best_default.ranking(planted([1.0, 0.0, 2.0, 3.0, 4.0]), (1, 3), longer)
    assert lowest.conditions == {"usual rates": False, best_default.LONGER: held, "3 rates tried": False}
    assert ranks.conditions == lowest.conditions


@pytest.mark.parametrize(("at_limit", "held"), [(0.2, True), (0.21, None)])
def test_longer_training_is_open_where_many_numbers_of_updates_are_at_their_limit(at_limit, held):
    own = planted([0.0, 1.0, 1.0, 1.0, 1.0])
    lowest, ranks = best_default.ranking(own, (1, 3), best_default.Longer(own.losses[1], at_limit))
    assert lowest.conditions == {"usual rates": True, best_default.LONGER: held, "3 rates tried": True}
    assert ranks.conditions == lowest.conditions
    (said,) = (one for one in lowest.measured if "at their limit" in one.what)
    assert (said.estimate, said.n) == (at_limit, 55)
    reasons = {one.doubt for part in (lowest, ranks) for one in part.criteria if one.where == best_default.LONGER}
    assert [reason.startswith("the best number of updates") for reason in reasons] == [held is None]


@pytest.mark.parametrize(
    ("behind", "held"),
    [
        ({"momentum": 0.002, "RMSProp": 0.003}, {"momentum": True, "RMSProp": True}),
        ({"momentum": 0.008, "RMSProp": 0.003}, {"momentum": False, "RMSProp": True}),
        ({"momentum": 0.008, "RMSProp": 0.02}, {"momentum": False, "RMSProp": False}),
    ],
)
def test_each_suffices_that_is_less_than_half_a_point_behind(behind, held):
    noise = np.random.default_rng(0).normal(0, 0.001, (3, 10))
    accuracies = {
        label: 0.95 - less + own for (label, less), own in zip({"Adam": 0.0, **behind}.items(), noise, strict=True)
    }
    sure = dict.fromkeys(accuracies, (0.1, ""))
    part = best_default.suffice("images", accuracies, sure)
    assert part.conditions == held
    assert best_default.suffice("images", accuracies, sure | {"Adam": (0.1, "at the end")}).verdict == "undecided"


@pytest.mark.parametrize(("seeds", "noise", "used"), [((4, 16), 1e-5, 4), ((4, 16), 0.1, 16)])
def test_seeds_are_added_on_images_until_intervals_are_narrow(monkeypatch, seeds, noise, used):
    """They are not those of earlier runs, and those that choose remain the same."""
    asked = []

    def accuracies(setup, network, trials, learn, judging):
        asked.append((list(learn), list(judging)))
        rng = np.random.default_rng(0)
        found = {label: 0.95 + rng.normal(0, noise, len(judging)) for label in ("Adam", "momentum", "RMSProp")}
        return best_default.suffice("images", found, dict.fromkeys(found, (0.1, "")))

    monkeypatch.setattr(best_default, "on_images", accuracies)
    part = best_default.on_images_with_enough(None, None, 3, range(2), *seeds)
    assert part.criteria[0].number.n == used
    first = best_default.JUDGING_IMAGES
    assert asked[-1] == ([0, 1], list(range(first, first + used)))


FACTORS = np.array([0.5, 0.4, 0.6])
"""By which one loss is below another, on three data sets."""


@pytest.mark.parametrize(
    ("lower", "verdict"),
    [
        ({"L-BFGS": 0.1}, "holds"),
        ({"Adam": 0.1}, "does not hold"),
        ({"momentum": 0.1}, "does not hold"),
        ({}, "undecided"),
    ],
)
def test_in_full_batch_l_bfgs_must_be_below_both_others(lower, verdict):
    """With L-BFGS exchanged with either, the claim is refuted, though it is still below the third, or level with it."""
    place = (
        {"L-BFGS": 0.5, "Adam": 1.0, "momentum": 1.0} if lower else dict.fromkeys(("L-BFGS", "Adam", "momentum"), 1.0)
    )
    losses = {label: {8: FACTORS, 32: FACTORS**1.2 * lower.get(label, one)} for label, one in place.items()}
    if not lower:
        losses["L-BFGS"][32] = losses["L-BFGS"][32] * [0.5, 2.0, 1.0]
    part = full_batch.lower(losses, {"Adam": "", "momentum": ""})
    assert part.verdict == verdict
    assert list(part.conditions) == [""]


def test_the_loss_of_l_bfgs_is_that_of_the_last_look_within_the_evaluations():
    trace = {"evaluations": np.array([[2.0, 5, 9, 14]]), "loss/training": np.array([[0.8, 0.4, np.nan, 0.1]])}
    one = SimpleNamespace(trace=trace)
    found = [full_batch.loss_after(one, n) for n in (1, 2, 8, 9, 13, 14, 99)]
    assert found == [np.inf, 0.8, 0.4, 0.4, 0.4, 0.1, 0.1]


def test_in_full_batch_networks_are_trained_to_the_evaluations_and_l_bfgs_is_ahead():
    sets = {"iris": pair_of(load_data("iris", validation=0.2, test=0.2))}
    setup = Setup("small", BookData.load("digits"))
    part = full_batch.in_full_batch(setup, sets, 32, 3, range(2, 3), range(2))
    after = part.criteria[0].number
    assert after.estimate < 1
    (adam,) = (one for one in part.chart.curves if one.label == "over Adam")
    assert adam.x == (8, 16, 32)
    assert np.isfinite(adam.y).all()
    assert adam.y[-1] == after.estimate


def test_the_geometric_mean_is_that_of_the_logarithms():
    losses = {"L-BFGS": {10: np.array([0.1, 0.4, 0.2])}, "Adam": {10: np.array([0.2, 0.4, 0.1])}}
    assert full_batch._geometric("", losses, "Adam", 10).estimate == pytest.approx(1.0)
    losses["L-BFGS"][10] /= 2
    assert full_batch._geometric("", losses, "Adam", 10).estimate == pytest.approx(0.5)


def test_rates_are_mostly_within_where_both_sides_were_tried_or_nothing_can_be_better():
    costs, tried = np.array([[0.2, 0.1, 0.3]] * 3 + [[0.1, 0.2, 0.3]]), [1.0, 2.0, 3.0]
    assert not full_batch._mostly_within(costs, tried)
    assert full_batch._mostly_within(np.concatenate([costs, costs[:1]]), tried)
    costs[3, 0] = rounding()
    assert full_batch._mostly_within(costs, tried)
    assert not full_batch._mostly_within(costs[:3], [2.0, 1.0, 3.0])
