"""Numbers worked by hand, and what the lecture says of the rules' relations."""

from math import expm1, log, log1p, sqrt

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.core import RecipeError
from trainwell.optim import RULES, Slots, adam, adam_folded, adam_uncorrected, adamw
from trainwell.optim.protocol import correction

# Two steps with g = 2 from θ = 1, η = 0.5; momenta 0.5, ρ of RMSProp 0.75, β1 0.5, β2 0.75, ε ≈ 0.
BY_HAND = {
    "gradient_descent": ({}, [-1.0, -1.0]),
    "sgd": ({}, [-1.0, -1.0]),
    "momentum": ({"momentum": 0.5}, [-1.0, -1.5]),  # v = 2, 3
    "momentum_step": ({"momentum": 0.5}, [-1.0, -1.5]),  # v = -1, -1.5
    "nesterov": ({"momentum": 0.5}, [-1.5, -1.75]),  # 0.5·(-1) - 1, 0.5·(-1.5) - 1
    "nesterov_lookahead": ({"momentum": 0.5}, [-1.0, -1.5]),
    "adagrad": ({}, [-0.5, -0.5 / sqrt(2)]),  # h = 4, 8
    "rmsprop": ({"rho": 0.75}, [-1.0, -1 / sqrt(1.75)]),  # h = 1, 1.75
    "adam_uncorrected": ({"beta1": 0.5, "beta2": 0.75}, [-0.5, -0.75 / sqrt(1.75)]),  # m = 1, 1.5
    "adam": ({"beta1": 0.5, "beta2": 0.75}, [-0.5, -0.5]),  # m̂ = 2, v̂ = 4
    "adam_folded": ({"beta1": 0.5, "beta2": 0.75}, [-0.5, -0.5]),
    "adamw": ({"beta1": 0.5, "beta2": 0.75, "weight_decay": 0.2}, [-0.6, -0.54]),  # -0.1θ: 1, 0.4
}


def follow(rule, params, gradient, rates=None, steps=0, factory=None):
    """The parameters before each step, and the points where the gradient was taken."""
    rule = rule or factory(rates[0])
    state, shown, points = rule.init(params), [], []
    for t in range(steps or len(rates)):
        rule = factory(rates[t]) if factory else rule
        point = rule.eval_point(params, state) if rule.eval_point else params
        shown.append(params)
        points.append(point)
        updates, state = rule.update(gradient(point), state, params)
        params = params + updates
    return np.asarray(shown), np.asarray(points)


def bowl(point):
    """The gradient of x²/20 + y²."""
    return jnp.asarray([0.1, 2.0]) * point


@pytest.mark.parametrize("name", BY_HAND)
def test_two_steps_worked_by_hand(name):
    numbers, expected = BY_HAND[name]
    if "eps" in RULES[name].hyperparameters:
        numbers = {**numbers, "eps": 1e-30}
    rule = RULES[name].build(0.5, **numbers)
    theta, g = jnp.asarray([1.0]), jnp.asarray([2.0])
    state, seen = rule.init(theta), []
    for _ in range(2):
        updates, state = rule.update(g, state, theta)
        theta = theta + updates
        seen.append(float(updates[0]))
    np.testing.assert_allclose(seen, expected, rtol=3e-7)


@pytest.mark.parametrize("name", ["momentum", "momentum_step", "nesterov", "nesterov_lookahead"])
def test_momentum_0_is_sgd(name):
    start = jnp.asarray([-7.0, 2.0])
    ours, _ = follow(RULES[name].build(0.3, momentum=0.0), start, bowl, steps=20)
    sgd, _ = follow(RULES["sgd"].build(0.3), start, bowl, steps=20)
    np.testing.assert_array_equal(ours, sgd)


def test_momentum_forms_are_equal_while_the_learning_rate_is_constant():
    with jax.enable_x64(True):
        start = jnp.asarray([-7.0, 2.0])
        velocity, _ = follow(RULES["momentum"].build(0.1), start, bowl, steps=100)
        step, _ = follow(RULES["momentum_step"].build(0.1), start, bowl, steps=100)
    np.testing.assert_allclose(velocity, step, rtol=1e-10, atol=1e-14)


def test_momentum_forms_differ_when_the_learning_rate_drops():
    # g = 1, ρ = 0.5: both glide at 2η = 2. η drops from 1 to 0.1: one moves 0.1·2, the other 0.5·2 + 0.1.
    one = jnp.asarray([1.0])
    moved = {}
    for name in ("momentum", "momentum_step"):
        state = RULES[name].build().init(one)
        for _ in range(60):
            updates, state = RULES[name].build(1.0, momentum=0.5).update(one, state)
        assert float(updates[0]) == -2.0
        moved[name] = float(RULES[name].build(0.1, momentum=0.5).update(one, state)[0][0])
    assert moved == pytest.approx({"momentum": -0.2, "momentum_step": -1.1}, rel=1e-6)


@pytest.mark.parametrize("rates", [np.full(100, 0.1), 0.2 / (1 + 0.1 * np.arange(100))])
def test_nesterov_forms_are_the_same_path(rates):
    with jax.enable_x64(True):
        start = jnp.asarray([-7.0, 2.0])  # v = 0 at the start: x = θ
        theta, ahead = follow(None, start, bowl, rates, factory=RULES["nesterov_lookahead"].factory)
        x, _ = follow(None, start, bowl, rates, factory=RULES["nesterov"].factory)
    np.testing.assert_allclose(ahead, x, rtol=1e-10, atol=1e-14)
    assert np.abs(theta - x).max() > 0.1  # the points are not the parameters


