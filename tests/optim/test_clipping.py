"""Clipping by norm: by hand, against PyTorch, and where float32's squares overflow."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.core import RecipeError
from trainwell.optim import clip_by_norm, global_norm

GRADS = {"W": jnp.asarray([[1.0, -2.0], [4.0, 10.0]]), "b": jnp.asarray([2.0])}  # 1 + 4 + 16 + 100 + 4 = 125


def test_norm_and_clipping_by_hand():
    grads = {"W": jnp.asarray([[2.0, 0.0], [3.0, 0.0]]), "b": jnp.asarray([-6.0])}  # 4 + 9 + 36 = 7²
    assert float(global_norm(grads)) == pytest.approx(7, rel=1e-6)
    clipped = clip_by_norm(grads, 3.5)
    np.testing.assert_allclose(clipped["W"], [[1, 0], [1.5, 0]], rtol=1e-6)
    np.testing.assert_allclose(clipped["b"], [-3], rtol=1e-6)


def test_a_short_gradient_is_left_alone_to_the_bit():
    for limit in (11.1804, 100.0):  # the norm is 11.18033…
        jax.tree.map(np.testing.assert_array_equal, clip_by_norm(GRADS, limit), GRADS)


def test_a_zero_gradient_stays_zero():
    zeros = jax.tree.map(jnp.zeros_like, GRADS)
    assert float(global_norm(zeros)) == 0
    jax.tree.map(np.testing.assert_array_equal, clip_by_norm(zeros, 1e-3), zeros)


@pytest.mark.parametrize("size", [1e-30, 1e-20, 1e25, 1e30])
def test_tiny_and_huge_gradients_neither_underflow_nor_overflow(size):
    grads = jnp.asarray([3.0, 4.0], jnp.float32) * size
    assert float(global_norm(grads)) == pytest.approx(5 * size, rel=1e-6)
    np.testing.assert_allclose(clip_by_norm(grads, size), np.array([0.6, 0.8]) * size, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_gradient_that_is_not_finite_shows(bad):
    clipped = clip_by_norm({"W": jnp.asarray([1.0, bad]), "b": jnp.asarray([2.0])}, 1.0)
    assert bool(jnp.isnan(clipped["W"]).all())
    assert bool(jnp.isnan(clipped["b"]).all())


def test_limit_can_be_traced_and_mapped_over():
    limits = jnp.asarray([1.0, 5.0, 100.0])
    clipped = jax.jit(jax.vmap(lambda limit: global_norm(clip_by_norm(GRADS, limit))))(limits)
    np.testing.assert_allclose(clipped, [1, 5, np.sqrt(125)], rtol=1e-6)


def test_float64_limit_does_not_widen_float32():
    with jax.enable_x64(True):
        clipped = clip_by_norm(GRADS, jnp.asarray(1.0, jnp.float64))
        assert {leaf.dtype for leaf in jax.tree.leaves(clipped)} == {jnp.dtype("float32")}


@pytest.mark.parametrize("limit", [0.0, -1.0, float("nan")])
def test_a_limit_of_zero_or_less_is_refused(limit):
    with pytest.raises(RecipeError, match="max_norm must be above 0, got"):
        clip_by_norm(GRADS, limit)


def test_equals_pytorch():
    torch = require("torch")
    rng = np.random.default_rng(5)
    for size in (0.01, 1.0, 100.0):
        grads = [rng.normal(size=(5, 4)) * size, rng.normal(size=4) * size]
        tensors = [torch.zeros(g.shape, dtype=torch.float64, requires_grad=True) for g in grads]
        for tensor, g in zip(tensors, grads, strict=True):
            tensor.grad = torch.tensor(g)
        torch.nn.utils.clip_grad_norm_(tensors, 2.0)
        with jax.enable_x64(True):
            ours = clip_by_norm([jnp.asarray(g) for g in grads], 2.0)
        for mine, tensor in zip(ours, tensors, strict=True):
            np.testing.assert_allclose(mine, tensor.grad.numpy(), rtol=1e-6)  # PyTorch adds 1e-6 to the norm
