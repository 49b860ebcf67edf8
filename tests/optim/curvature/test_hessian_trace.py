"""The trace: exact cases, coverage of its interval over seeds, and what the sketch gains."""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import binom, t

from trainwell.optim import hessian_trace

KEY = jax.random.key(21)
SEEDS = 600


def matrix_of(eigenvalues):
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    size = len(eigenvalues)
    Q = np.linalg.qr(np.random.default_rng(9).normal(size=(size, size)))[0]
    return (Q * eigenvalues) @ Q.T


@partial(jax.jit, static_argnames=("probes", "sketch", "confidence"))
def estimates(A, **settings):
    """One per seed."""
    keys = jax.random.split(KEY, SEEDS)
    one = partial(hessian_trace, lambda x: x @ A @ x / 2, jnp.zeros(len(A)), **settings)
    return jax.lax.map(lambda key: one(key=key), keys)


BULK = np.random.default_rng(2).normal(size=43)
FEW = {"probes": 8, "sketch": 0, "confidence": 0.9}  # so few that a normal interval would be too narrow
OUTLIERS = np.concatenate([BULK[:40], [30.0, 60.0, 90.0]])


@pytest.mark.parametrize(
    ("eigenvalues", "settings"), [(BULK, FEW), (BULK, {}), (OUTLIERS, {}), (OUTLIERS, {"confidence": 0.8})]
)
def test_the_interval_covers_the_trace_as_often_as_it_says(x64, eigenvalues, settings):
    found = estimates(matrix_of(eigenvalues), **settings)
    trace, confidence = eigenvalues.sum(), settings.get("confidence", 0.95)
    covered = int(np.sum((found.low <= trace) & (trace <= found.high)))
    assert binom.cdf(covered, SEEDS, confidence) > 1e-3
    assert binom.sf(covered - 1, SEEDS, confidence) > 1e-3
    assert abs(np.mean(found.trace) - trace) < 4 * np.std(found.trace) / SEEDS**0.5  # unbiased


def test_a_sketch_takes_the_outliers_out_of_the_error(x64):
    A = matrix_of(OUTLIERS)
    plain, sketched = estimates(A, probes=70, sketch=0), estimates(A)  # 70 products each
    assert np.std(sketched.trace) < np.std(plain.trace) / 3


def test_the_interval_is_students(x64):
    A = matrix_of(BULK)
    found = estimates(A, **FEW)
    half = t.ppf(0.95, 7) * np.asarray(found.standard_error)
    np.testing.assert_allclose(found.low, found.trace - half, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.high, found.trace + half, rtol=1e-9, atol=1e-12)
    # For Rademacher vectors the variance of zᵀAz is 2 Σ_{i≠j} a_ij².
    scatter = np.std(found.trace) * 8**0.5
    assert scatter == pytest.approx((2 * np.sum((A - np.diag(np.diag(A))) ** 2)) ** 0.5, rel=0.1)


@pytest.mark.parametrize(
    ("A", "sketch"),
    [
        (np.diag([1.0, -2.0, 5.0]), 0),  # ±1 squared is 1
        (matrix_of(np.array([3.0, -1.0, 7.0, 0.5])), 20),
        (matrix_of(np.array([8.0, 0.0, 0.0, 0.0, -2.0, 0.0])), 2),  # the sketch spans its range
        (np.zeros((3, 3)), 1),
    ],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_exact_cases(x64, A, sketch, dtype):
    A = A.astype(dtype)
    found = jax.jit(lambda x: hessian_trace(lambda x: x @ A @ x / 2, x, sketch=sketch, key=KEY))(
        np.zeros(len(A), dtype)
    )
    eps = float(np.finfo(dtype).eps)
    assert found.trace.dtype == dtype
    assert float(found.trace) == pytest.approx(np.trace(A), abs=100 * eps)
    assert found.low - 20 * eps * (sketch == 0) <= np.trace(A) <= found.high + 20 * eps * (sketch == 0)
    assert float(found.high - found.low) <= 3000 * eps


def test_a_network(network, x64):
    found = jax.jit(lambda p: hessian_trace(network.f, p, probes=60, sketch=60, key=KEY))(network.params)
    trace = network.eigenvalues.sum()
    assert abs(float(found.trace) - trace) < 4 * float(found.standard_error)
    assert float(found.standard_error) < 0.1 * trace


@pytest.mark.parametrize("settings", [{"probes": 1}, {"sketch": -1}, {"confidence": 0.0}, {"confidence": 1.0}])
def test_numbers_are_checked(settings):
    with pytest.raises(ValueError, match=r"probes must be at least 2, sketch at least 0 and confidence in \(0, 1\)"):
        hessian_trace(jnp.sum, jnp.ones(2), key=KEY, **settings)
