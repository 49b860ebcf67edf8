"""C-25 on a small network, with rates in the wrong order, drops that are none, and schedules exchanged."""

from dataclasses import replace
from math import log

import numpy as np
import pytest

from trainwell.lecture import BookData
from trainwell.lecture.statements.optimization import learning_rates
from trainwell.lecture.statements.statement import Setup
from trainwell.training import problems_of

SETTING = replace(learning_rates.SETTING, hidden=1)
RATES = 10.0 ** np.arange(-5, 4)


@pytest.fixture(scope="module")
def setup():
    return Setup("small", BookData.load("digits"))


@pytest.fixture(scope="module")
def data(setup):
    return learning_rates.choosing_and_judging(setup.data, 400)


@pytest.fixture(scope="module")
def swept(setup, data):
    return learning_rates.sweep(setup, SETTING, data[0], "SGD", RATES, 60, 7, 1)


def test_rates_are_too_low_and_diverge(swept):
    too_low, _, diverging = learning_rates.regimes([swept])
    assert too_low.verdict == diverging.verdict == "holds"


def test_with_losses_that_depend_on_no_rate_nothing_is_too_low_or_diverges(swept):
    same = replace(swept, losses=np.repeat(swept.losses[[swept.best]], len(RATES), axis=0))
    assert [part.verdict for part in learning_rates.regimes([same])] == ["does not hold"] * 3


def test_too_high_and_still_learning_has_a_rate_of_its_own(swept):
    losses = np.array([0.9, 0.8, 0.6, 0.3, 0.1, 0.4, 2.0, 3.0, np.inf])[:, None] * (1 + 0.01 * np.arange(8))
    made = replace(swept, choosing=losses[:, 7:], losses=losses[:, :7])
    assert (made.best, made.hundredth, made.highest) == (4, 2, 5)
    assert learning_rates.regimes([made])[1].verdict == "holds"
    sharp = replace(made, choosing=np.where(np.arange(9)[:, None] == 5, 2.0, made.choosing))
    assert learning_rates.regimes([sharp])[1].verdict == "does not hold"


def test_without_a_step_the_loss_is_that_of_the_initial_weights_in_plain_numpy(swept, data):
    training = data[0].training
    recipe = SETTING.runs(data[0])[0].recipe
    (problem,) = problems_of([recipe], data[0], "float32")
    first, second = problem.init(0)[0]
    hidden = np.maximum(training.inputs @ np.asarray(first["weights"]).T, 0)
    logits = (hidden @ np.asarray(second["weights"]).T).astype(np.float64)
    at_targets = logits[np.arange(len(training)), training.targets.astype(int)]
    loss = (np.log(np.exp(logits).sum(1)) - at_targets).mean()
    assert swept.losses[0, 0] == pytest.approx(loss / log(10), rel=5e-3)


def test_a_drop_is_seen_against_the_epoch_before_and_against_no_drop():
    noise = 1 + 0.01 * np.arange(8)[:, None]
    dropped, kept = np.array([1.0, 0.95, 0.5]) * noise, np.array([1.0, 0.95, 0.9]) * noise
    assert learning_rates.at_once({0.1: (dropped, kept)}).verdict == "holds"
    assert learning_rates.at_once({0.1: (kept, dropped)}).verdict == "does not hold"
    falling = np.array([1.0, 0.5, 0.25]) * noise  # as fast without the drop
    assert [one.holds for one in learning_rates.at_once({0.1: (falling, falling)}).criteria] == [True, False, False]


def test_a_drop_that_is_none_changes_nothing(setup, data):
    none = learning_rates.dropping(setup, SETTING, data[0], (1.0,), 2, 6, factor=1.0)
    assert none.criteria[1].number.estimate == none.criteria[1].number.high == 1
    assert none.conditions == {"from rate 1": False}


def test_schedules_exchanged_turn_the_comparison_round(setup, data):
    ways = {"constant": {}, "cosine": {"schedule": "cosine"}}
    turned = {"constant": ways["cosine"], "cosine": ways["constant"]}
    ratios = []
    for own in (ways, turned):
        lowered = learning_rates.lowering(setup, SETTING, data, 60, own, (1e-4, 2.0, 1e3), 7, 1)
        part = learning_rates.helping([lowered])
        ratios.append(part.criteria[0].number.estimate)
        assert part.verdict == ("holds" if own is ways else "does not hold")
    assert ratios[0] * ratios[1] == pytest.approx(1)
