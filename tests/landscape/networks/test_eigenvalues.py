"""Spectra of matrices whose eigenvalues are chosen: exact, by quadrature, as a density; the loss along a direction."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from scipy.stats import norm, ortho_group

from trainwell.landscape import Spectrum, loss_along, spectrum
from trainwell.landscape.networks.eigenvalues import eigenvalue_density
from trainwell.optim import taylor

P = 60


def half_square(A, p):
    return 0.5 * p["x"] @ (A @ p["x"])


def quadratic(eigenvalues):
    """½ xᵀAx, with these eigenvalues in random directions; all matrices share programs."""
    Q = ortho_group.rvs(len(eigenvalues), random_state=0)
    return jax.tree_util.Partial(half_square, jnp.asarray(Q @ np.diag(eigenvalues) @ Q.T, jnp.float32))


def at(size=P):
    return {"x": jnp.ones(size) / 7}


NETWORK_LIKE = np.concatenate([[-0.5, -0.3, -0.2], np.zeros(40), np.linspace(0.05, 0.5, 13), [2.0, 3.0, 5.0, 8.0]])
CASES = {
    "saddle": (NETWORK_LIKE, "saddle", 3, 40),
    "minimum": (np.linspace(0.1, 9.0, P), "minimum", 0, 0),
    "maximum": (-np.linspace(0.1, 9.0, P), "maximum", P, 0),
    "degenerate": (np.concatenate([np.zeros(2), np.linspace(1, 2, P - 2)]), "degenerate", 0, 2),
}


@pytest.mark.parametrize(("eigenvalues", "kind", "index", "zero"), CASES.values(), ids=list(CASES))
def test_all_eigenvalues_of_a_small_matrix(eigenvalues, kind, index, zero):
    found = spectrum(quadratic(eigenvalues), at(), key=jax.random.key(0))
    np.testing.assert_allclose(found.eigenvalues, np.sort(eigenvalues), atol=2e-5)
    assert (found.kind, found.index) == (kind, index)
    assert found.negative == pytest.approx((index / P, 0, index / P, index / P))
    assert found.zero.share == pytest.approx(zero / P)
    sizes = np.abs(eigenvalues)
    expected = np.inf if zero else sizes.max() / sizes.min()
    assert found.condition.number == pytest.approx(expected, rel=1e-3)
    assert found.condition.exact
    assert max(found.largest_bound, found.smallest_bound) < 1e-4
    assert found.leading(3) == pytest.approx(np.sort(eigenvalues)[::-1][:3], rel=1e-5)


@pytest.mark.parametrize(("eigenvalues", "kind", "index", "zero"), CASES.values(), ids=list(CASES))
def test_without_the_matrix_the_ends_agree_and_the_rest_is_within_its_bounds(eigenvalues, kind, index, zero):
    found = spectrum(quadratic(eigenvalues), at(), probes=40, steps=30, most_dense=0, key=jax.random.key(1))
    assert (found.eigenvalues, found.index) == (None, None)
    assert (found.smallest, found.largest) == pytest.approx((eigenvalues.min(), eigenvalues.max()), abs=2e-4)
    assert found.kind == kind
    share, error, low, high = found.negative
    assert low <= share <= high
    assert low - 4 * error <= index / P <= high + 4 * error
    sizes = np.abs(eigenvalues)
    least = sizes.max() / max(sizes.min(), 1e-30)
    assert not found.condition.exact
    assert 1 <= found.condition.number <= least * 1.001
    assert np.isnan(found.zero.share)
    assert found.zero.low - 1e-6 <= zero / P <= found.zero.high + 1e-6
    if zero:
        assert found.condition.number > 1e3  # the nearness of 0 is found, though no eigenvalue is


def test_a_few_steps_leave_the_border_within_what_is_certain():
    """Three nodes cannot tell 30% from 70%: one share is off by more than its error, and the bounds hold it."""
    eigenvalues = np.concatenate([np.full(18, -1.0), np.full(2, -0.01), np.full(40, 0.01)])
    found = spectrum(quadratic(eigenvalues), at(), probes=60, steps=2, most_dense=0, key=jax.random.key(2))
    _, error, low, high = found.negative
    assert low - 4 * error <= 20 / P <= high + 4 * error
    assert high - low > 0.5


def test_separate_eigenvalues_are_found_without_the_matrix():
    found = spectrum(quadratic(NETWORK_LIKE), at(), probes=40, steps=30, most_dense=0, key=jax.random.key(3))
    assert found.leading(4) == pytest.approx([8, 5, 3, 2], rel=1e-4)
    assert (found.leading(20) <= np.sort(NETWORK_LIKE)[::-1][:20] + 1e-5).all()  # from below: interlacing


def test_nothing_curves():
    found = spectrum(lambda p: p["x"].sum(), at(5), key=jax.random.key(0))
    assert (found.kind, found.index, found.negative.share, found.zero.share) == ("degenerate", 0, 0.0, 1.0)


def test_a_hessian_that_is_not_finite_says_so():
    endless = jax.tree_util.Partial(half_square, jnp.full((P, P), jnp.inf, jnp.float32))
    for most_dense in (0, 100):
        found = spectrum(endless, at(), probes=40, steps=30, most_dense=most_dense, key=jax.random.key(0))
        assert np.isnan([found.smallest, found.largest]).all()


def test_the_density_is_the_sum_of_normal_curves():
    values = np.sort(NETWORK_LIKE)
    found = eigenvalue_density(values[None], np.full((1, P), 1 / P), width=0.2, bins=400)
    expected = norm.pdf(found.grid[:, None], values, 0.2).mean(1)
    np.testing.assert_allclose(found.density, expected, atol=2e-3)
    assert found.density.sum() * (found.grid[1] - found.grid[0]) == pytest.approx(1)
    assert np.isnan(found.standard_error).all()


def test_the_densitys_error_is_the_scatter_between_probes():
    nodes, weights = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[0.2, 0.8], [0.6, 0.4]])
    found = eigenvalue_density(nodes, weights, width=0.05, bins=300)
    near = np.argmin(np.abs(found.grid))
    height = norm.pdf(found.grid[near], 0, 0.05)
    assert found.density[near] == pytest.approx(0.4 * height, rel=0.01)
    assert found.standard_error[near] == pytest.approx(0.2 * height, rel=0.01)  # 0.4/√2 over √2


@pytest.mark.parametrize(("values", "width"), [([1.0, 3.0], 0.02), ([4.0, 4.0], 0.04), ([0.0, 0.0], 0.01)])
def test_the_default_width(values, width):
    found = eigenvalue_density(np.array([values]), np.array([[0.5, 0.5]]))
    assert found.width == pytest.approx(width)


def bend(p):
    return jnp.sum(jnp.sin(p["a"]) * jnp.exp(p["b"]))


def test_the_loss_along_a_direction_and_its_models():
    theta, v = {"a": jnp.array([0.3, 1.0]), "b": jnp.array([0.2, -0.4])}, {"a": jnp.ones(2), "b": -jnp.ones(2)}
    found = loss_along(bend, theta, v, reach=0.8, points=8)
    assert len(found.distances) == 9
    assert found.distances[[0, 4, 8]] == pytest.approx([-0.8, 0, 0.8])
    assert found.slope < 0
    assert np.sqrt(sum((x**2).sum() for x in found.direction.values())) == pytest.approx(1)
    plane, parabola = taylor(bend, theta, 1), taylor(bend, theta, 2)
    for i, t in enumerate(found.distances):
        there = jax.tree.map(lambda x, d, t=t: x + t * d, theta, found.direction)
        models = [float(f(there)) for f in (bend, plane, parabola)]
        assert [found.losses[i], found.first[i], found.second[i]] == pytest.approx(models, abs=3e-6)


def test_the_reach_is_where_the_parabola_alone_has_changed_by_the_loss():
    f = lambda p: 3.0 + 0 * p["x"] + 0.5 * 24 * p["x"] ** 2  # noqa: E731
    found = loss_along(lambda p: f(p).sum(), {"x": jnp.zeros(1)}, {"x": jnp.ones(1)})
    assert found.distances[-1] == pytest.approx(0.5)  # ½·24·0.25 = 3
    flat = loss_along(lambda p: p["x"].sum(), {"x": jnp.array([3.0, 4.0])}, {"x": jnp.ones(2)})
    assert flat.distances[-1] == pytest.approx(5)  # nothing curves: ‖θ‖


@pytest.mark.parametrize(
    "wrong", [{"points": 2}, {"reach": 0.0}, {"reach": np.nan}, {"direction": {"x": jnp.zeros(1)}}]
)
def test_directions_that_are_none(wrong):
    given = {"direction": {"x": jnp.ones(1)}} | wrong
    with pytest.raises(ValueError, match="must be at least 3"):
        loss_along(lambda p: p["x"].sum(), {"x": jnp.ones(1)}, **given)


def test_a_probes_bounds_are_the_weights_at_the_border():
    """By hand: nodes −2, −1, 1, 2 of weights 0.1 … 0.4; the border lies between −1 and 1."""
    nodes, weights = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0.1, 0.2, 0.3, 0.4]])
    found = Spectrum(99, None, nodes, weights, -2.0, 2.0, 0.0, 0.0, None, None, 0.1, 1e-3)
    share, error, low, high = found.negative
    assert (share, low, high) == pytest.approx((0.3, 0.1, 0.6))
    assert np.isnan(error)
    assert found.condition == (20.0, False)
