"""The dense Hessian: of known matrices, against JAX's own, in any number of columns at once."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import hessian

A = np.array([[4.0, 1.0, 0.5], [1.0, -3.0, 2.0], [0.5, 2.0, 1.0]])


@pytest.mark.parametrize("columns", [1, 2, 3, 64])
def test_a_quadratic_has_its_matrix(x64, columns):
    found = jax.jit(lambda x: hessian(lambda x: x @ A @ x / 2, x, columns=columns))(jnp.ones(3))
    np.testing.assert_allclose(found, A, rtol=0, atol=1e-15)


def test_a_pytree_is_taken_in_the_order_of_its_leaves(x64):
    def f(p):
        return jnp.sum(p["b"] * p["a"][:, 0]) ** 2 + jnp.sum(jnp.sin(p["a"]))

    params = {"b": jnp.asarray([1.0, 2.0]), "a": jnp.asarray([[0.1, 0.2], [0.3, 0.4]])}
    blocks = jax.jit(jax.hessian(f))(params)
    rows = [np.hstack([np.reshape(blocks[i][j], (params[i].size, -1)) for j in "ab"]) for i in "ab"]
    np.testing.assert_allclose(jax.jit(lambda p: hessian(f, p))(params), np.vstack(rows), rtol=0, atol=1e-14)


def test_a_network_and_symmetry(network, x64):
    found = np.asarray(jax.jit(lambda p: hessian(network.f, p, columns=100))(network.params))
    np.testing.assert_allclose(found, network.matrix, rtol=0, atol=1e-14)
    np.testing.assert_array_equal(found, found.T)


def test_mapped_over_points(x64):
    found = jax.vmap(lambda x: hessian(lambda x: jnp.sum(x**4), x, columns=1))(jnp.asarray([[1.0, 2.0], [0.5, 0.0]]))
    np.testing.assert_allclose(found, [np.diag([12, 48]), np.diag([3, 0])], rtol=1e-15)


def test_float32_stays_float32(x64):
    assert hessian(lambda x: jnp.sum(x**2), jnp.ones(2, jnp.float32)).dtype == jnp.float32


def test_columns_are_checked():
    with pytest.raises(ValueError, match="columns must be at least 1, got 0"):
        hessian(jnp.sum, jnp.ones(2), columns=0)
