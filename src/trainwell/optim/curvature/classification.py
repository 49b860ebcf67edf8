"""Classification of critical points by the Hessian's eigenvalues, and the condition number."""

from typing import Literal, NamedTuple, get_args

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, ArrayLike, Float, Int

from trainwell.optim.protocol import Number

KindName = Literal["minimum", "maximum", "saddle", "degenerate"]
KINDS: tuple[KindName, ...] = get_args(KindName)


class Kind(NamedTuple):
    """The kind of a critical point."""

    name: KindName
    index: int  # type: ignore[assignment]  # hides tuple.index; the field's own word
    """Number of negative eigenvalues."""
    num_zero: int
    """Number of eigenvalues near zero."""


class Kinds(NamedTuple):
    """The kinds of many critical points."""

    code: Int[Array, "..."]
    """Index in `KINDS`; -1 if an eigenvalue is not finite."""
    index: Int[Array, "..."]  # type: ignore[assignment]  # hides tuple.index; the field's own word
    """Number of negative eigenvalues."""
    num_zero: Int[Array, "..."]
    """Number of eigenvalues near zero."""


def classify(eigenvalues: Float[ArrayLike, " P"], *, tolerance: Number | None = None, scale: Number = 0.0) -> Kind:
    """Classify one critical point.

    Args:
        eigenvalues: all eigenvalues of the Hessian, in any order.
        tolerance: see `classify_all`.
        scale: see `classify_all`.

    Returns:
        Name, index and number of eigenvalues near zero.

    Raises:
        ValueError: there are no eigenvalues, or some are not finite.

    Example:
        >>> classify([3.0, 1.0]).name, classify([3.0, -1.0]).name, classify([3.0, 0.0]).name
        ('minimum', 'saddle', 'degenerate')

    Source: T-2ND-5.
    """
    values = jnp.asarray(eigenvalues)
    if values.ndim != 1:
        raise ValueError(f"eigenvalues must have one axis, got {values.ndim}: use classify_all for several points")
    found = jax.jit(classify_all)(values, tolerance=tolerance, scale=scale)
    if found.code < 0:
        raise ValueError("eigenvalues must be finite: the Hessian has NaN or Inf")
    return Kind(KINDS[int(found.code)], int(found.index), int(found.num_zero))


def classify_all(
    eigenvalues: Float[ArrayLike, "... P"], *, tolerance: Number | None = None, scale: Number = 0.0
) -> Kinds:
    """Classify many critical points; the result is numeric, so it can be used inside `jax.jit`.

    An eigenvalue counts as zero if |λ| ≤ tolerance · max(scale, largest |λ| of its point). Then

        all positive                     minimum
        all negative                     maximum
        some positive, some negative     saddle, even if others are zero
        otherwise                        degenerate: higher derivatives decide

    A degenerate point can be anything: 0 is a minimum of x⁴ + y², but a saddle of x³ + y² and of the monkey saddle
    x³ − 3xy².

    Args:
        eigenvalues: all eigenvalues of each Hessian, in any order; leading axes are points.
        tolerance: share of the largest absolute eigenvalue that counts as zero, at least 0; None for √ε of the dtype
            (1.5e-8 in float64, 3.5e-4 in float32).
        scale: typical curvature of this loss, at least 0. It keeps rounding errors from deciding at points whose
            eigenvalues are all tiny; 0 compares each point only with itself.

    Returns:
        Codes, numbers of negative eigenvalues and numbers of zero eigenvalues, one per point.

    Raises:
        ValueError: there are no eigenvalues.

    Example:
        >>> classify_all(jnp.array([[1.0, 2.0], [-1.0, -2.0], [-1.0, 2.0], [0.0, 0.0]])).code.tolist()
        [0, 1, 2, 3]

    Source: T-2ND-5.
    """
    values = jnp.asarray(eigenvalues) * 1.0
    if values.ndim == 0 or values.shape[-1] == 0:
        raise ValueError(f"eigenvalues must have a last axis of at least one, got shape {values.shape}")
    share = np.finfo(values.dtype).eps ** 0.5 if tolerance is None else tolerance
    limit = share * jnp.maximum(jnp.max(jnp.abs(values), -1, keepdims=True), scale)
    negative, positive = (jnp.sum(side > limit, -1, dtype=jnp.int32) for side in (-values, values))
    zero = values.shape[-1] - negative - positive
    code = jnp.select([(negative > 0) & (positive > 0), zero > 0, positive > 0], [2, 3, 0], 1)
    return Kinds(jnp.where(jnp.all(jnp.isfinite(values), -1), code, -1), negative, zero)


def condition_number(eigenvalues: Float[ArrayLike, "... P"], *, tolerance: Number | None = None) -> Float[Array, "..."]:
    """The condition number of a symmetric matrix, max|λ| / min|λ|.

    Args:
        eigenvalues: all eigenvalues, in any order, of any sign; leading axes are matrices.
        tolerance: the matrix counts as singular if min|λ| / max|λ| is at most this number, at least 0; None for P·ε of
            the dtype, the rounding error of computed eigenvalues.

    Returns:
        At least 1 for each matrix; inf if it is singular; NaN if an eigenvalue is NaN.

    Raises:
        ValueError: there are no eigenvalues.

    Example:
        >>> condition_number(jnp.array([0.1, 2.0])).round(3).tolist()  # the bowl x²/20 + y²
        20.0
        >>> condition_number(jnp.array([-4.0, 1.0])).tolist(), condition_number(jnp.array([0.0, 1.0])).tolist()
        (4.0, inf)

    Source: T-2ND-6, corrected: one text has min|λ| / max|λ| (docs/lecture.md, error 5).
    """
    sizes = jnp.abs(jnp.asarray(eigenvalues) * 1.0)
    if sizes.ndim == 0 or sizes.shape[-1] == 0:
        raise ValueError(f"eigenvalues must have a last axis of at least one, got shape {sizes.shape}")
    share = sizes.shape[-1] * np.finfo(sizes.dtype).eps if tolerance is None else tolerance
    smallest, largest = jnp.min(sizes, -1), jnp.max(sizes, -1)
    singular = smallest <= share * largest
    return jnp.where(singular, jnp.inf, largest / jnp.where(singular, 1, smallest))
