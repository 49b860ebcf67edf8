from typing import get_args

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from optional import require
from trainwell.nn import ACTIVATIONS, ActivationName

ELEMENTWISE = sorted(set(ACTIVATIONS) - {"maxout"})


def apply(name, x, numbers):
    """Maxout sees the two pieces x and −x/2 of each unit."""
    return ACTIVATIONS[name](jnp.stack([x, -x / 2], -2) if name == "maxout" else x, numbers)


def test_the_names_of_the_structure_are_the_registry():
    assert set(get_args(ActivationName)) == set(ACTIVATIONS)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sigmoid", [0.11920292, 0.5, 0.95257413]),
        ("tanh", [-0.96402758, 0, 0.99505475]),
        ("relu", [0, 0, 3]),
        ("leaky_relu", [-0.2, 0, 3]),
        ("elu", [1.3 * (0.13533528 - 1), 0, 3]),
        ("maxout", [1, 0, 3]),
        ("identity", [-2, 0, 3]),
        ("gelu", [-2 * 0.02275013, 0, 3 * 0.99865010]),
        ("silu", [-2 * 0.11920292, 0, 3 * 0.95257413]),
    ],
)
def test_values_by_hand(name, expected, numbers):
    actual = apply(name, jnp.array([-2.0, 0, 3.0]), numbers)
    np.testing.assert_allclose(actual, expected, rtol=2e-6, atol=1e-7)


@pytest.mark.parametrize("name", sorted(ACTIVATIONS))
class TestContract:
    def test_dtype_and_shape_are_kept(self, name, numbers, x64):
        for dtype in (jnp.float32, jnp.float64):
            out = apply(name, jnp.linspace(-3, 3, 12, dtype=dtype).reshape(3, 4), numbers)
            assert out.shape == (3, 4)
            assert out.dtype == dtype

    def test_gradient_is_the_numerical_one(self, name, numbers, numerical_gradient, assert_close):
        x = jnp.array([-30.0, -3, -1, -0.1, 0.1, 1, 3, 30], jnp.float64)

        def total(x):
            return jnp.sum(apply(name, x, numbers) * jnp.arange(1, 9))

        assert_close(jax.jit(jax.grad(total))(x), numerical_gradient(total, x), 1e-9)

    def test_gradient_is_finite_far_out(self, name, numbers):
        x = jnp.array([-1e30, -1e4, -88.8, 0, 88.8, 1e4, 1e30])
        grad = jax.jit(jax.grad(lambda x: jnp.sum(apply(name, x, numbers))))(x)
        assert jnp.isfinite(apply(name, x, numbers)).all()
        assert jnp.isfinite(grad).all()

    def test_nan_passes_through(self, name, numbers):
        assert jnp.isnan(apply(name, jnp.array([jnp.nan]), numbers)).all()

    def test_members_differ_in_their_numbers_without_recompiling(self, name, numbers):
        traces = []

        def function(x, numbers):
            traces.append(1)
            return apply(name, x, numbers)

        x = jnp.linspace(-2, 2, 5)
        several = {key: jnp.array([value, 2 * value]) for key, value in numbers.items()}
        rows = jax.jit(jax.vmap(function, (None, 0)))(x, several)
        jitted = jax.jit(function)
        for index in range(2):
            one = {key: value[index] for key, value in several.items()}
            np.testing.assert_allclose(rows[index], jitted(x, one), rtol=1e-6)
        assert len(traces) == 2


@pytest.mark.parametrize("name", ["elu", "gelu", "leaky_relu", "relu", "sigmoid", "silu", "tanh"])
def test_values_and_gradients_are_pytorchs(name, numbers):
    torch = require("torch")
    functional = torch.nn.functional
    theirs = (
        {
            "elu": lambda x: functional.elu(x, numbers["elu_alpha"]),
            "leaky_relu": lambda x: functional.leaky_relu(x, numbers["negative_slope"]),
        }.get(name)
        or getattr(functional, name, None)
        or getattr(torch, name)
    )
    x = np.append(np.linspace(-8, 8, 101), [0.0, -0.0]).astype(np.float32)  # the slope at 0 included
    tensor = torch.tensor(x, requires_grad=True)
    out = theirs(tensor)
    out.sum().backward()
    np.testing.assert_allclose(apply(name, jnp.asarray(x), numbers), out.detach(), rtol=1e-5, atol=1e-6)
    grad = jax.grad(lambda x: jnp.sum(apply(name, x, numbers)))(jnp.asarray(x))
    np.testing.assert_allclose(grad, tensor.grad, rtol=1e-5, atol=1e-6)


def test_maxout_takes_the_largest_piece_of_each_unit():
    pieces = jnp.array([[[1.0, 5.0], [4.0, 2.0], [3.0, 3.0]]])  # one example, three pieces, two units
    assert ACTIVATIONS["maxout"](pieces, {}).tolist() == [[4.0, 5.0]]
    grad = jax.grad(lambda x: jnp.sum(ACTIVATIONS["maxout"](x, {})))(pieces)
    assert grad.tolist() == [[[0, 1], [1, 0], [0, 0]]]


def test_of_equal_pieces_the_first_has_the_gradient_and_nan_passes_from_any():
    maxout = ACTIVATIONS["maxout"]
    grad = jax.grad(lambda x: jnp.sum(maxout(x, {})))(jnp.ones((3, 1)))
    assert grad.tolist() == [[1], [0], [0]]
    for piece in range(3):
        assert jnp.isnan(maxout(jnp.ones((3, 1)).at[piece].set(jnp.nan), {})).all()
