import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.nn.batch_norm import batch_norm_backward, batch_statistics, normalize, update_running


def data(rows, width=4, dtype=np.float64):
    rng = np.random.default_rng(1)
    x = rng.normal(3, 2, (rows, width)).astype(dtype)
    scale, shift = rng.normal(1, 0.5, width).astype(dtype), rng.normal(size=width).astype(dtype)
    return x, scale, shift, rng.normal(size=(rows, width)).astype(dtype)


def layer(x, scale, shift, eps, valid=None):
    return normalize(x, batch_statistics(x, valid), scale, shift, eps)


def test_by_hand():
    """x = (1, 3): μ 2, σ² 1; with ε = 3 the root is 2, so x̂ = ∓½, and y = 4x̂ + 10."""
    y = layer(jnp.array([[1.0], [3.0]]), jnp.array([4.0]), jnp.array([10.0]), 3.0)
    np.testing.assert_allclose(y, [[8.0], [12.0]], rtol=1e-6)


def test_running_statistics_by_hand():
    statistics = batch_statistics(jnp.array([[1.0], [3.0]]))
    running = update_running({"mean": jnp.array([10.0]), "variance": jnp.array([0.0])}, statistics, 0.9)
    assert float(running["mean"][0]) == pytest.approx(9.2)
    assert float(running["variance"][0]) == pytest.approx(0.1)  # the biased variance, 1, not 2


def test_a_short_batch_counts_by_its_rows_by_hand():
    """Two of four rows, 1 and 3 (μ 2, σ² 1), beside running statistics 10 and 6, with momentum ½.

    The mean of four: (2·2 + 2·10)/4 = 6, so ½·10 + ½·6 = 8. The variance: 2·1/4 + 6·2/3 = 4.5, so ½·6 + ½·4.5 = 5.25.
    """
    x, valid = jnp.array([[1.0], [3.0], [99.0], [99.0]]), jnp.array([1.0, 1.0, 0.0, 0.0])
    running = {"mean": jnp.array([10.0]), "variance": jnp.array([6.0])}
    found = update_running(running, batch_statistics(x, valid), 0.5, valid)
    assert found["mean"].tolist() == pytest.approx([8.0])
    assert found["variance"].tolist() == pytest.approx([5.25])


def test_a_single_row_says_nothing_about_the_variance():
    x, valid = jnp.array([[2.0], [0.0], [0.0], [0.0]]), jnp.array([1.0, 0.0, 0.0, 0.0])
    running = {"mean": jnp.array([10.0]), "variance": jnp.array([6.0])}
    found = update_running(running, batch_statistics(x, valid), 0.5, valid)
    assert found["mean"].tolist() == pytest.approx([9.0])  # of four: (2 + 3·10)/4 = 8
    assert found["variance"].tolist() == pytest.approx([6.0])


def test_a_full_batch_has_the_same_bits_among_short_ones():
    x = jnp.asarray(data(8, dtype=np.float32)[0])
    batch, running = batch_statistics(x), {"mean": jnp.full(4, 0.3), "variance": jnp.full(4, 0.7)}
    plain, padded = (update_running(running, batch, jnp.float32(0.9), valid) for valid in (None, jnp.ones(8)))
    assert all((plain[name] == padded[name]).all() for name in plain)


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [[8, 2], [8, 1], [8, 7], [8, 8, 3], [2, 3]])
def test_the_running_variance_does_not_depend_on_the_sizes_of_batches(sizes):
    """In expectation it is that of full batches, (B−1)/B of the true one: averaged here over many networks."""
    rng = np.random.default_rng(0)
    running = {"mean": jnp.zeros(20_000), "variance": jnp.ones(20_000)}
    update = jax.jit(lambda running, x, valid: update_running(running, batch_statistics(x, valid), 0.9, valid))
    for _ in range(60):
        for n in sizes:
            valid = (np.arange(8) < n).astype(np.float32)
            running = update(running, rng.normal(size=(8, 20_000)).astype(np.float32), valid)
    assert float(running["variance"].mean()) == pytest.approx(7 / 8, abs=0.01)


def test_running_statistics_converge_to_those_of_stationary_input():
    x = jnp.asarray(data(50)[0], jnp.float32)
    statistics = batch_statistics(x)
    running = {"mean": jnp.zeros(4), "variance": jnp.zeros(4)}
    for _ in range(200):
        running = update_running(running, statistics, 0.9)
    np.testing.assert_allclose(running["mean"], x.mean(0), rtol=1e-5)
    np.testing.assert_allclose(running["variance"], x.var(0), rtol=1e-5)


@pytest.mark.parametrize("num_valid", [None, 7])
def test_gradients_are_numerical_and_the_closed_form(num_valid, numerical_gradient, assert_close):
    x, scale, shift, weights = data(11)
    valid = None if num_valid is None else (jnp.arange(11) < num_valid).astype(jnp.float64)

    def loss(arguments):
        return jnp.sum(weights * layer(*arguments, 1e-3, valid))

    grads = jax.jit(jax.grad(loss))((x, scale, shift))
    assert_close(grads, numerical_gradient(loss, (x, scale, shift)), 1e-9)
    assert_close(batch_norm_backward(weights, x, scale, 1e-3, valid), grads, 1e-12)


def test_padded_rows_count_for_nothing():
    x, scale, shift, _ = data(9, dtype=np.float32)
    padded = np.concatenate([x, np.full((5, 4), 1e3, np.float32)])
    valid = (np.arange(14) < 9).astype(np.float32)
    np.testing.assert_allclose(
        layer(padded, scale, shift, 1e-6, valid)[:9], layer(x, scale, shift, 1e-6), rtol=1e-5, atol=1e-5
    )


def test_no_valid_row_gives_zeros_instead_of_nan():
    statistics = batch_statistics(jnp.ones((3, 2)), jnp.zeros(3))
    assert statistics.mean.tolist() == statistics.variance.tolist() == [0, 0]


def test_large_mean_keeps_the_variance():
    """E[x²] − μ² would lose all digits here."""
    x = jnp.asarray(1e4 + np.array([[-0.5], [0.5]]), jnp.float32)
    assert float(batch_statistics(x).variance[0]) == pytest.approx(0.25, rel=1e-2)


def test_training_and_inference_are_pytorchs():
    torch = require("torch")
    x, scale, shift, weights = data(11, dtype=np.float32)
    theirs = torch.nn.BatchNorm1d(4, eps=1e-3, momentum=0.1)
    theirs.load_state_dict({**theirs.state_dict(), "weight": torch.tensor(scale), "bias": torch.tensor(shift)})
    tensor = torch.tensor(x, requires_grad=True)
    out = theirs(tensor)
    (out * torch.tensor(weights)).sum().backward()
    np.testing.assert_allclose(layer(x, scale, shift, 1e-3), out.detach(), rtol=1e-5, atol=1e-5)
    grads = jax.jit(jax.grad(lambda *a: jnp.sum(weights * layer(*a, 1e-3)), (0, 1, 2)))(x, scale, shift)
    for ours, other in zip(grads, (tensor.grad, theirs.weight.grad, theirs.bias.grad), strict=True):
        np.testing.assert_allclose(ours, other, rtol=1e-5, atol=1e-5)
    running = update_running({"mean": jnp.zeros(4), "variance": jnp.ones(4)}, batch_statistics(x), 0.9)
    np.testing.assert_allclose(running["mean"], theirs.running_mean, rtol=1e-5)
    unbiased = 0.9 + (running["variance"] - 0.9) * 11 / 10  # PyTorch's variant
    np.testing.assert_allclose(unbiased, theirs.running_var, rtol=1e-5)
