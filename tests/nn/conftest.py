"""Central differences in float64, and the numbers every network test needs."""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.flatten_util import ravel_pytree

NUMBERS = {
    "negative_slope": 0.1,
    "elu_alpha": 1.3,
    "dropout_rate": 0.3,
    "batch_norm_eps": 1e-3,
    "batch_norm_momentum": 0.9,
}


@pytest.fixture
def numbers() -> dict[str, float]:
    """Every number a network may use, none of them a default or a value that makes its term vanish."""
    return dict(NUMBERS)


@pytest.fixture
def x64():
    """float64 for the length of a test."""
    with jax.enable_x64(True):
        yield


@pytest.fixture
def numerical_gradient(x64: None) -> Callable[..., Any]:
    """`gradient(f, tree)`: (f(x+h) − f(x−h))/2h for each number of the tree, in its structure."""

    def gradient(function: Callable[[Any], jax.Array], tree: Any, h: float = 1e-5) -> Any:
        flat, unravel = ravel_pytree(jax.tree.map(lambda leaf: jnp.asarray(leaf, jnp.float64), tree))
        value = jax.jit(lambda flat: function(unravel(flat)))
        point, difference = np.asarray(flat), np.empty(flat.size)
        for index, step in enumerate(h * np.eye(flat.size)):
            difference[index] = value(point + step) - value(point - step)
        return unravel(jnp.asarray(difference / (2 * h)))

    return gradient


@pytest.fixture
def assert_close() -> Callable[..., None]:
    """Compare trees by the largest difference in each leaf, relative to the leaf's largest number.

    A leaf far below the tree's largest number is compared relative to a share of that: the gradient of a bias
    before batch norm is zero but for rounding.
    """

    def check(actual: Any, expected: Any, relative: float) -> None:
        assert jax.tree.structure(actual) == jax.tree.structure(expected)
        largest = max(np.abs(leaf).max() for leaf in jax.tree.leaves(expected))
        for one, other in zip(jax.tree.leaves(actual), jax.tree.leaves(expected), strict=True):
            one, other = np.asarray(one), np.asarray(other)
            assert one.shape == other.shape
            scale = max(np.abs(other).max(), 0.05 * largest)
            assert np.abs(one - other).max() <= relative * scale

    return check
