"""Lanczos' method: extreme eigenvalues as Ritz values, and a whole spectrum by quadrature."""

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
"""v to A v, A symmetric."""
_ROWS = 32  # vectors removed at once: those of steps not yet taken are then not read, however many K leaves room for


class Lanczos(NamedTuple):
    """A V = V T + (what the last β couples to the next vector), after `step` of K steps; later entries are 0."""

    alphas: Float[Array, " K"]
    """The diagonal of T."""
    betas: Float[Array, " K"]
    """β_j couples vectors j and j+1; the last one leads out of the space. Exactly 0 where that space is invariant."""
    vectors: Float[Array, "K P"]
    """Orthonormal rows: the columns of V."""
    following: Float[Array, " P"]
    """The vector of the next step; of no meaning after P steps."""
    scale: Float[Array, ""]
    """Norm of the longest A v so far: the size that rounding is relative to."""
    step: Int[Array, ""]


def lanczos(
    product: Product, dimension: int, steps: int, key: PRNGKeyArray, *, dtype: DTypeLike | None = None
) -> Lanczos:
    """T = Vᵀ A V, tridiagonal, for an orthonormal basis V of span{v, A v, A² v, …}, v drawn from the sphere.

    Each new vector is orthogonalised twice against all before it: with the three-term recurrence alone, rounding
    brings eigenvalues back as copies. Where the space turns out to be invariant (A has few distinct eigenvalues),
    β is 0 and the method goes on with a fresh random vector orthogonal to it, so that T falls into blocks.

    Args:
        product: v to A v; jit-able.
        dimension: P, the length of v.
        steps: products to take, at least 1; with more than P, P are taken and T has A's own eigenvalues.
        key: of the first vector, and of fresh ones.
        dtype: of the vectors, as `product` takes and gives them; JAX's default float type if None.

    Returns:
        T's diagonals and V, K = min(steps, P) long.

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
    """One step further, with the key that `begin` had; there must be one left."""
    j, q = state.step, state.following
    vectors = state.vectors.at[j].set(q)
    Aq = product(q)
    scale = jnp.maximum(state.scale, jnp.linalg.norm(Aq))
    r = _orthogonalize(Aq, vectors, j + 1)
    # What rounding alone leaves of A q says nothing about A. A NaN compares as False and so stays a NaN.
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
    """`v` less its part in the span of the first `count` vectors, up to rounding."""
    rows = min(_ROWS, len(vectors))

    def remove(block: Int[Array, ""], v: Float[Array, " P"]) -> Float[Array, " P"]:
        # At the end of `vectors` a slice is moved back inside: its vectors are removed twice, which changes nothing.
        some = lax.dynamic_slice_in_dim(vectors, block * rows, rows)
        return v - dot(some.T, dot(some, v))

    without: Float[Array, " P"] = lax.fori_loop(0, -(-count // rows), remove, v)
    return without


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


class Quadrature(NamedTuple):
    """Points and weights: Σ_k weights·g(nodes) of any probe, and better their mean, estimates tr g(H) / P."""

    nodes: Float[Array, "R K"]
    """Ritz values of each probe, ascending."""
    weights: Float[Array, "R K"]
    """At least 0; each probe's sum to 1."""


def spectral_quadrature(f: Loss, params: PyTree, *, probes: int = 10, steps: int = 80, key: PRNGKeyArray) -> Quadrature:
    """Gauss quadrature of the spectrum of f's Hessian at θ, from random vectors.

        nodes θ_k: eigenvalues of T,  weights: squared first components of its eigenvectors

    Isolated eigenvalues are found exactly, a dense bulk as a few points with the right moments. An eigenvalue
    that is one of P weighs 1/P, known within a factor: probes' weights scatter as squared normal numbers do.

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: random vectors R, at least 1, one after the other.
        steps: products per probe, at least 1; as many vectors of P numbers are kept.
        key: of the probes.

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
