"""Kinds of critical points: by hand, and of functions whose critical points are known."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from trainwell.optim import KINDS, classify, classify_all, hessian

CASES = [
    ([1.0, 2.0], "minimum", 0, 0),
    ([3.0], "minimum", 0, 0),
    ([-1.0, -2.0], "maximum", 2, 0),
    ([2.0, -1.0, 3.0], "saddle", 1, 0),
    ([-2.0, -1.0, 3.0], "saddle", 2, 0),
    ([2.0, 0.0], "degenerate", 0, 1),
    ([-2.0, 0.0, 0.0], "degenerate", 1, 2),
    ([0.0, 0.0], "degenerate", 0, 2),
    ([-2.0, 0.0, 1.0], "saddle", 1, 1),  # up one way and down another: no third derivative can mend that
    ([1.0, 1e-9], "degenerate", 0, 1),
    ([1.0, -1e-9], "degenerate", 0, 1),
    ([1.0, -1e-7], "saddle", 1, 0),
    ([1e-20, 2e-20], "minimum", 0, 0),
]


@pytest.mark.parametrize(("eigenvalues", "name", "index", "num_zero"), CASES)
def test_by_hand(x64, eigenvalues, name, index, num_zero):
    assert tuple(classify(eigenvalues)) == (name, index, num_zero)
    assert classify(np.asarray(eigenvalues) * 1e6).name == name


CRITICAL = [
    (lambda p: p[0] ** 2 / 20 + p[1] ** 2, [0.0, 0.0], "minimum", 0),
    (lambda p: p[0] ** 2 - p[1] ** 2, [0.0, 0.0], "saddle", 1),
    (lambda p: p[0] ** 3 - 3 * p[0] * p[1] ** 2, [0.0, 0.0], "degenerate", 0),  # the monkey saddle
    (lambda p: p[0] ** 4 + p[1] ** 2, [0.0, 0.0], "degenerate", 0),
    (lambda p: jnp.cos(p[0]) + jnp.cos(p[1]), [0.0, 0.0], "maximum", 2),
    (lambda p: jnp.cos(p[0]) + jnp.cos(p[1]), [np.pi, 0.0], "saddle", 1),
    # Himmelblau's maximum, one of its saddles and one of its minima
    (lambda p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2, [-0.270845, -0.923039], "maximum", 2),
    (lambda p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2, [0.0866775, 2.884255], "saddle", 1),
    (lambda p: (p[0] ** 2 + p[1] - 11) ** 2 + (p[0] + p[1] ** 2 - 7) ** 2, [3.0, 2.0], "minimum", 0),
]


@pytest.mark.parametrize(("f", "point", "name", "index"), CRITICAL)
def test_known_critical_points(x64, f, point, name, index):
    point = np.array(point)
    assert np.abs(jax.grad(f)(point)).max() < 2e-4
    found = classify(np.linalg.eigvalsh(hessian(f, point)))
    assert (found.name, found.index) == (name, index)


def test_tolerance_and_scale(x64):
    assert classify([1.0, 0.01], tolerance=0.0099).name == "minimum"
    assert classify([1.0, 0.01], tolerance=0.0101).name == "degenerate"
    assert classify([1.0, 1e-30], tolerance=0).name == "minimum"
    # A point near a monkey saddle: ±6e-9 look like a saddle among themselves, not beside a usual curvature of 1.
    assert classify([6e-9, -6e-9]).name == "saddle"
    assert classify([6e-9, -6e-9], scale=1.0) == ("degenerate", 0, 2)


def test_float32_has_a_tolerance_of_its_own():
    assert classify([1.0, -1e-4]).name == "degenerate"
    assert classify([1.0, -1e-3]).name == "saddle"


def test_many_in_one_program(x64):
    width = max(len(case[0]) for case in CASES)
    rows = [case for case in CASES if len(case[0]) == width]
    found = jax.jit(lambda values: classify_all(values))(jnp.asarray([case[0] for case in rows]))
    assert [KINDS[code] for code in found.code] == [case[1] for case in rows]
    assert found.index.tolist() == [case[2] for case in rows]
    assert found.num_zero.tolist() == [case[3] for case in rows]
    mapped = jax.jit(jax.vmap(classify_all))(jnp.asarray([case[0] for case in rows]))
    jax.tree.map(np.testing.assert_array_equal, found, mapped)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_not_finite_has_no_kind(bad):
    assert jax.jit(classify_all)(jnp.asarray([[1.0, bad], [1.0, 2.0]])).code.tolist() == [-1, 0]
    with pytest.raises(ValueError, match="the Hessian has NaN or Inf"):
        classify([1.0, bad])


def test_shapes_are_checked():
    with pytest.raises(ValueError, match="one axis, got 2: use classify_all"):
        classify([[1.0, 2.0]])
    with pytest.raises(ValueError, match="at least one"):
        classify([])
