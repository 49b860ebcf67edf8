"""Eigenvalues of Lanczos' tridiagonal matrix: Ritz values."""

from typing import NamedTuple

import jax.numpy as jnp
from jaxtyping import Array, Float, Int

from trainwell.optim.curvature.lanczos import Lanczos


class Ritz(NamedTuple):
    """Eigenpairs of T, ascending; the first `step` count, what follows stands for steps not yet taken."""

    values: Float[Array, " K"]
    vectors: Float[Array, "K K"]
    """Column i belongs to value i."""
    bounds: Float[Array, " K"]
    """Within this distance of value i there is an eigenvalue of A, up to rounding."""
    step: Int[Array, ""]


def ritz(state: Lanczos) -> Ritz:
    """The Ritz values θ of A with their vectors s in V's coordinates, and |β_last s_last| = ‖A V s − θ V s‖.

    Example:
        >>> import jax
        >>> from trainwell.optim.curvature.lanczos import lanczos
        >>> ritz(lanczos(lambda v: jnp.array([1.0, 2.0, 4.0]) * v, 3, 3, jax.random.key(0))).values.round(3).tolist()
        [1.0, 2.0, 4.0]

    Source: Golub & Van Loan (2013), "Matrix Computations", Theorem 10.1.2.
    """
    taken = jnp.arange(len(state.alphas)) < state.step
    # Steps not yet taken get a value above all others (Gershgorin), so that they come last and mix with none.
    above = 3 * (jnp.max(jnp.abs(state.alphas)) + 2 * jnp.max(state.betas))
    diagonal = jnp.where(taken, state.alphas, jnp.where(above > 0, above, 1))
    last = state.step - 1
    within = jnp.where(jnp.arange(len(state.betas)) < last, state.betas, 0)[:-1]
    values, vectors = jnp.linalg.eigh(jnp.diag(diagonal) + jnp.diag(within, 1) + jnp.diag(within, -1))
    return Ritz(values, vectors, jnp.abs(state.betas[last] * vectors[last]), state.step)
