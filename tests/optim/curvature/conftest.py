"""float64, and a tanh network of about 1,000 parameters with its dense Hessian."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

D, H, C, B = 30, 24, 10, 64


@pytest.fixture
def x64() -> Iterator[None]:
    """float64 for the length of a test."""
    with jax.enable_x64(True):
        yield


def tanh_loss(params: Any, data: Any) -> Any:
    """Cross-entropy of a tanh network with one hidden layer."""
    X, y = data
    logits = jnp.tanh(X @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]
    return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), y[:, None], 1))


@dataclass(frozen=True)
class Network:
    """A loss in float64 at one point, and what NumPy says of its Hessian there."""

    data: Any
    params: Any
    matrix: np.ndarray
    eigenvalues: np.ndarray

    def f(self, params: Any) -> Any:
        """The loss on all data."""
        return tanh_loss(params, self.data)

    def in_float32(self) -> tuple[Callable[[Any], Any], Any]:
        """The same loss and point in float32."""
        X, y = (np.asarray(array) for array in self.data)
        data = X.astype(np.float32), y.astype(np.int32)
        return lambda p: tanh_loss(p, data), {k: np.asarray(v, np.float32) for k, v in self.params.items()}


def _data_and_start() -> tuple[Any, Any]:
    rng = np.random.default_rng(5)
    y = rng.integers(0, C, B)
    X = rng.normal(size=(B, D)) + 0.7 * rng.normal(size=(C, D))[y]
    shapes = {"W1": (D, H), "b1": (H,), "W2": (H, C), "b2": (C,)}
    params = {name: rng.normal(size=shape) / shape[0] ** 0.5 for name, shape in shapes.items()}
    return (jnp.asarray(X), jnp.asarray(y)), jax.tree.map(jnp.asarray, params)


@pytest.fixture(scope="package", params=[0, 150], ids=["at its start", "trained"])
def network(request: pytest.FixtureRequest) -> Network:
    """994 parameters, after so many steps of gradient descent."""
    with jax.enable_x64(True):
        data, params = _data_and_start()

        def f(params: Any) -> Any:
            return tanh_loss(params, data)

        def step(_: Any, params: Any) -> Any:
            return jax.tree.map(lambda p, g: p - 0.3 * g, params, jax.grad(f)(params))

        params = jax.jit(lambda params: jax.lax.fori_loop(0, request.param, step, params))(params)
        flat, unravel = ravel_pytree(params)
        # Reverse over reverse, where the package goes forward over reverse.
        gradient = jax.grad(lambda x: f(unravel(x)))
        rows = jax.jit(lambda x: jax.lax.map(jax.vjp(gradient, x)[1], jnp.eye(x.size), batch_size=128)[0])
        matrix = np.asarray(rows(flat))
        return Network(data, params, matrix, np.linalg.eigvalsh(matrix))
