"""Taylor models: by hand, their order of error, and where they step to."""

import jax
import numpy as np
import pytest

from trainwell.optim import taylor

SOLVED = 8 * 2**-52
"""Error of a 2×2 system in float64, of its condition number times the solution's norm: LAPACK's kernels differ."""


def rosenbrock(p):
    return (1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2


def test_by_hand(x64):
    # x² y at (2, 3): 12 + 12 dx + 4 dy + ½ (6 dx² + 8 dx dy)
    def f(p):
        return p["x"] ** 2 * p["y"]

    at, to = {"x": 2.0, "y": 3.0}, {"x": 3.0, "y": 5.0}
    plane, parabola = taylor(f, at, 1), taylor(f, at, 2)
    assert float(plane(to)) == 12 + 12 + 8
    assert float(parabola(to)) == 32 + 3 + 8
    assert float(parabola.value) == 12
    assert {name: float(g) for name, g in parabola.gradient.items()} == {"x": 12, "y": 4}
    assert {name: float(x) for name, x in plane.steps_to(0.5).items()} == {"x": -4, "y": 1}
    # H = [[6, 4], [4, 0]]: H⁻¹∇f = (1, 1.5)
    newton = {name: float(x) for name, x in parabola.steps_to().items()}
    assert newton == pytest.approx({"x": 1, "y": 1.5}, rel=0, abs=SOLVED * 4 * 1.8)


def test_a_quadratic_is_its_own_model_and_newton_solves_it(x64):
    A, b = np.array([[3.0, 1.0], [1.0, -2.0]]), np.array([1.0, 5.0])

    def f(x):
        return x @ A @ x / 2 - b @ x

    model = taylor(f, np.array([10.0, -4.0]))
    points = np.random.default_rng(0).normal(size=(20, 2))
    np.testing.assert_allclose(jax.jit(jax.vmap(model))(points), jax.vmap(f)(points), rtol=1e-12, atol=1e-12)
    # A saddle, which is where Newton runs to: from (10, -4) to (1, -2), at a condition number of 1.5.
    near = {"rtol": 0, "atol": SOLVED * 1.5 * np.hypot(9, 2)}
    np.testing.assert_allclose(model.steps_to(), [1, -2], **near)
    np.testing.assert_allclose(model.steps_to(0.5), [5.5, -3], **near)


@pytest.mark.parametrize(("order", "factor"), [(1, 4), (2, 8)])
def test_halving_the_distance_divides_the_error_by(x64, order, factor):
    at, direction = np.array([-1.2, 1.0]), np.array([0.6, 0.8])
    model = taylor(rosenbrock, at, order)
    errors = [abs(float(model(p) - rosenbrock(p))) for p in (at + 2e-3 * direction, at + 1e-3 * direction)]
    assert errors[0] / errors[1] == pytest.approx(factor, rel=0.01)


def test_in_a_compiled_program_and_mapped_over_points(x64):
    starts = np.array([[-1.2, 1.0], [0.0, 0.5]])
    found = jax.jit(jax.vmap(lambda p: taylor(rosenbrock, p).steps_to()))(starts)
    for start, point in zip(starts, found, strict=True):
        matrix = jax.hessian(rosenbrock)(start)
        step = np.linalg.solve(matrix, jax.grad(rosenbrock)(start))
        near = SOLVED * np.linalg.cond(matrix) * np.linalg.norm(step)  # of the second, one coordinate is 0.5 − 0.5
        np.testing.assert_allclose(point, start - step, rtol=0, atol=near)


def test_a_networks_parabola_needs_no_matrix(network, x64):
    rng = np.random.default_rng(3)
    d = jax.tree.map(lambda p: 0.01 * rng.normal(size=p.shape), network.params)
    flat = np.concatenate([np.ravel(d[name]) for name in sorted(d)])

    def modelled(params, there):
        model = taylor(network.f, params)
        return model.value, model.gradient, model(there)

    there = jax.tree.map(np.add, network.params, d)
    value, gradient, found = jax.jit(modelled)(network.params, there)
    slope = np.concatenate([np.ravel(gradient[name]) for name in sorted(d)])
    expected = float(value) + slope @ flat + flat @ network.matrix @ flat / 2
    assert float(found) == pytest.approx(expected, rel=1e-12)


def test_newtons_point_of_a_singular_hessian_is_not_finite():
    assert not np.isfinite(taylor(lambda p: p[0] ** 2 + p[1], np.array([1.0, 1.0])).steps_to()).all()


def test_orders_and_structures_are_checked():
    with pytest.raises(ValueError, match="order must be 1 or 2, got 3"):
        taylor(rosenbrock, np.ones(2), 3)
    with pytest.raises(ValueError, match="pytree structure error"):
        taylor(lambda p: p["x"] ** 2, {"x": 1.0})({"y": 1.0})
