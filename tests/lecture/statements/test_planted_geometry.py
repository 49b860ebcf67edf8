"""Statements on the geometry of losses: cases are planted where a claim must come out true, and where it must not."""

from dataclasses import replace

import numpy as np
import pytest

from trainwell.landscape import descend, minima_against_dimension, surface
from trainwell.lecture.experiment import verdict_of
from trainwell.lecture.statements.optimization import (
    adaptive_steps,
    high_dimension,
    ill_conditioning,
    local_minima,
    mini_batches,
    momentum_across,
    momentum_forms,
    nesterov_ahead,
    saddles,
    second_order,
)
from trainwell.optim import adagrad, sgd
from trainwell.statistics import proportion_interval

STARTS = 20


@pytest.mark.parametrize(("lower", "verdict"), [(1.0, "holds"), (0.4, "does not hold")])
def test_c14_at_a_lower_rate_nothing_turns(lower, verdict):
    begun = {k: ill_conditioning.plain_descents(k, STARTS, 30, lower=lower) for k in (10, 100)}
    assert ill_conditioning.turning(begun).verdict == verdict


def test_c15_with_the_contenders_exchanged_momentum_is_the_one_that_stops():
    kinds = local_minima.KINDS
    found = local_minima.at_the_local_minimum(100, [0.03, 0.1], kinds)
    assert [part.verdict for part in found[:3]] == ["holds"] * 3
    exchanged = {"sgd": kinds["momentum"], "momentum": kinds["sgd"]}
    found = local_minima.at_the_local_minimum(100, [0.03, 0.1], exchanged)
    assert [part.verdict for part in found[1:3]] == ["does not hold"] * 2


def test_c16_with_the_contenders_exchanged_momentum_is_slower():
    made = saddles.saddle_between_minima()
    low = {"optimizer": "momentum", "learning_rate": 0.09, "momentum": 0.9}
    contenders = {
        "sgd": {"optimizer": "sgd", "learning_rate": 1.5},
        "momentum": {"optimizer": "momentum", "learning_rate": 0.6, "momentum": 0.9},
        "adam": {"optimizer": "adam", "learning_rate": 0.3},
        "sgd, low rate": {"optimizer": "sgd", "learning_rate": 0.09},
        "momentum, the same low rate": low,
        "momentum, the same rate of progress": {**low, "learning_rate": 0.009},
    }
    costs = saddles.updates_to_pass(made, contenders, STARTS, 5_000)
    assert verdict_of(saddles.passing(costs)) == "holds"
    exchanged = {**costs, "sgd": costs["momentum"], "momentum": costs["sgd"]}
    faster = saddles.passing(exchanged)[1]
    assert "momentum passes faster" in faster.claim
    assert faster.verdict == "does not hold"


def test_c17_where_half_of_the_points_are_minima_they_are_not_rare():
    """On a line minima and maxima take turns."""
    (line,) = minima_against_dimension((1,), functions=1, starts=60)
    planted = replace(line, dimension=high_dimension.HIGH, share=proportion_interval(30, 60))
    assert high_dimension.on_random_functions((planted,))[0].verdict == "does not hold"
    rare = replace(planted, share=proportion_interval(0, 200), indices=np.full(200, 6), values=np.arange(200.0))
    assert high_dimension.on_random_functions((rare,))[0].verdict == "holds"
    maxima = replace(rare, indices=np.repeat([6, high_dimension.HIGH], 100))
    assert high_dimension.on_random_functions((maxima,))[0].verdict == "does not hold"


@pytest.mark.parametrize(("noise", "verdict"), [(mini_batches.NOISE, "holds"), (0.0, "does not hold")])
def test_c18_without_noise_no_path_meanders(noise, verdict):
    assert mini_batches.meandering(surface("bowl"), STARTS, noise).verdict == verdict


def test_c18_gradients_of_rows_that_are_alike_are_not_noisy():
    rng = np.random.default_rng(8)
    full, off = rng.standard_normal(20), rng.standard_normal((10, 64, 20))
    spread = [full + 10 * (one - one.mean(0)) for one in off]
    alike = [full + 0.1 * (one - one.mean(0)) for one in off]
    assert mini_batches.noisy({"now": spread}).verdict == "holds"
    assert mini_batches.noisy({"now": alike}).verdict == "does not hold"
    drawn = spread[0][rng.integers(0, 64, (20_000, 4))].mean(1)
    error = np.sqrt(((drawn - full) ** 2).sum(1).mean()) / np.linalg.norm(full)
    assert mini_batches.noise_of(spread[0], 4) == pytest.approx(error, rel=0.02)


