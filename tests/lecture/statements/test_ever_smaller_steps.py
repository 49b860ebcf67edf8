"""C-21, with the optimizers as they are and with them exchanged."""

import numpy as np
import pytest

from trainwell.lecture.statements.optimization import ever_smaller_steps as statement
from trainwell.lecture.statements.optimization.ever_smaller_steps import GIVEN, TUNED, Compared, Place
from trainwell.optim import adagrad, rmsprop

DECADES, COUNT, FAST = (10, 100, 1_000), 30, 10.0
AS_THEY_ARE = {"AdaGrad": adagrad(1.0), "RMSProp": rmsprop(1.0)}
EXCHANGED = {"AdaGrad": rmsprop(1.0), "RMSProp": adagrad(1.0)}


@pytest.mark.parametrize(("rules", "verdict"), [(AS_THEY_ARE, "holds"), (EXCHANGED, "does not hold")])
def test_adagrads_rate_shrinks_unless_it_is_rmsprops(rules, verdict):
    noise = statement.gradients(COUNT, DECADES[-1])["gradients that do not die out"]
    found = {"gradients that do not die out": statement.rates_over_time(rules, noise)}
    assert [part.verdict for part in statement.shrinking(found, DECADES)] == [verdict, verdict]


def test_with_steady_gradients_the_rate_falls_with_the_root_of_time():
    rates = statement.rates_over_time({"AdaGrad": adagrad(1.0)}, np.full((400, 1), 2.0, np.float32))["AdaGrad"]
    np.testing.assert_allclose(rates[:, 0], 0.5 / np.sqrt(np.arange(1, 401)), rtol=1e-5)


@pytest.fixture(scope="module")
def updates():
    kinds = {"AdaGrad": ("adagrad", 0.3), "RMSProp": ("rmsprop", 0.01), "AdaGrad, fast": ("adagrad", FAST)}
    rates = {label: {"optimizer": name, "learning_rate": rate} for label, (name, rate) in kinds.items()}
    return statement.updates_at(Place("valley", 10.0), rates, COUNT)


def test_a_low_rate_stalls_unless_the_optimizers_are_exchanged(updates):
    place, exchanged = Place("valley"), {"AdaGrad": updates["RMSProp"], "RMSProp": updates["AdaGrad"]}
    for found, verdict in ((updates, "holds"), (exchanged, "does not hold")):
        part = statement.stalling("valley", GIVEN, {place: Compared({GIVEN: found}, {}, True, {})})
        assert part.verdict == verdict


@pytest.mark.parametrize(("share", "verdict"), [(1.0, "holds"), (0.5, "does not hold")])
def test_rmsprop_repairs_it_unless_it_does_not_arrive_either(share, verdict):
    arrived = np.where(np.arange(COUNT * 2) < share * COUNT * 2, 100.0, np.inf)
    found = {Place("saddle"): Compared({TUNED: {"RMSProp": arrived}}, {}, True, {})}
    assert statement.repaired(found).verdict == verdict


def test_updates_are_those_of_plain_numpy(updates):
    x = statement._starts(Place("valley", 10.0), COUNT, 0)[:, :2]
    turn = np.sqrt(0.5) * np.array([[1, 1], [-1, 1]])
    h, late = np.zeros_like(x), np.zeros(COUNT)
    for t in range(1, 1_001):
        u, v = turn @ x.T
        g = np.stack([u + 10 * np.maximum(u - 1, 0), v / 20], axis=1) @ turn
        h = h + g * g
        x = x - FAST * g / (np.sqrt(h) + 1e-7)
        late = np.where(np.linalg.norm(x, axis=1) >= 0.01, t, late)
    expected = np.where(late < 1_000, late + 1, np.inf)
    ours = updates["AdaGrad, fast"]
    np.testing.assert_array_equal(np.isfinite(ours), np.isfinite(expected))
    there = np.isfinite(ours)
    np.testing.assert_allclose(ours[there], expected[there], atol=2)
    assert there.any()
