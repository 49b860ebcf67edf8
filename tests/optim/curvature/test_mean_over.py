"""A mean in chunks: the same value and derivatives as at once, ragged ends included, in memory that does not grow."""

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import hessian, hessian_product, mean_over

rng = np.random.default_rng(4)
X, Y = rng.normal(size=(11, 3)), rng.integers(0, 2, 11)
PARAMS, V = {"w": rng.normal(size=3), "b": 0.3}, {"w": rng.normal(size=3), "b": -1.0}


def logistic(params, data):
    X, y = data
    return jnp.mean(jnp.logaddexp(0, (1 - 2 * y) * (X @ params["w"] + params["b"])))


def measured(f):
    return jax.jit(lambda p: (f(p), jax.grad(f)(p), hessian_product(f, p, V), hessian(f, p)))(PARAMS)


@cache
def of_the_whole():
    """In float64."""
    return measured(lambda p: logistic(p, (X, Y)))


@pytest.mark.parametrize("batch", [1, 3, 4, 10, 11, 12])
def test_value_gradient_and_products_are_those_of_the_whole(x64, batch):
    found = measured(mean_over(logistic, (X, Y), batch))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=1e-12, atol=1e-15), found, of_the_whole())


def test_a_row_counts_the_same_in_a_short_last_chunk(x64):
    f = mean_over(lambda a, rows: jnp.mean((rows - a) ** 2), np.array([0.0, 0.0, 0.0, 0.0, 10.0]), 2)
    assert float(f(0.0)) == 20


def test_mapped_over_members(x64):
    f = mean_over(logistic, (X, Y), 4)
    members = {"w": rng.normal(size=(5, 3)), "b": rng.normal(size=5)}
    outputs = members["w"] @ X.T + members["b"][:, None]
    expected = np.logaddexp(0, (1 - 2 * Y) * outputs).mean(1)
    np.testing.assert_allclose(jax.jit(jax.vmap(f))(members), expected, rtol=1e-13)


def test_float32_stays_float32(x64):
    f = mean_over(lambda a, rows: jnp.mean(rows * a), jnp.arange(5, dtype=jnp.float32), 2)
    assert f(jnp.float32(1)).dtype == jnp.float32


def test_memory_is_that_of_one_chunk():
    def temporary(num_rows, batch):
        def product(params, data):
            f = mean_over(lambda p, rows: jnp.mean(jnp.tanh(jnp.tanh(rows @ p) @ p) ** 2), data, batch)
            return hessian_product(f, params, params)

        compiled = jax.jit(product).lower(jnp.ones((50, 50)), jnp.ones((num_rows, 50))).compile()
        return compiled.memory_analysis().temp_size_in_bytes

    few, many = temporary(1003, 100), temporary(20_003, 100)
    assert many < 1.1 * few
    assert temporary(20_003, 20_003) > 20 * many  # the measure sees what is avoided


@pytest.mark.parametrize(
    ("data", "batch", "message"),
    [
        (X, 0, "batch must be at least 1, got 0"),
        ((X, Y[:5]), 2, r"the same number of rows, at least 1, got \[5, 11\]"),
        (X[:0], 2, r"got \[0\]"),
        ((X, 3.0), 2, r"got \[0, 11\]"),
        ((), 2, r"got \[\]"),
    ],
)
def test_bad_data_is_refused(data, batch, message):
    with pytest.raises(ValueError, match=message):
        mean_over(logistic, data, batch)
