"""Hessian-vector products of a loss, on which everything else here is based, and the full Hessian."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import lax
from jax.flatten_util import ravel_pytree
from jaxtyping import Array, Float, PyTree

Loss: TypeAlias = Callable[[PyTree], Float[Array, ""]]
"""f(θ): a pure, twice differentiable function of a pytree of float arrays."""


def hessian_product(f: Loss, params: PyTree, v: PyTree) -> PyTree:
    """The Hessian of f at θ times v, at the cost of a few gradients and without computing the matrix.

        H v = d/dr ∇f(θ + r v) at r = 0        (forward mode over reverse mode)

    If f is piecewise smooth (ReLU), this is the Hessian of the piece that contains θ. Matrix products use full float32
    precision, also on devices with a lower default (TensorFloat-32 has only three digits).

    Args:
        f: the loss.
        params: θ.
        v: a direction with the structure and shapes of `params`; it is cast to their dtypes.

    Returns:
        H v, with the structure of `params`.

    Raises:
        ValueError: structures or shapes differ.
        TypeError: f is not a scalar.

    Example:
        >>> f = lambda p: p["x"] ** 2 * p["y"]
        >>> Hv = hessian_product(f, {"x": 3.0, "y": 5.0}, {"x": 1.0, "y": 2.0})
        >>> Hv["x"].tolist(), Hv["y"].tolist()  # H = [[2y, 2x], [2x, 0]]
        (22.0, 6.0)

    Source: Pearlmutter (1994), "Fast exact multiplication by the Hessian", section 2.
    """
    params = jax.tree.map(jnp.asarray, params)
    v = jax.tree.map(lambda p, t: jnp.asarray(t, p.dtype), params, v)
    with jax.default_matmul_precision("highest"):
        Hv: PyTree = jax.jvp(jax.grad(f), (params,), (v,))[1]
    return Hv


class Flat(NamedTuple):
    """A loss at one point as a function of one flat vector."""

    loss: Callable[[Float[Array, " P"]], Float[Array, ""]]
    point: Float[Array, " P"]
    unflatten: Callable[[Float[Array, " P"]], PyTree]
    """Turns a vector into parameters with their structure, shapes and dtypes."""

    def product(self, v: Float[Array, " P"]) -> Float[Array, " P"]:
        """The Hessian at the point times `v`."""
        Hv: Float[Array, " P"] = hessian_product(self.loss, self.point, v)
        return Hv


def flatten(f: Loss, params: PyTree) -> Flat:
    """Express f and θ with one flat vector: the leaves in the order of `jax.tree.leaves`, each row by row.

    Args:
        f: the loss.
        params: θ; if leaves have different float types, the vector has the widest one.

    Returns:
        The loss as a function of a vector, θ as a vector, and the function that turns vectors into parameters.

    Raises:
        ValueError: there are no parameters, or some are not real floating-point numbers.

    Example:
        >>> flat = flatten(lambda p: p["a"] * p["b"].sum(), {"a": 2.0, "b": jnp.array([3.0, 4.0])})
        >>> flat.point.tolist(), flat.loss(flat.point).tolist()
        ([2.0, 3.0, 4.0], 14.0)
    """
    dtypes = [jnp.result_type(leaf) for leaf in jax.tree.leaves(params)]
    if not all(jnp.issubdtype(dtype, jnp.floating) for dtype in dtypes):
        raise ValueError(f"params must be floating-point numbers, got {', '.join(sorted(map(str, set(dtypes))))}")
    point, unflatten = ravel_pytree(params)
    if point.size == 0:
        raise ValueError("params must have at least one number")
    return Flat(lambda x: f(unflatten(x)), point, unflatten)


def dot(a: Array, b: Array) -> Array:
    """`a @ b` in full float32 precision; with less, Lanczos vectors would not stay orthogonal."""
    return jnp.matmul(a, b, precision=lax.Precision.HIGHEST)


def hessian(f: Loss, params: PyTree, *, columns: int = 64) -> Float[Array, "P P"]:
    """All second derivatives of f at θ: H_ij = ∂²f/∂θ_i∂θ_j.

    It takes P Hessian-vector products and memory for P² numbers, 16 MB for 2,000 parameters in float32, so it is meant
    for up to some thousand parameters. For more use `extreme_eigenvalues` and `spectral_density`.

    Args:
        f: the loss.
        params: θ, with P numbers in total.
        columns: number of columns computed at once, at least 1; more are faster and need more memory.

    Returns:
        H, made exactly symmetric as (H + Hᵀ)/2; rows and columns have the order of `jax.flatten_util.ravel_pytree`.

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, or `columns` is below 1.

    Example:
        >>> hessian(lambda p: p["x"] ** 2 * p["y"], {"x": 3.0, "y": 5.0}).tolist()  # [[2y, 2x], [2x, 0]]
        [[10.0, 6.0], [6.0, 0.0]]
    """
    if columns < 1:
        raise ValueError(f"columns must be at least 1, got {columns}")
    flat = flatten(f, params)
    P = flat.point.size

    def column(i: Array) -> Float[Array, " P"]:
        return flat.product(jnp.zeros_like(flat.point).at[i].set(1))

    def whole() -> Float[Array, "P P"]:
        H: Float[Array, "P P"] = jax.lax.map(column, jnp.arange(P), batch_size=min(columns, P))
        return (H + H.T) / 2

    found: Float[Array, "P P"] = jax.jit(whole)()  # as a single program it compiles in a third of the time
    return found
