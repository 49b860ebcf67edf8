"""Extreme eigenvalues: NumPy's and SciPy's of a network's Hessian, and bounds that hold."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree
from scipy.sparse.linalg import LinearOperator, eigsh

from trainwell.optim import extreme_eigenvalues, flatten

KEY = jax.random.key(3)


@partial(jax.jit, static_argnames=("steps", "tolerance"))
def of_matrix(A, key=KEY, steps=300, tolerance=1e-3):
    """The ends of ½ xᵀAx's Hessian at 0."""
    return extreme_eigenvalues(lambda x: x @ A @ x / 2, jnp.zeros(len(A)), steps=steps, tolerance=tolerance, key=key)


def matrix_of(eigenvalues):
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    size = len(eigenvalues)
    Q = np.linalg.qr(np.random.default_rng(1).normal(size=(size, size)))[0]
    return (Q * eigenvalues) @ Q.T


def test_a_networks_extremes_are_those_of_its_dense_hessian_and_scipys(network, x64):
    ends = jax.jit(lambda p, key: extreme_eigenvalues(network.f, p, key=key))
    flat = flatten(network.f, network.params)
    product = jax.jit(flat.product)
    operator = LinearOperator((flat.point.size,) * 2, lambda v: np.asarray(product(v)), dtype=np.float64)
    scipys = np.sort(eigsh(operator, 2, which="BE", v0=np.ones(flat.point.size), return_eigenvectors=False))
    smallest, largest = network.eigenvalues[[0, -1]]
    assert smallest < 0 < largest
    for seed in range(3):
        found = ends(network.params, jax.random.key(seed))
        np.testing.assert_allclose([found.smallest, found.largest], [smallest, largest], rtol=1e-4)  # asked for: 1%
        np.testing.assert_allclose([found.smallest, found.largest], scipys, rtol=1e-4)
        assert float(found.smallest_bound) <= 1e-3 * abs(smallest)
        assert float(found.largest_bound) <= 1e-3 * largest
        assert int(found.steps) < 300  # it saw that this is enough
        for vector, value in ((found.smallest_vector, smallest), (found.largest_vector, largest)):
            y = np.asarray(ravel_pytree(vector)[0])
            assert np.linalg.norm(y) == pytest.approx(1)
            assert np.linalg.norm(network.matrix @ y - value * y) < 1.1e-3 * abs(value)


def test_float32_has_the_same_signs_and_values(network):
    f, params = network.in_float32()
    found = jax.jit(lambda p: extreme_eigenvalues(f, p, key=KEY))(params)
    assert found.largest.dtype == jnp.float32
    assert float(found.smallest) == pytest.approx(network.eigenvalues[0], rel=1e-3)
    assert float(found.largest) == pytest.approx(network.eigenvalues[-1], rel=1e-4)


@pytest.mark.parametrize("steps", [2, 8, 60])
def test_the_bounds_hold_and_the_ends_lie_within_the_spectrum(x64, steps):
    eigenvalues = np.random.default_rng(6).normal(size=150) ** 3
    A = matrix_of(eigenvalues)
    for key in jax.random.split(KEY, 10):
        found = of_matrix(A, key, steps=steps, tolerance=0.0)
        for value, bound in ((found.smallest, found.smallest_bound), (found.largest, found.largest_bound)):
            assert np.abs(value - eigenvalues).min() <= bound + 1e-12
        assert eigenvalues.min() - 1e-12 <= found.smallest <= found.largest <= eigenvalues.max() + 1e-12
        assert int(found.steps) == steps
        assert (found.largest_bound > 1e-3) == (steps < 60)  # few steps say that they are few


def test_the_bound_is_the_residual_in_one_step(x64):
    # One step: y = v, θ = vᵀAv; for A = diag(0, 1) the residual is |v₁ v₂|, whatever v was drawn.
    found = of_matrix(np.diag([0.0, 1.0]), steps=1)
    v = np.asarray(found.largest_vector)
    assert float(found.largest) == pytest.approx(v[1] ** 2)
    assert float(found.largest_bound) == pytest.approx(abs(v[0] * v[1]))
    assert 0.01 < float(found.largest_bound) <= 0.5


@pytest.mark.parametrize(
    "eigenvalues",
    [
        [3.0] * 40,
        [-2.0],
        [0.0] * 6,
        [0.0, 0.0, 0.0, 0.0, 0.0, 5.0],
        [-1.0, 0.0, 0.0, 0.0, 0.0, 4.0],
        [-1e-9, 1e-10, 1e-10, 1e-10, 1e-9, 1e-9],
        [-1e9, 1e-3, 1e-3, 1e-3, 1e9, 1e9],
    ],
)
def test_invariant_subspaces_zeros_and_all_sizes(x64, eigenvalues):
    found = of_matrix(matrix_of(np.array(eigenvalues)))
    size = max(map(abs, eigenvalues))
    assert float(found.smallest) == pytest.approx(min(eigenvalues), abs=1e-13 * size)
    assert float(found.largest) == pytest.approx(max(eigenvalues), abs=1e-13 * size)
    assert max(float(found.smallest_bound), float(found.largest_bound)) <= 1e-13 * size


def test_a_tighter_tolerance_takes_more_steps(x64):
    A = matrix_of(np.linspace(-1, 3, 150))
    loose, tight = (of_matrix(A, tolerance=tolerance) for tolerance in (0.3, 1e-5))
    assert int(loose.steps) == 32
    assert 32 < int(tight.steps) < 150
    assert float(tight.smallest_bound) <= 1e-5 < float(loose.smallest_bound) <= 0.3


def test_mapped_over_points(x64):
    points = jnp.asarray([[0.0, 0.0], [1.0, 2.0]])  # the monkey saddle's curvatures: ±6‖p‖
    found = jax.jit(jax.vmap(lambda p: extreme_eigenvalues(lambda p: p[0] ** 3 - 3 * p[0] * p[1] ** 2, p, key=KEY)))(
        points
    )
    np.testing.assert_allclose(found.largest, [0, 6 * 5**0.5], rtol=1e-13)
    np.testing.assert_allclose(found.smallest, [0, -6 * 5**0.5], rtol=1e-13)


def test_nan_is_reported_at_the_first_look(x64):
    found = of_matrix(np.full((150, 150), np.nan), tolerance=1e-5)
    assert np.isnan([found.smallest, found.largest, found.smallest_bound, found.largest_bound]).all()
    assert int(found.steps) == 32


@pytest.mark.parametrize("tolerance", [-0.1, float("nan")])
def test_tolerance_is_checked(tolerance):
    with pytest.raises(ValueError, match="tolerance must be at least 0"):
        extreme_eigenvalues(jnp.sum, jnp.ones(2), tolerance=tolerance, key=KEY)
