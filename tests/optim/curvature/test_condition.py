"""The condition number: by hand, NumPy's, and where there is none."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import condition_number, hessian


@pytest.mark.parametrize(
    ("eigenvalues", "expected"),
    [([0.1, 2.0], 20), ([2.0, -0.1], 20), ([-3.0], 1), ([5.0, 5.0], 1), ([1.0, 1e10], 1e10), ([1e-300, 4e-300], 4)],
)
def test_by_hand(x64, eigenvalues, expected):
    assert float(condition_number(eigenvalues)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("eigenvalues", [[0.0, 1.0], [0.0], [1e-17, 1.0], [-1e-17, 1.0, 3.0], [1.0, np.inf]])
def test_singular_is_infinite(x64, eigenvalues):
    assert float(condition_number(eigenvalues)) == np.inf


def test_the_tolerance_is_a_share_of_the_largest(x64):
    assert float(condition_number([1.0, 100.0], tolerance=0.0101)) == np.inf
    assert float(condition_number([1.0, 100.0], tolerance=0.0099)) == 100
    assert float(condition_number([1e-17, 1.0], tolerance=0)) == pytest.approx(1e17)


def test_equals_numpys_of_a_random_matrix(x64):
    A = np.random.default_rng(0).normal(size=(2, 9, 9))
    A = A + np.swapaxes(A, 1, 2)
    np.testing.assert_allclose(condition_number(np.linalg.eigvalsh(A)), np.linalg.cond(A), rtol=1e-10)


def test_the_lectures_bowl_is_20_not_a_twentieth(x64):
    bowl = hessian(lambda p: p[0] ** 2 / 20 + p[1] ** 2, np.array([-7.0, 2.0]))
    assert float(condition_number(jnp.linalg.eigvalsh(bowl))) == pytest.approx(20, rel=1e-14)


def test_nan_stays_nan_and_it_maps():
    found = jax.jit(jax.vmap(condition_number))(jnp.asarray([[1.0, 2.0], [jnp.nan, 2.0], [0.0, 0.0]]))
    np.testing.assert_array_equal(found, [2, np.nan, np.inf])


@pytest.mark.parametrize("eigenvalues", [[], 3.0, np.ones((2, 0))])
def test_nothing_is_refused(eigenvalues):
    with pytest.raises(ValueError, match="last axis of at least one"):
        condition_number(eigenvalues)
