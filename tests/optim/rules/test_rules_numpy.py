"""Every rule against the lecture's formulas in float64, one number at a time, over 100 steps."""

from math import sqrt

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import RULES

STEPS = 100
RHO, B1, B2, EPS, DECAY = 0.9, 0.9, 0.999, 1e-7, 0.01


def gradients():
    """100 gradients of 12 parameters: sizes from 1e-3 to 1e2, one parameter without any, some zeros."""
    rng = np.random.default_rng(1)
    g = rng.normal(size=(STEPS, 12)) * 10.0 ** np.linspace(-3, 2, 12)
    g[:, 4] = 0.0
    g[rng.random(g.shape) < 0.1] = 0.0
    return g


def rates():
    """A learning rate that changes in every step."""
    return 0.1 / (1 + 0.05 * np.arange(STEPS))


def gradient_descent(theta, g, eta):
    for t in range(STEPS):
        theta -= eta[t] * g[t]
        yield theta


def momentum(theta, g, eta):
    v = 0.0
    for t in range(STEPS):
        v = RHO * v + g[t]
        theta -= eta[t] * v
        yield theta


def momentum_step(theta, g, eta):
    v = 0.0
    for t in range(STEPS):
        v = RHO * v - eta[t] * g[t]
        theta += v
        yield theta


def nesterov(theta, g, eta):
    # x = θ + ρv is what the rule calls its parameters: move θ by the lecture's formula, show x.
    v = 0.0
    for t in range(STEPS):
        v = RHO * v - eta[t] * g[t]
        theta += v
        yield theta + RHO * v


def adagrad(theta, g, eta):
    h = 0.0
    for t in range(STEPS):
        h += g[t] * g[t]
        theta -= eta[t] * g[t] / (sqrt(h) + EPS)
        yield theta


def rmsprop(theta, g, eta):
    h = 0.0
    for t in range(STEPS):
        h = RHO * h + (1 - RHO) * g[t] * g[t]
        theta -= eta[t] * g[t] / (sqrt(h) + EPS)
        yield theta


def adam_uncorrected(theta, g, eta):
    m = v = 0.0
    for t in range(STEPS):
        m = B1 * m + (1 - B1) * g[t]
        v = B2 * v + (1 - B2) * g[t] * g[t]
        theta -= eta[t] * m / (sqrt(v) + EPS)
        yield theta


def adam(theta, g, eta, decay=0.0):
    m = v = 0.0
    for t in range(1, STEPS + 1):
        m = B1 * m + (1 - B1) * g[t - 1]
        v = B2 * v + (1 - B2) * g[t - 1] * g[t - 1]
        m_hat = m / (1 - B1**t)
        v_hat = v / (1 - B2**t)
        theta -= eta[t - 1] * (m_hat / (sqrt(v_hat) + EPS) + decay * theta)
        yield theta


def adam_folded(theta, g, eta):
    m = v = 0.0
    for t in range(1, STEPS + 1):
        m = B1 * m + (1 - B1) * g[t - 1]
        v = B2 * v + (1 - B2) * g[t - 1] * g[t - 1]
        eta_t = eta[t - 1] * sqrt(1 - B2**t) / (1 - B1**t)
        theta -= eta_t * m / (sqrt(v) + EPS)
        yield theta


def adamw(theta, g, eta):
    yield from adam(theta, g, eta, decay=DECAY)


LECTURE = {
    "gradient_descent": gradient_descent,
    "sgd": gradient_descent,
    "momentum": momentum,
    "momentum_step": momentum_step,
    "nesterov": nesterov,
    "nesterov_lookahead": momentum_step,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
    "adam_uncorrected": adam_uncorrected,
    "adam": adam,
    "adam_folded": adam_folded,
    "adamw": adamw,
}


def path(name, start, g, eta):
    """The rule's parameters after each step, [steps, 12]."""
    spec = RULES[name]

    def body(carry, now):
        theta, state = carry
        grad, rate = now
        updates, state = spec.build(rate).update(grad, state, theta)
        return (theta + updates, state), theta + updates

    state = spec.build(0.1).init(start)
    return np.asarray(jax.jit(lambda: jax.lax.scan(body, (start, state), (g, eta))[1])())


def test_every_rule_has_its_formula():
    assert {name for name, spec in RULES.items() if spec.shares_slots} == set(LECTURE)


@pytest.mark.parametrize("name", LECTURE)
def test_equals_the_formula_over_100_steps(name):
    g, eta = gradients(), rates()
    start = np.random.default_rng(2).normal(size=12)
    columns = [list(LECTURE[name](float(start[i]), g[:, i].tolist(), eta.tolist())) for i in range(12)]
    expected = np.array(columns).T
    with jax.enable_x64(True):
        ours = path(name, jnp.asarray(start), jnp.asarray(g), jnp.asarray(eta))
    assert ours.dtype == np.float64
    np.testing.assert_allclose(ours, expected, rtol=1e-10, atol=0)
    single = path(name, *(jnp.asarray(a, jnp.float32) for a in (start, g, eta)))
    assert single.dtype == np.float32
    scale = np.abs(expected).max(axis=0)
    assert (np.abs(single - expected) / scale).max() < 2e-5