def test_nesterov_is_not_momentum():
    start = jnp.asarray([-7.0, 2.0])
    nesterov, _ = follow(RULES["nesterov_lookahead"].build(0.1), start, bowl, steps=20)
    momentum, _ = follow(RULES["momentum_step"].build(0.1), start, bowl, steps=20)
    np.testing.assert_array_equal(nesterov[:2], momentum[:2])
    assert np.abs(nesterov - momentum).max() > 0.1


@pytest.mark.parametrize(
    ("name", "rate"), [("sgd", 0.95), ("momentum_step", 0.1), ("adagrad", 1.5), ("adam_folded", 0.3)]
)
def test_the_books_race_on_the_bowl(name, rate):
    # F-6-3, 5, 6, 7: the book's own recurrences for the first two updates from (-7, 2).
    with jax.enable_x64(True):
        seen, _ = follow(RULES[name].build(rate), jnp.asarray([-7.0, 2.0]), bowl, steps=3)
    g0 = np.array([-0.7, 4.0])
    after_one = {
        "sgd": [-6.335, -1.8],
        "momentum_step": [-6.93, 1.6],
        "adagrad": np.array([-7.0, 2.0]) - 1.5 * g0 / (np.abs(g0) + 1e-7),
        "adam_folded": np.array([-7.0, 2.0]) - 0.3 * g0 / (np.abs(g0) + 1e-7 / sqrt(0.001)),
    }[name]
    np.testing.assert_allclose(seen[1], after_one, rtol=1e-12)
    if name == "momentum_step":  # v = 0.9·(0.07, -0.4) - 0.1·(-0.693, 3.2)
        np.testing.assert_allclose(seen[2], [-6.93 + 0.1323, 1.6 - 0.68], rtol=1e-12)
    if name == "sgd":  # y is multiplied by 1 - 0.95·2 = -0.9: it zigzags
        np.testing.assert_allclose(seen[2], [-6.335 * 0.905, 1.62], rtol=1e-12)


def test_adagrads_steps_shrink_like_one_over_the_root_of_t():
    g = jnp.asarray([1.0])
    rule = RULES["adagrad"].build(1.0)
    state, moves = rule.init(g), []
    for _ in range(100):
        updates, state = rule.update(g, state)
        moves.append(-float(updates[0]))
    np.testing.assert_allclose(moves, 1 / np.sqrt(np.arange(1, 101)), rtol=1e-5)  # C-21


def first_step(factory):
    with jax.enable_x64(True):
        g = jnp.asarray([1.0])
        return -float(factory(1.0).update(g, factory(1.0).init(g))[0][0])


def test_adam_forms_differ_by_3e_6_in_the_first_step():
    difference = first_step(adam) - first_step(adam_folded)
    assert difference == pytest.approx(1e-7 / sqrt(0.001) - 1e-7, rel=1e-4)
    assert difference == pytest.approx(3.06e-6, rel=1e-2)


def test_adam_without_correction_takes_a_wrong_sized_first_step():
    assert first_step(adam) == pytest.approx(1, rel=1e-6)
    assert first_step(adam_uncorrected) == pytest.approx((1 - 0.9) / sqrt(1 - 0.999), rel=1e-5)  # C-22: 3.16


def test_adamw_shrinks_apart_from_the_moments():
    theta, zero = jnp.asarray([8.0]), jnp.asarray([0.0])
    rule = adamw(0.5, weight_decay=0.25)
    updates, state = rule.update(zero, rule.init(theta), theta)
    assert updates.tolist() == [-1.0]
    assert (state.first.tolist(), state.second.tolist()) == ([0.0], [0.0])
    with pytest.raises(RecipeError, match="needs the parameters"):
        rule.update(zero, rule.init(theta))


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.999, 0.9999])
@pytest.mark.parametrize("t", [1, 2, 100, 10_000, 10_000_000, 2**31 - 1])
def test_correction_is_accurate_in_float32(beta, t):
    b = float(np.float32(beta))
    exact = 1.0 if b == 0 else -expm1(t * (log1p(b - 1) if b > 0.5 else log(b)))
    ours = correction(beta, jnp.asarray(t, jnp.int32), jnp.zeros(1, jnp.float32))
    assert ours.dtype == jnp.float32
    assert float(ours) == pytest.approx(exact, rel=5e-7)


def test_adam_is_right_after_millions_of_steps():
    g = jnp.asarray([3.0])
    state = Slots(jnp.asarray(50_000_000, jnp.int32), g, g * g)
    assert float(adam(0.5).update(g, state)[0][0]) == pytest.approx(-0.5, rel=1e-6)


@pytest.mark.parametrize("name", sorted(BY_HAND))
def test_the_count_stops_at_its_largest_value(name):
    g = jnp.asarray([1.0])
    rule = RULES[name].build()
    last = rule.init(g)._replace(count=jnp.asarray(2**31 - 1, jnp.int32))
    updates, state = rule.update(g, last, g)
    assert int(state.count) == 2**31 - 1
    assert float(updates[0]) < 0
