"""Products of vectors in full precision, also where a device's default has fewer digits (TensorFloat-32)."""

import jax.numpy as jnp
from jax import lax
from jaxtyping import Array


def dot(a: Array, b: Array) -> Array:
    """`a @ b`, every float32 digit counted: with three of them, Lanczos' vectors would not stay orthogonal."""
    return jnp.matmul(a, b, precision=lax.Precision.HIGHEST)
