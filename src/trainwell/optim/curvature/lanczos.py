"""Lanczos' method, for extreme eigenvalues (Ritz values) and for the whole spectrum (quadrature)."""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import DTypeLike
from jaxtyping import Array, Float, Int, PRNGKeyArray, PyTree

from trainwell.optim.curvature.hessian import Loss, dot, flatten

Product: TypeAlias = Callable[[Float[Array, " P"]], Float[Array, " P"]]
"""Maps v to A v, for a symmetric matrix A."""
_ROWS = 32  # vectors per block of the orthogonalization; blocks of future steps are not read


class Lanczos(NamedTuple):
    """The state after `step` of K steps; entries of future steps are 0.

    A V = V T + r eᵀ, where r is the last β times the next vector and e the last unit vector.
    """

    alphas: Float[Array, " K"]
    """The diagonal of T."""
    betas: Float[Array, " K"]
    """The off-diagonal of T: β_j couples vectors j and j+1. Exactly 0 if vectors 0 to j span an invariant subspace."""
    vectors: Float[Array, "K P"]
    """The columns of V, as orthonormal rows."""
    following: Float[Array, " P"]
    """The vector of the next step; meaningless after P steps."""
    scale: Float[Array, ""]
    """Largest norm of A v so far; rounding errors are relative to it."""
    step: Int[Array, ""]


def lanczos(
    product: Product, dimension: int, steps: int, key: PRNGKeyArray, *, dtype: DTypeLike | None = None
) -> Lanczos:
    """The tridiagonal matrix T = Vᵀ A V; V is an orthonormal basis of span{v, A v, A² v, …}, v a random unit vector.

    Each new vector is orthogonalized twice against all vectors before it; with the three-term recurrence alone,
    rounding errors would produce copies of eigenvalues. If the subspace is invariant (A has few distinct eigenvalues),
    β is 0, and the method continues with a new random vector orthogonal to it; T then consists of blocks.

    Args:
        product: maps v to A v; must work under `jax.jit`.
        dimension: P, the length of v.
        steps: number of products, at least 1; at most P are made, and then T has all eigenvalues of A.
        key: random key for all random vectors.
        dtype: dtype of the vectors that `product` accepts and returns; None for JAX's default float type.

    Returns:
        The diagonals of T, and V, with K = min(steps, P) vectors.

    Raises:
        ValueError: `dimension` or `steps` is below 1.

    Example:
        >>> found = lanczos(lambda v: jnp.array([1.0, 2.0, 4.0]) * v, 3, 3, jax.random.key(0))
        >>> T = jnp.diag(found.alphas) + jnp.diag(found.betas[:-1], 1) + jnp.diag(found.betas[:-1], -1)
        >>> jnp.linalg.eigvalsh(T).round(3).tolist()
        [1.0, 2.0, 4.0]

    Source: Golub & Van Loan (2013), "Matrix Computations", Algorithm 10.1.1 and section 10.3.1.
    """
    state = begin(dimension, steps, key, dtype=dtype)
    found: Lanczos = lax.fori_loop(0, len(state.alphas), lambda _, state: advance(product, state, key), state)
    return found


def begin(dimension: int, steps: int, key: PRNGKeyArray, *, dtype: DTypeLike | None = None) -> Lanczos:
    """The state before the first step."""
    if min(dimension, steps) < 1:
        raise ValueError(f"dimension and steps must be at least 1, got {dimension} and {steps}")
    first = jax.random.normal(key, (dimension,), dtype)
    K = min(steps, dimension)
    empty = jnp.zeros(K, first.dtype)
    vectors = jnp.zeros((K, dimension), first.dtype)
    following = first / jnp.linalg.norm(first)
    return Lanczos(empty, empty, vectors, following, jnp.zeros((), first.dtype), jnp.zeros((), jnp.int32))


def advance(product: Product, state: Lanczos, key: PRNGKeyArray) -> Lanczos:
    """Make one more step, with the same key as `begin`; fewer than K steps must have been made."""
    j, q = state.step, state.following
    vectors = state.vectors.at[j].set(q)
    Aq = product(q)
    scale = jnp.maximum(state.scale, jnp.linalg.norm(Aq))
    r = _orthogonalize(Aq, vectors, j + 1)
    # A remainder that is only a rounding error is replaced by a random vector. NaN compares as False, so it stays NaN.
    broken = jnp.linalg.norm(r) <= 10 * np.finfo(q.dtype).eps * scale
    r = lax.cond(broken, lambda: jax.random.normal(jax.random.fold_in(key, j), q.shape, q.dtype), lambda: r)
    r = _orthogonalize(r, vectors, j + 1)  # "twice is enough": Parlett (1998), "The Symmetric Eigenvalue Problem", 6.9
    norm = jnp.linalg.norm(r)
    return Lanczos(
        state.alphas.at[j].set(dot(q, Aq)),
        state.betas.at[j].set(jnp.where(broken, 0, norm)),
        vectors,
        r / jnp.where(norm == 0, 1, norm),
        scale,
        j + 1,
    )


