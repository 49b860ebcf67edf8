"""Spectral density and its quadrature: against all eigenvalues, smoothed alike."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm

from trainwell import optim

KEY = jax.random.key(12)
A = np.diag([1.0, 2.0, 4.0, 8.0]) + 0.3


def quadratic(x):
    return x @ A @ x / 2


spectral_density = partial(jax.jit, static_argnames=("f", "probes", "steps", "bins"))(optim.spectral_density)


def smoothed(eigenvalues, found):
    """Mean over each bin of normal curves at the eigenvalues, from SciPy."""
    grid, width = np.asarray(found.grid), float(found.width)
    bin_width = grid[1] - grid[0]
    edges = np.append(grid - bin_width / 2, grid[-1] + bin_width / 2)
    return np.diff(norm.cdf(edges[:, None], eigenvalues, width).mean(1)) / bin_width


def total(found):
    return float(jnp.sum(found.density) * (found.grid[1] - found.grid[0]))


def test_a_networks_density_is_that_of_its_dense_hessian(network, x64):
    low, high = network.eigenvalues[[0, -1]]
    found = spectral_density(network.f, network.params, probes=20, key=KEY, width=0.02 * (high - low))
    exact = smoothed(network.eigenvalues, found)
    bin_width = float(found.grid[1] - found.grid[0])
    distance = np.sum(np.abs(found.density - exact)) * bin_width / 2  # share of eigenvalues out of place
    assert distance < 0.02
    assert np.sum(np.abs(np.roll(exact, 12) - exact)) * bin_width / 2 > 0.1  # it is no flat curve
    assert total(found) == pytest.approx(1, abs=1e-12)
    assert found.grid[0] < low
    assert found.grid[-1] > high
    off = np.abs(found.density - exact) > 4 * np.asarray(found.standard_error) + 1e-3 * exact.max()
    assert off.mean() < 0.05


@pytest.mark.parametrize("width", [None, 0.1, 3.0])
@pytest.mark.parametrize("bins", [1, 7, 300])
def test_integrates_to_1_on_any_grid(x64, width, bins):
    found = spectral_density(quadratic, jnp.zeros(4), probes=3, bins=bins, width=width, key=KEY)
    assert found.grid.shape == found.density.shape == found.standard_error.shape == (bins,)
    low, high = np.linalg.eigvalsh(A)[[0, -1]]
    sigma = width or 0.01 * (high - low)
    assert float(found.width) == pytest.approx(sigma)
    bin_width = (high - low + 10 * sigma) / bins
    np.testing.assert_allclose(found.grid, low - 5 * sigma + bin_width * (np.arange(bins) + 0.5), rtol=1e-9)
    assert float(jnp.sum(found.density)) * bin_width == pytest.approx(1, abs=1e-12)
    assert np.all(np.asarray(found.density) >= 0)


@pytest.mark.parametrize(("value", "width"), [(-3.0, 0.03), (0.0, 0.01)])
def test_one_eigenvalue_is_one_normal_curve(x64, value, width):
    found = spectral_density(lambda x: value * jnp.sum(x**2) / 2, jnp.zeros(6), probes=2, bins=101, key=KEY)
    assert float(found.width) == pytest.approx(width)
    np.testing.assert_allclose(found.density, smoothed(np.array([value]), found), rtol=1e-5)
    np.testing.assert_allclose(found.standard_error, 0, atol=1e-10 / width)


def test_the_standard_error_is_the_scatter_of_the_mean(x64):
    keys = jax.random.split(KEY, 300)
    one = partial(spectral_density, quadratic, jnp.zeros(4), bins=20, width=1.0)
    curve = jax.jit(lambda keys: jax.lax.map(lambda key: one(key=key), keys))(keys)
    scatter = np.std(curve.density, 0, ddof=1)
    stated = np.sqrt(np.mean(np.asarray(curve.standard_error) ** 2, 0))
    np.testing.assert_allclose(stated, scatter, rtol=0.2)
    exact = smoothed(np.linalg.eigvalsh(A), jax.tree.map(lambda leaf: leaf[0], curve))
    assert np.all(np.abs(curve.density.mean(0) - exact) < 5 * scatter / 300**0.5)


def test_one_probe_says_nothing_of_its_error():
    found = spectral_density(quadratic, jnp.zeros(4), probes=1, bins=5, key=KEY)
    assert np.isnan(found.standard_error).all()
    assert np.isfinite(found.density).all()


def test_quadrature_with_all_steps_has_the_eigenvalues(x64):
    found = optim.spectral_quadrature(quadratic, jnp.zeros(4), probes=400, key=KEY)
    np.testing.assert_allclose(found.nodes, np.tile(np.linalg.eigvalsh(A), (400, 1)), rtol=1e-11)
    weights = np.asarray(found.weights)
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-13)
    error = weights.std(0, ddof=1) / 20
    assert np.all(np.abs(weights.mean(0) - 0.25) < 4 * error)
    assert np.all(error < 0.02)


def test_few_steps_integrate_functions_of_the_hessian(x64):
    # 60 eigenvalues by 10 points: tr exp(−H)/P, whose Gauss quadrature error is far below the probes' scatter.
    eigenvalues = np.linspace(-1, 3, 60)
    found = optim.spectral_quadrature(lambda x: x @ (eigenvalues * x) / 2, jnp.zeros(60), probes=200, steps=10, key=KEY)
    assert found.nodes.shape == (200, 10)
    estimates = np.sum(np.asarray(found.weights) * np.exp(-np.asarray(found.nodes)), 1)
    error = estimates.std(ddof=1) / 200**0.5
    assert abs(estimates.mean() - np.exp(-eigenvalues).mean()) < 4 * error
    assert error < 0.02


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"bins": 0}, "bins must be"), ({"probes": 0}, "probes must be"), ({"steps": 0}, "dimension and steps must be")],
)
def test_counts_are_checked(settings, message):
    with pytest.raises(ValueError, match=message):
        spectral_density(quadratic, jnp.zeros(4), key=KEY, **settings)
