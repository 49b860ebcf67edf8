"""Lanczos' method: its relation, orthogonality where the plain recurrence loses it, invariant subspaces."""

from functools import partial
from operator import itemgetter

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import lanczos

KEY = jax.random.key(8)


def matrix_of(eigenvalues, seed=0):
    """A symmetric matrix with these eigenvalues and random eigenvectors."""
    Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(eigenvalues),) * 2))[0]
    return (Q * eigenvalues) @ Q.T


def tridiagonal(found):
    alphas, inner = np.asarray(found.alphas), np.asarray(found.betas)[:-1]
    return np.diag(alphas) + np.diag(inner, 1) + np.diag(inner, -1)


@partial(jax.jit, static_argnames="steps")
def run(A, steps, key=KEY):
    return lanczos(lambda v: A @ v, len(A), steps, key)


def plain_recurrence(A, q, steps):
    """The three-term recurrence without orthogonalisation."""
    vectors, before, beta = [], np.zeros_like(q), 0.0
    for _ in range(steps):
        vectors.append(q)
        r = A @ q - beta * before
        r -= (q @ r) * q
        beta = np.linalg.norm(r)
        before, q = q, r / beta
    return np.array(vectors)


def test_orthogonal_where_the_plain_recurrence_is_not(x64):
    A, steps = matrix_of(np.concatenate([np.linspace(0, 1, 195), [5, 20, 100, 500, -50]])), 70
    found = run(A, steps)
    V = np.asarray(found.vectors)
    plain = plain_recurrence(A, V[0], steps)
    assert np.abs(plain @ plain.T - np.eye(steps)).max() > 0.1  # the task is hard enough
    np.testing.assert_allclose(V @ V.T, np.eye(steps), atol=1e-14)
    rest = np.zeros_like(V)
    rest[-1] = float(found.betas[-1]) * np.asarray(found.following)
    np.testing.assert_allclose(V @ A, tridiagonal(found) @ V + rest, atol=500 * 1e-14)
    assert int(found.step) == steps


@pytest.mark.parametrize("steps", [9, 40])
def test_as_many_steps_as_dimensions_give_the_spectrum(x64, steps):
    eigenvalues = np.array([-3.0, -1.0, 0.0, 0.5, 0.6, 2.0, 4.0, 4.5, 9.0])
    found = run(matrix_of(eigenvalues), steps)
    assert found.alphas.shape == (9,)
    np.testing.assert_allclose(np.linalg.eigvalsh(tridiagonal(found)), eigenvalues, atol=1e-13)


@pytest.mark.parametrize(
    "eigenvalues",
    [
        [2.0] * 6,
        [0.0] * 6,
        [1.0],
        [7.0, 0.0, 0.0, 0.0, 0.0, 0.0],
        [-1.0, -1.0, 3.0, 3.0, 10.0, 10.0],
    ],
)
def test_beyond_an_invariant_subspace_it_goes_on(x64, eigenvalues):
    eigenvalues = np.sort(eigenvalues)
    found = run(matrix_of(eigenvalues), len(eigenvalues))
    V = np.asarray(found.vectors)
    np.testing.assert_allclose(V @ V.T, np.eye(len(V)), atol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(tridiagonal(found)), eigenvalues, atol=1e-12)
    distinct = len(set(eigenvalues))
    assert np.all(np.asarray(found.betas)[: distinct - 1] > 0.01)
    assert float(found.betas[distinct - 1]) < 1e-12  # the first space has one vector per distinct eigenvalue


def test_a_diagonal_of_ones_breaks_at_every_step(x64):
    found = run(np.eye(5), 5)
    np.testing.assert_array_equal(found.betas, np.zeros(5))
    np.testing.assert_allclose(found.alphas, np.ones(5), rtol=1e-14)


def test_mapped_over_keys_and_in_float32():
    A = jnp.asarray(matrix_of(np.array([1.0, 2.0, 3.0, 3.0])), jnp.float32)
    keys = jax.random.split(KEY, 3)
    together = jax.jit(jax.vmap(lambda key: lanczos(lambda v: A @ v, 4, 4, key)))(keys)
    assert together.vectors.dtype == jnp.float32
    for i in range(3):
        found = tridiagonal(jax.tree.map(itemgetter(i), together))
        np.testing.assert_allclose(np.linalg.eigvalsh(found), [1, 2, 3, 3], atol=2e-5)
    assert np.ptp(np.asarray(together.alphas)[:, 0]) > 0.01  # keys matter


def test_nan_stays_nan(x64):
    assert np.isnan(run(np.full((3, 3), np.nan), 2).alphas).all()


@pytest.mark.parametrize(("dimension", "steps"), [(0, 3), (3, 0)])
def test_counts_are_checked(dimension, steps):
    with pytest.raises(ValueError, match="dimension and steps must be at least 1"):
        lanczos(lambda v: v, dimension, steps, KEY)
