"""What every rule promises, whatever it does: the same tests for all of them."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from trainwell.core import RecipeError
from trainwell.optim import BOUNDS, RULES, Slots

NAMES = sorted(name for name, spec in RULES.items() if spec.shares_slots)
OTHER = {"learning_rate": 0.3, "momentum": 0.5, "rho": 0.7, "beta1": 0.6, "beta2": 0.8, "eps": 0.05}
OTHER["weight_decay"] = 0.2
SIZES = (1.0, 3.0, 0.5)


def trees(dtype):
    """Nested parameters and gradients of mixed shapes, a scalar among them."""
    draw = np.random.default_rng(0).normal
    params = [{"W": jnp.asarray(draw(size=(4, 3)), dtype), "b": jnp.asarray(draw(size=3), dtype)}]
    params.append({"gain": jnp.asarray(draw(), dtype)})
    grads = jax.tree.map(lambda p: jnp.asarray(draw(size=p.shape), dtype), params)
    return params, grads


def shapes(tree):
    return jax.tree.map(lambda leaf: (leaf.shape, leaf.dtype), tree)


def three_steps(rule, params, grads):
    """Three steps with gradients that change, as Adam's β1 has no effect on constant ones."""
    state = rule.init(params)
    for size in SIZES:
        updates, state = rule.update(jax.tree.map(lambda g, s=size: s * g, grads), state, params)
        params = optax.apply_updates(params, updates)
    return params, state


@pytest.mark.parametrize(("dtype", "x64"), [("float32", False), ("float32", True), ("float64", True)])
@pytest.mark.parametrize("name", NAMES)
def test_structure_and_dtype_are_kept(name, dtype, x64):
    with jax.enable_x64(x64):
        params, grads = trees(dtype)
        numbers = {**RULES[name].hyperparameters, "learning_rate": 0.1}
        if x64:  # a float64 scalar must not widen float32 parameters
            numbers = {key: jnp.asarray(value, jnp.float64) for key, value in numbers.items()}
        rule = RULES[name].build(**numbers)
        state = rule.init(params)
        updates, after = rule.update(grads, state, params)
        assert shapes(updates) == shapes(params)
        assert isinstance(state, Slots)
        assert shapes(after) == shapes(state)
        assert jax.tree.structure(after) == jax.tree.structure(state)
        assert all(not leaf.weak_type for leaf in jax.tree.leaves((state, after)))
        assert state.count.dtype == jnp.int32
        assert (int(state.count), int(after.count)) == (0, 1)
        for slot in (state.first, state.second):
            assert slot == () or shapes(slot) == shapes(params)


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_number_does_not_compile_anew(name):
    params, grads = trees("float32")
    spec = RULES[name]
    traces = []

    @jax.jit
    def run(numbers):
        traces.append(1)
        return three_steps(spec.build(**numbers), params, grads)[0]

    base = {"learning_rate": spec.default_learning_rate, **spec.hyperparameters}
    before = run(base)
    for changed in base:
        after = run({**base, changed: OTHER[changed]})
        different = jax.tree.map(lambda a, b: bool(jnp.any(a != b)), before, after)
        assert any(jax.tree.leaves(different)), f"{changed} has no effect"
    assert len(traces) == 1


@pytest.mark.parametrize("name", NAMES)
def test_traced_numbers_give_what_python_numbers_give(name):
    params, grads = trees("float32")
    spec = RULES[name]
    numbers = {"learning_rate": 0.1, **spec.hyperparameters}
    traced = jax.jit(lambda n: three_steps(spec.build(**n), params, grads)[0])(numbers)
    plain = three_steps(spec.build(**numbers), params, grads)[0]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-7), traced, plain)


@pytest.mark.parametrize("name", NAMES)
def test_members_side_by_side_equal_members_alone(name):
    params, grads = trees("float32")
    rates = jnp.asarray([0.01, 0.1, 1.0])
    stacked = jax.tree.map(lambda p: jnp.stack([p, 2 * p, 3 * p]), params)
    together = jax.vmap(lambda eta, p: three_steps(RULES[name].build(eta), p, grads)[0])(rates, stacked)
    for member in range(3):
        alone = jax.tree.map(lambda p, m=member: (m + 1) * p, params)
        alone = three_steps(RULES[name].build(rates[member]), alone, grads)[0]
        jax.tree.map(lambda a, b, m=member: np.testing.assert_allclose(a[m], b, rtol=2e-6, atol=1e-7), together, alone)


@pytest.mark.parametrize("name", NAMES)
def test_state_is_a_scan_carry(name):
    params, grads = trees("float32")
    rule = RULES[name].build()

    def body(carry, size):
        theta, state = carry
        updates, state = rule.update(jax.tree.map(lambda g: size * g, grads), state, theta)
        return (optax.apply_updates(theta, updates), state), None

    (scanned, state), _ = jax.lax.scan(body, (params, rule.init(params)), jnp.asarray(SIZES))
    assert int(state.count) == 3
    expected = three_steps(rule, params, grads)[0]
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=2e-6, atol=1e-7), scanned, expected)


@pytest.mark.parametrize("name", NAMES)
def test_works_in_an_optax_chain(name):
    params, grads = trees("float32")
    rule = RULES[name].build(0.1)
    chained = optax.chain(rule, optax.scale(0.5))
    halved, _ = chained.update(grads, chained.init(params), params)
    whole, _ = rule.update(grads, rule.init(params), params)
    jax.tree.map(lambda h, w: np.testing.assert_array_equal(h, 0.5 * w), halved, whole)


@pytest.mark.parametrize("name", NAMES)
def test_extra_arguments_are_ignored(name):
    params, grads = trees("float32")
    rule = RULES[name].build(0.1)
    with_extra, _ = rule.update(grads, rule.init(params), params, value=1.0)
    without, _ = rule.update(grads, rule.init(params), params)
    jax.tree.map(np.testing.assert_array_equal, with_extra, without)


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_without_gradient_stays(name):
    params = {"dead": jnp.asarray([1.5, -2.0]), "live": jnp.asarray([1.0])}
    grads = {"dead": jnp.zeros(2), "live": jnp.ones(1)}
    numbers = {"weight_decay": 0.0} if name == "adamw" else {}
    after, _ = three_steps(RULES[name].build(0.1, **numbers), params, grads)
    np.testing.assert_array_equal(after["dead"], params["dead"])
    assert float(after["live"][0]) < 1.0


@pytest.mark.parametrize(
    ("name", "number"), [(n, h) for n in NAMES for h in ("learning_rate", *RULES[n].hyperparameters)]
)
def test_numbers_out_of_range_are_refused(name, number):
    for bad in (-1.0, float("nan"), float("inf"), "0.1", None, True):
        with pytest.raises(RecipeError, match=f"^{number} must be .*; try {BOUNDS[number].instead}$"):
            RULES[name].factory(**{"learning_rate": 0.1, number: bad})


@pytest.mark.parametrize("name", NAMES)
def test_an_unknown_number_is_refused_with_the_nearest_name(name):
    with pytest.raises(RecipeError, match="has no hyperparameter 'learning_rat': did you mean 'learning_rate'"):
        RULES[name].build(learning_rat=0.1)


@pytest.mark.parametrize("name", NAMES)
def test_only_the_look_ahead_rule_has_a_point_of_its_own(name):
    has_point = RULES[name].build().eval_point is not None
    assert has_point == RULES[name].needs_lookahead == (name == "nesterov_lookahead")
