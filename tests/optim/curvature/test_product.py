"""Hessian products: by hand, against differences of a gradient written in NumPy, and against JAX's Hessian."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from trainwell.optim import flatten, hessian_product


def f(p):
    return p["x"] ** 3 * p["y"] + jnp.sum(p["x"] * p["z"] ** 2)


POINT = {"x": 2.0, "y": 3.0, "z": np.array([1.0, -1.0])}
DIRECTION = {"x": 1.0, "y": 2.0, "z": np.array([4.0, 8.0])}


def test_by_hand(x64):
    # H v: x: 6xy·1 + 3x²·2 + 2·1·4 + 2·(−1)·8;  y: 3x²·1;  z: 2z·1 + 2x·(4, 8)
    found = jax.jit(lambda p, v: hessian_product(f, p, v))(POINT, DIRECTION)
    assert float(found["x"]) == 36 + 24 + 8 - 16
    assert float(found["y"]) == 12
    assert found["z"].tolist() == [2 + 16, -2 + 32]


def numpy_gradient(params, data):
    """Backpropagation by hand through the fixture's network."""
    X, y = (np.asarray(array) for array in data)
    hidden = np.tanh(X @ params["W1"] + params["b1"])
    logits = hidden @ params["W2"] + params["b2"]
    share = np.exp(logits - logits.max(1, keepdims=True))
    error = (share / share.sum(1, keepdims=True) - np.eye(logits.shape[1])[y]) / len(X)
    below = error @ params["W2"].T * (1 - hidden**2)
    return {"W1": X.T @ below, "b1": below.sum(0), "W2": hidden.T @ error, "b2": error.sum(0)}


def test_equals_finite_differences_of_a_gradient_in_numpy(network, x64):
    rng = np.random.default_rng(2)
    params = jax.tree.map(np.asarray, network.params)
    v = jax.tree.map(lambda p: rng.normal(size=p.shape), params)
    h = 2e-6
    ahead = numpy_gradient(jax.tree.map(lambda p, t: p + h * t, params, v), network.data)
    behind = numpy_gradient(jax.tree.map(lambda p, t: p - h * t, params, v), network.data)
    differences = jax.tree.map(lambda a, b: (a - b) / (2 * h), ahead, behind)
    found = jax.jit(lambda p, t: hessian_product(network.f, p, t))(network.params, v)
    largest = max(np.abs(leaf).max() for leaf in jax.tree.leaves(differences))
    jax.tree.map(lambda a, b: np.testing.assert_allclose(a, b, rtol=0, atol=1e-8 * largest), found, differences)


def test_mapped_over_directions_and_points(x64):
    def g(p):
        return p[0] ** 2 * p[1] + p[1] ** 4

    points = jnp.asarray([[1.0, 2.0], [3.0, -1.0]])
    found = jax.jit(jax.vmap(lambda p, v: hessian_product(g, p, v), (0, 0)))(points, points)
    expected = [np.array([[2 * y, 2 * x], [2 * x, 12 * y**2]]) @ (x, y) for x, y in points.tolist()]  # by hand
    np.testing.assert_allclose(found, expected, rtol=1e-14)


def test_keeps_the_parameters_dtypes(x64):
    params = {"a": jnp.ones(2, jnp.float32), "b": jnp.ones(2, jnp.float64)}
    v = {"a": np.ones(2), "b": np.ones(2, np.float32)}
    found = hessian_product(lambda p: jnp.sum(p["a"] ** 2) * jnp.sum(p["b"]), params, v)
    assert {name: leaf.dtype for name, leaf in found.items()} == {"a": jnp.float32, "b": jnp.float64}
    assert found["a"].tolist() == [8, 8]  # 2·Σb·v_a + 2a·Σv_b
    assert found["b"].tolist() == [4, 4]  # 2·a·v_a summed


def test_matrix_products_are_in_full_precision():
    program = jax.make_jaxpr(lambda v: hessian_product(lambda p: jnp.sum(jnp.tanh(p @ p)), jnp.ones((2, 2)), v))
    products = str(program(jnp.ones((2, 2)))).split("dot_general[")[1:]
    assert products
    assert all("precision=(Precision.HIGHEST, Precision.HIGHEST)" in text.split("] ")[0] for text in products)


def test_wrong_directions_are_refused():
    with pytest.raises(ValueError, match="pytree structure error"):
        hessian_product(f, POINT, {"x": 1.0})
    with pytest.raises(ValueError, match="different primal and tangent shapes"):
        hessian_product(f, POINT, {**DIRECTION, "z": np.ones(3)})


def test_flat_is_the_same_loss(x64):
    flat = flatten(f, POINT)
    assert flat.point.tolist() == [2, 3, 1, -1]
    assert float(flat.loss(flat.point)) == float(f(POINT)) == 28
    expected = ravel_pytree(hessian_product(f, POINT, DIRECTION))[0]
    np.testing.assert_array_equal(flat.product(ravel_pytree(DIRECTION)[0]), expected)
    assert flat.unflatten(flat.point)["z"].tolist() == [1, -1]


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"a": jnp.ones(2), "n": jnp.arange(2)}, "floating-point numbers, got float32, int32"),
        ({}, "at least one number"),
        (jnp.ones((0, 3)), "at least one number"),
    ],
)
def test_what_has_no_curvature_is_refused(params, message):
    with pytest.raises(ValueError, match=message):
        flatten(lambda p: 0.0, params)