def _orthogonalize(v: Float[Array, " P"], vectors: Float[Array, "K P"], count: Int[Array, ""]) -> Float[Array, " P"]:
    """`v` minus its projection onto the span of the first `count` vectors."""
    rows = min(_ROWS, len(vectors))

    def remove(block: Int[Array, ""], v: Float[Array, " P"]) -> Float[Array, " P"]:
        # The last slice is shifted to end with `vectors`, so some vectors are projected out twice, which has no effect.
        some = lax.dynamic_slice_in_dim(vectors, block * rows, rows)
        return v - dot(some.T, dot(some, v))

    without: Float[Array, " P"] = lax.fori_loop(0, -(-count // rows), remove, v)
    return without


class Ritz(NamedTuple):
    """Eigenpairs of T, in ascending order; only the first `step` entries are valid."""

    values: Float[Array, " K"]
    vectors: Float[Array, "K K"]
    """Column i is the eigenvector of value i."""
    bounds: Float[Array, " K"]
    """A has an eigenvalue within this distance of value i, up to rounding."""
    step: Int[Array, ""]


def ritz(state: Lanczos) -> Ritz:
    """The Ritz values θ of A, their vectors s in the basis V, and error bounds |β_last s_last| = ‖A V s − θ V s‖.

    Example:
        >>> import jax
        >>> from trainwell.optim.curvature.lanczos import lanczos
        >>> ritz(lanczos(lambda v: jnp.array([1.0, 2.0, 4.0]) * v, 3, 3, jax.random.key(0))).values.round(3).tolist()
        [1.0, 2.0, 4.0]

    Source: Golub & Van Loan (2013), "Matrix Computations", Theorem 10.1.2.
    """
    taken = jnp.arange(len(state.alphas)) < state.step
    # Future steps get a value above all eigenvalues (Gershgorin), so that they are sorted last and stay separate.
    above = 3 * (jnp.max(jnp.abs(state.alphas)) + 2 * jnp.max(state.betas))
    diagonal = jnp.where(taken, state.alphas, jnp.where(above > 0, above, 1))
    last = state.step - 1
    within = jnp.where(jnp.arange(len(state.betas)) < last, state.betas, 0)[:-1]
    values, vectors = jnp.linalg.eigh(jnp.diag(diagonal) + jnp.diag(within, 1) + jnp.diag(within, -1))
    return Ritz(values, vectors, jnp.abs(state.betas[last] * vectors[last]), state.step)


class Quadrature(NamedTuple):
    """Nodes and weights of a quadrature: the mean over probes of Σ_k weight·g(node) estimates tr g(H) / P."""

    nodes: Float[Array, "R K"]
    """Ritz values of each probe, ascending."""
    weights: Float[Array, "R K"]
    """Weights of at least 0 that sum to 1 for each probe."""


def spectral_quadrature(f: Loss, params: PyTree, *, probes: int = 10, steps: int = 80, key: PRNGKeyArray) -> Quadrature:
    """Gauss quadrature of the spectrum of f's Hessian at θ, from random vectors.

        nodes: eigenvalues of T,  weights: squared first components of its eigenvectors

    Nodes reproduce isolated eigenvalues exactly, and represent a dense bulk by a few points with the same moments. The
    weights are noisy: a single eigenvalue should have the weight 1/P, but in one probe its weight varies like the
    square of a normal variable.

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: number R of random vectors, at least 1; they are processed one after another.
        steps: Hessian-vector products per probe, at least 1; this many vectors of P numbers are stored.
        key: random key for the random vectors.

    Returns:
        Nodes and weights, `[R, K]` with K = min(steps, P).

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, or `probes` or `steps` is below 1.

    Example:
        >>> f = lambda p: p[0] ** 2 + 4 * p[1] ** 2
        >>> spectral_quadrature(f, [0.0, 0.0], probes=1, key=jax.random.key(0)).nodes.round(3).tolist()
        [[2.0, 8.0]]

    Source: Ubaru, Chen & Saad (2017), "Fast estimation of tr(f(A)) via stochastic Lanczos quadrature", Algorithm 1.
    """
    if probes < 1:
        raise ValueError(f"probes must be at least 1, got {probes}")
    flat = flatten(f, params)

    def probe(key: PRNGKeyArray) -> Quadrature:
        found = ritz(lanczos(flat.product, flat.point.size, steps, key, dtype=flat.point.dtype))
        return Quadrature(found.values, found.vectors[0] ** 2)

    found: Quadrature = lax.map(probe, jax.random.split(key, probes))
    return found