def test_c19_with_another_friction_the_paths_part():
    def other(rate, **fields):
        one, two = momentum_forms.forms(rate, **fields).items()
        return dict([one, (two[0], {**two[1], "momentum": 0.8})])

    bowl = {surface("bowl"): 0.1}
    assert momentum_forms.on_surfaces(bowl, STARTS)[0].verdict == "holds"
    assert momentum_forms.on_surfaces(bowl, STARTS, other)[0].verdict == "does not hold"


@pytest.mark.parametrize("exchanged", [False, True])
def test_c20_with_the_contenders_exchanged_it_is_momentum_that_overshoots_less(exchanged):
    both = (nesterov_ahead.AHEAD, nesterov_ahead.BEHIND)
    found = nesterov_ahead.earlier(STARTS, *(both[::-1] if exchanged else both))
    assert found[0].verdict == ("does not hold" if exchanged else "holds")


@pytest.mark.parametrize(("optimizer", "verdict"), [("newton", "holds"), ("sgd", "does not hold")])
def test_c26_a_gradient_step_is_no_newton_step(optimizer, verdict):
    assert second_order.one_step(STARTS, (5,), optimizer).verdict == verdict


@pytest.mark.parametrize("exchanged", [False, True])
def test_c36_with_the_contenders_exchanged_it_is_sgd_that_turns_less(exchanged):
    own = momentum_across.LECTURE
    contenders = {"SGD": own["momentum"], "momentum": own["SGD"]} if exchanged else own
    found = descend("bowl", contenders, surface("bowl").random_starts(STARTS), momentum_across.UPDATES, paths=True)
    assert momentum_across.turning("", found).verdict == ("does not hold" if exchanged else "holds")


@pytest.mark.parametrize("exchanged", [False, True])
def test_c37_with_the_contenders_exchanged_it_is_momentum_that_swings_less(exchanged):
    own = adaptive_steps.SWINGING
    contenders = {"momentum": own["Adam"], "Adam": own["momentum"]} if exchanged else own
    found = descend("bowl", contenders, surface("bowl").random_starts(60), adaptive_steps.LONG, paths=True)
    assert adaptive_steps.swinging("", found).verdict == ("does not hold" if exchanged else "holds")


def test_c37_plain_descent_keeps_no_larger_steps_for_rare_features():
    assert adaptive_steps.on_rare_features(adaptive_steps.steps_per_gradient(adagrad(0.1), 6)).verdict == "holds"
    assert adaptive_steps.on_rare_features(adaptive_steps.steps_per_gradient(sgd(0.1), 6)).verdict == "does not hold"


def test_c37_steps_on_rare_features_are_those_of_plain_numpy():
    """η/√Σg², of gradients that nothing else has computed."""
    S, (T, B, p) = 30, (adaptive_steps.SPARSE_UPDATES, adaptive_steps.ROWS, 0.01)
    rng = np.random.default_rng(7)
    common, rare = np.zeros(S), np.zeros(S)
    h_common, h_rare, w_common, w_rare = (np.zeros(S) for _ in range(4))
    background = 4 * (1 + 0.3 + 0.1 + 0.03 + 0.01) + 0.44  # 23 further weights, which are wrong alike
    for _ in range(T):
        off = rng.standard_normal((S, B))
        x, z = rng.choice([-1.0, 1.0], (S, B)), rng.choice([-1.0, 1.0], (S, B)) * (rng.uniform(size=(S, B)) < p)
        rest = rng.standard_normal((S, B)) * np.sqrt(background) * abs(w_common - 1)[:, None]
        wrong = x * (w_common - 1)[:, None] + z * (w_rare - 1)[:, None] + rest - off
        for feature, w, h, gain in ((x, w_common, h_common, common), (z, w_rare, h_rare, rare)):
            g = (wrong * feature).mean(1)
            h += g * g
            w -= 0.1 * g / (np.sqrt(h) + 1e-7)
            gain[g != 0] = 0.1 / np.sqrt(h[g != 0])
    gains = adaptive_steps.steps_per_gradient(adagrad(0.1), 30)
    assert np.median(gains[:, -1] / gains[:, 0]) == pytest.approx(np.nanmedian(rare / common), rel=0.2)
