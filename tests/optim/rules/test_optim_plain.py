"""The rules as plain objects: the same numbers as the rules, in the caller's own kind of array."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.core import DataError, RecipeError
from trainwell.optim import SGD, Adam, AdamW, Momentum, MomentumStep, NesterovLookahead
from trainwell.optim.rules import plain

CLASSES = plain.PlainRule.__subclasses__()


def arrays(rng, kind=np.asarray, dtype=np.float64):
    return {"W": kind(rng.normal(size=(3, 2)).astype(dtype)), "b": kind(rng.normal(size=2).astype(dtype))}


@pytest.mark.slow
@pytest.mark.parametrize("cls", CLASSES)
def test_equals_the_rule_over_20_steps(cls):
    rng = np.random.default_rng(7)
    params = arrays(rng)
    optimizer = cls(learning_rate=0.1)
    with jax.enable_x64(True):
        rule = cls.factory(0.1)
        expected = {key: jnp.asarray(value) for key, value in params.items()}
        state = rule.init(expected)
        for _ in range(20):
            grads = arrays(rng)
            updates, state = rule.update({k: jnp.asarray(g) for k, g in grads.items()}, state, expected)
            expected = {key: expected[key] + updates[key] for key in expected}
            optimizer.update(params, grads)
    for key, value in params.items():
        np.testing.assert_allclose(value, expected[key], rtol=1e-12, atol=1e-15)
    assert int(optimizer.state.count) == 20


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_numpy_stays_numpy_and_the_dictionary_the_same(cls, dtype):
    rng = np.random.default_rng(7)
    params = arrays(rng, dtype=dtype)
    before = params["W"]
    copy = before.copy()
    returned = cls().update(params, arrays(rng, dtype=dtype))
    assert returned is params
    assert {(type(v), v.dtype) for v in params.values()} == {(np.ndarray, np.dtype(dtype))}
    assert params["W"].flags.writeable
    assert np.all(params["W"] != copy)
    np.testing.assert_array_equal(before, copy)  # the entry is replaced, the old array not written to


def test_jax_stays_jax():
    rng = np.random.default_rng(7)
    params = arrays(rng, kind=jnp.asarray, dtype=np.float32)
    Adam().update(params, arrays(rng, kind=jnp.asarray, dtype=np.float32))
    assert all(isinstance(v, jax.Array) and v.dtype == jnp.float32 for v in params.values())
    assert params["W"] + 1 is not None  # usable outside


def test_the_books_naive_loop_with_python_floats():
    # optimizer_compare_naive: params['x'], params['y'] = -7.0, 2.0 on x²/20 + y².
    params = {"x": -7.0, "y": 2.0}
    optimizer = MomentumStep(learning_rate=0.1)
    for _ in range(2):
        optimizer.update(params, {"x": params["x"] / 10.0, "y": 2.0 * params["y"]})
    assert params == pytest.approx({"x": -6.7977, "y": 0.92}, rel=1e-12)
    assert type(params["x"]) is float


def test_numbers_may_change_between_steps():
    params, grads = {"x": np.array([0.0])}, {"x": np.array([1.0])}
    optimizer = Momentum(learning_rate=1.0, momentum=0.5)
    optimizer.update(params, grads)
    optimizer.learning_rate = 0.1
    optimizer.update(params, grads)  # -1 - 0.1·1.5
    assert params["x"].tolist() == pytest.approx([-1.15], rel=1e-12)
    optimizer.momentum = 2.0
    with pytest.raises(RecipeError, match="momentum must be in"):
        optimizer.update(params, grads)


def test_look_ahead_offers_its_point():
    params = {"x": np.array([4.0])}
    optimizer = NesterovLookahead(learning_rate=0.5, momentum=0.5)
    assert optimizer.eval_point(params)["x"].tolist() == [4.0]
    optimizer.update(params, {"x": np.array([2.0])})
    point = optimizer.eval_point(params)
    assert (params["x"].tolist(), point["x"].tolist()) == ([3.0], [2.5])
    assert point["x"].dtype == np.float64
    optimizer.update(params, {"x": np.array([2.0])})  # v = 0.5·(-1) - 1
    assert params["x"].tolist() == [1.5]


def test_two_objects_do_not_share_state():
    first, second = Momentum(1.0, 0.5), Momentum(1.0, 0.5)
    for optimizer in (first, second):
        params = {"x": np.array([0.0])}
        optimizer.update(params, {"x": np.array([1.0])})
        assert params["x"].tolist() == [-1.0]


def test_numbers_are_checked_at_once():
    with pytest.raises(RecipeError, match="beta1 must be in"):
        Adam(beta1=1.0)
    with pytest.raises(RecipeError, match="weight_decay must be at least 0"):
        AdamW(weight_decay=-0.1)


@pytest.mark.parametrize(
    ("params", "grads", "message"),
    [
        ({"W": np.ones(2), "b": np.ones(1)}, {"W": np.ones(2)}, "must have the same names, only one has b"),
        ({"W": np.ones(2)}, {"W": np.ones(3)}, r"grads\['W'\] has shape \(3,\), its parameter \(2,\)"),
        ({"W": np.array([1, 2])}, {"W": np.ones(2)}, r"params\['W'\] must be an array of floating-point numbers"),
        ({"W": [1.0, 2.0]}, {"W": np.ones(2)}, r"params\['W'\] must be an array of floating-point numbers"),
    ],
)
def test_what_does_not_fit_is_refused(params, grads, message):
    with pytest.raises(DataError, match=message):
        SGD().update(params, grads)
