"""The Hessian as a matrix, for few parameters."""

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float, PyTree

from trainwell.optim.curvature.flat import flatten
from trainwell.optim.curvature.product import Loss


def hessian(f: Loss, params: PyTree, *, columns: int = 64) -> Float[Array, "P P"]:
    """All second derivatives of f at θ: H_ij = ∂²f/∂θ_i∂θ_j.

    P Hessian products, some columns at a time. The matrix takes P² numbers, 16 MB for 2,000 parameters in
    float32: meant for up to some thousands; beyond, `extreme_eigenvalues` and `spectral_density` need no matrix.

    Args:
        f: the loss.
        params: θ, with P numbers in all.
        columns: columns computed at once, at least 1; more are faster and take more memory.

    Returns:
        H, symmetric (rounding, which differs above and below the diagonal, is averaged); rows and columns are
        in `jax.flatten_util.ravel_pytree`'s order.

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

    found: Float[Array, "P P"] = jax.jit(whole)()  # as one program it compiles in a third of the time
    return found
