"""The curvature of networks against closed forms, dense Hessians, and what gradient descent then does."""

from dataclasses import replace
from pathlib import Path

import jax
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

from trainwell.data import Split, from_arrays
from trainwell.landscape import LandscapeError, network_curvature, network_loss
from trainwell.models import network_of
from trainwell.nn import Network, initial_params, initial_statistics
from trainwell.training import Recipe, train

FIELDS = ("negative_slope", "elu_alpha", "batch_norm_eps", "batch_norm_momentum", "dropout_rate")


def numbers(D, penalty=0.0, smoothing=0.0):
    """A network's numbers, with inputs as they are."""
    found = dict.fromkeys(FIELDS, 0.1) | {"label_smoothing": smoothing, "l2_penalty": penalty}
    arrays = {name: np.float32(value) for name, value in found.items()}
    return arrays | {"input_shift": np.zeros(D, np.float32), "input_scale": np.ones(D, np.float32)}


def rows(N, D, C, seed=0):
    rng = np.random.default_rng(seed)
    inputs = rng.standard_normal((N, D)).astype(np.float32)
    return Split(inputs, rng.integers(0, C, N).astype(np.int32), np.ones(N, np.float32))


def softmax_hessian(split, params, penalty):
    """Closed form of softmax regression's: mean of (diag p − ppᵀ) ⊗ x̃x̃ᵀ with x̃ = (x, 1), + λ on the weights."""
    W, b = (params[0][name].astype(np.float64) for name in ("weights", "biases"))
    z = split.inputs @ W.T + b
    p = np.exp(z - z.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    x = np.concatenate([split.inputs, np.ones((len(z), 1))], 1)
    C, D = p.shape[1], x.shape[1]
    curved = np.einsum("nc,cd->ncd", p, np.eye(C)) - p[:, :, None] * p[:, None, :]
    H = np.einsum("ncd,ni,nj->cidj", curved, x, x).reshape(C * D, C * D) / len(z)
    return H + penalty * np.diag(np.tile([*np.ones(D - 1), 0.0], C))


def softmax_regression(penalty=0.05):
    split, structure = rows(80, 4, 3), Network((4, 3))
    params = initial_params(structure, 0, "he")
    given = (structure, params, initial_statistics(structure), numbers(4, penalty), split)
    return given, softmax_hessian(split, params, penalty)


@pytest.fixture(scope="module")
def regression():
    given, H = softmax_regression()
    return given, H, network_curvature(*given, plane_points=2)


@pytest.fixture(scope="module")
def small():
    """A small tanh network with penalty and label smoothing, and its curvature without the matrix."""
    split, structure = rows(60, 5, 3), Network((5, 8, 3), "tanh")
    params, statistics = initial_params(structure, 1, "he"), initial_statistics(structure)
    given = (structure, params, statistics, numbers(5, 0.01, 0.1), split)
    f = network_loss(structure, statistics, given[3], split)
    return f, params, network_curvature(*given, most_dense=0, probes=10, plane_points=5)


def test_softmax_regressions_closed_form(regression):
    given, H, found = regression
    values = np.linalg.eigvalsh(H)
    np.testing.assert_allclose(found.spectrum.eigenvalues, values, atol=2e-6)
    assert (found.rows, found.spectrum.num_parameters) == (80, 15)
    assert found.spectrum.kind == "degenerate"  # a shift of all biases changes nothing
    assert found.spectrum.zero.share == pytest.approx(1 / 15)
    assert found.trace == pytest.approx((np.trace(H),) * 3, rel=1e-5)
    assert found.stable_below() == pytest.approx(2 / values[-1], rel=1e-5)
    assert found.stable_below(0.9) == pytest.approx(3.8 / values[-1], rel=1e-5)
    assert found.leading(4) == pytest.approx(values[::-1][:4], rel=1e-4)
    assert found.steepest.curvature == pytest.approx(values[-1], rel=1e-4)
    assert not found.piecewise
    split, params = given[-1], given[1]
    z = split.inputs @ params[0]["weights"].T + params[0]["biases"]
    p = np.exp(z) / np.exp(z).sum(1, keepdims=True)
    plain = -np.log(p[np.arange(80), split.targets]).mean()
    assert found.plain_loss == pytest.approx(plain, rel=1e-5)
    assert found.loss == pytest.approx(plain + 0.025 * (params[0]["weights"] ** 2).sum(), rel=1e-5)
    error = (p - np.eye(3)[split.targets]) / 80
    slopes = [error.T @ split.inputs + 0.05 * params[0]["weights"], error.sum(0)]
    assert found.gradient_norm == pytest.approx(np.sqrt(sum((g**2).sum() for g in slopes)), rel=1e-5)


def test_without_the_matrix_as_with_it(small):
    f, params, some = small
    theta, back = ravel_pytree(params)
    values = np.linalg.eigvalsh(np.asarray(jax.jit(jax.hessian(lambda x: f(back(x))))(theta), np.float64))
    spectrum, sizes = some.spectrum, np.abs(values)
    assert spectrum.eigenvalues is None
    assert spectrum.num_parameters == len(values)
    assert (spectrum.smallest, spectrum.largest) == pytest.approx((values[0], values[-1]), abs=1e-4)
    assert values[0] < -0.01
    assert some.leading(3) == pytest.approx(values[::-1][:3], rel=1e-3)
    assert some.trace.low - 1e-3 <= values.sum() <= some.trace.high + 1e-3
    assert abs(spectrum.negative.share - np.mean(values < -spectrum.near_zero)) < 5 * spectrum.negative.standard_error
    assert 1 < spectrum.condition.number <= sizes.max() / sizes.min() * 1.001


def test_kinks_are_told(small):
    _, _, found = small
    kinds = [Network((5, 8, 3), "relu"), Network((5, 8, 3), "tanh"), Network((5, 3), "relu")]
    assert [replace(found, structure=one).piecewise for one in kinds] == [True, False, False]


@pytest.fixture(scope="module")
def linear():
    """Data of linear regression, and the curvature of its loss, which is the same everywhere."""
    rng = np.random.default_rng(3)
    X = rng.standard_normal((120, 4)) * [1, 2, 3, 4]
    data = from_arrays(X, X @ [1.0, 1, 1, 1] + rng.standard_normal(120), task="regression")
    recipe = Recipe(hidden=(), optimizer="sgd", learning_rate=0.01, batch_size="full", epochs=1, inputs="none")
    network = network_of(train(data, [recipe], [0]), 0)
    parts = (network.structure, network.params, network.state, network.numbers)
    return data, recipe.evolve(epochs=200), network_curvature(*parts, data.training, plane_points=2)


@pytest.mark.parametrize(("optimizer", "momentum"), [("sgd", 0.0), ("momentum", 0.5), ("momentum_step", 0.5)])
def test_descent_is_stable_below_the_rate_and_not_above(linear, optimizer, momentum):
    """The loss is its own parabola: two per cent decide."""
    data, recipe, found = linear
    changes = {"optimizer": optimizer} | ({"momentum": momentum} if momentum else {})
    rates = [share * found.stable_below(momentum) for share in (0.98, 1.02)]
    trained = train(data, [recipe.evolve(learning_rate=rate, **changes) for rate in rates], [0])
    below, above = trained.trace["loss/training"]
    assert below[-1] <= 1.001 * below.min()
    assert not above[-1] < 20 * above[0]  # larger, or no number any more


FLOAT64 = """
import numpy as np
from trainwell.core.runtime import configure_runtime
configure_runtime(precision="float64")
import sys
sys.path.insert(0, sys.argv[1])
from test_curvature import network_curvature, softmax_regression
given, H = softmax_regression()
values = np.linalg.eigvalsh(H)
exact = network_curvature(*given, plane_points=2).spectrum
assert np.abs(exact.eigenvalues - values).max() < 1e-8, exact.eigenvalues - values  # the penalty is float32's 0.05
assert exact.near_zero < 1e-6
"""


def test_in_float64_all_digits_count(forks, tmp_path):
    """A process of its own, since the precision is the whole process's."""
    forks.printed(tmp_path, FLOAT64, Path(__file__).parent)


def test_the_plane_is_that_of_both_directions(small):
    f, params, found = small
    (x, y), (a, b) = found.plane.axes, (found.steepest.direction, found.lowest.direction)
    assert (x[-1], y[-1]) == pytest.approx((found.steepest.distances[-1], found.lowest.distances[-1]))
    there = jax.tree.map(lambda p, u, v: p + x[0] * u + y[3] * v, params, a, b)
    assert found.plane.losses[0, 3] == pytest.approx(float(f(there)), rel=1e-4)
    assert found.plane.losses[2, 2] == pytest.approx(found.loss, rel=1e-5)


def test_the_largest_drop_tells_how_many_stand_apart(small):
    _, _, found = small
    for values, expected in (([-1.0, 0.1, 0.2, 0.3, 3.0, 6.0], 2), ([-1.0, 1e-9, 5.0], 1), ([-2.0, -1.0], 0)):
        nodes = np.array([values])
        spectrum = replace(found.spectrum, nodes=nodes, weights=np.full(nodes.shape, 1 / nodes.size))
        assert replace(found, spectrum=spectrum).num_outliers == expected


def test_a_network_that_diverged_is_refused():
    structure = Network((3, 2))
    params = initial_params(structure, 0, "he")
    params[0]["weights"][0, 0] = np.nan
    with pytest.raises(LandscapeError, match="diverged"):
        network_curvature(structure, params, initial_statistics(structure), numbers(3), rows(9, 3, 2))


def test_momentum_out_of_range(small):
    _, _, found = small
    with pytest.raises(ValueError, match=r"momentum must be in \[0, 1\)"):
        found.stable_below(1.0)


def test_without_a_direction_that_curves_upwards_any_rate_is_stable(small):
    _, _, found = small
    assert replace(found, spectrum=replace(found.spectrum, largest=-1.0)).stable_below() == np.inf
