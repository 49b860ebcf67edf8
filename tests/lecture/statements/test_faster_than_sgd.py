"""C-23 with contenders of which one is faster by far, and exchanged."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.landscape import descend, surface
from trainwell.lecture import BookData
from trainwell.lecture.book import OPTIMIZERS
from trainwell.lecture.statements.optimization import faster_than_sgd
from trainwell.lecture.statements.statement import Setup

SLOW = {"optimizer": "sgd", "learning_rate": 0.01}
FAST = {"optimizer": "sgd", "learning_rate": 0.9}


@pytest.fixture(scope="module")
def bowl():
    return surface("bowl")


def test_on_the_bowl_the_faster_one_is_found_and_exchanged_it_is_not(bowl):
    starts = bowl.random_starts(20)
    held = faster_than_sgd.on_the_bowl(bowl, {"SGD": SLOW, "Adam": FAST}, starts, (10, 20))
    assert held.verdict == "holds"
    turned = faster_than_sgd.on_the_bowl(bowl, {"SGD": FAST, "Adam": SLOW}, starts, (10, 20))
    assert turned.verdict == "does not hold"


def test_tuned_optimizers_that_are_the_same_are_no_faster(bowl):
    grid = [{"optimizer": "sgd", "learning_rate": rate} for rate in (0.01, 0.5, 0.9, 0.999)]
    same = faster_than_sgd.tuned_on_the_bowl(bowl, {"SGD": grid, "Adam": grid}, 20, (20,), "", "")
    assert same.verdict == "does not hold"
    assert same.criteria[0].number.estimate == 1


def test_heights_are_those_of_the_closed_form(bowl):
    starts = np.array([[-7.0, 2.0], [3.0, 4.0]])
    found = descend(bowl, {"SGD": faster_than_sgd.BOWL["SGD"]}, starts, 29, paths=True)
    x, y = starts[:, 0] * (1 - 0.095) ** 29, starts[:, 1] * (1 - 1.9) ** 29
    assert faster_than_sgd._heights(found, 29)[0] == pytest.approx(x**2 / 20 + y**2, rel=1e-3)


def on_digits(contenders):
    setting = replace(faster_than_sgd.SETTING, hidden=1, contenders=contenders)
    return faster_than_sgd.on_mnist(Setup("small", BookData.load("digits")), setting, (60, 30), 10, 6)


def test_at_the_books_rates_momentum_is_faster_and_exchanged_it_is_not():
    sgd, momentum = OPTIMIZERS["SGD"], OPTIMIZERS["momentum"]
    assert on_digits({"SGD": sgd, "momentum": momentum}).verdict == "holds"
    assert on_digits({"SGD": momentum, "momentum": sgd}).verdict == "does not hold"
