"""The trace of a Hessian (the sum of its eigenvalues) with a confidence interval."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from trainwell.optim.curvature.hessian import Flat, Loss, dot, flatten


class TraceEstimate(NamedTuple):
    """An estimate of a trace with its confidence interval."""

    trace: Float[Array, ""]
    low: Float[Array, ""]
    high: Float[Array, ""]
    standard_error: Float[Array, ""]


def hessian_trace(
    f: Loss,
    params: PyTree,
    *,
    probes: int = 30,
    sketch: int = 20,
    confidence: float = 0.95,
    key: PRNGKeyArray,
) -> TraceEstimate:
    """The sum of the eigenvalues of f's Hessian at θ, estimated with random vectors z of ±1.

        tr H = E[zᵀ H z] ≈ mean ± t(n−1)·s/√n over n vectors        (Hutchinson)

    With a `sketch` of m random vectors S (Hutch++), Q is an orthonormal basis of H S and
    tr H = tr QᵀHQ + tr (1−QQᵀ) H (1−QQᵀ). The first term is computed exactly, the second with Hutchinson's estimator.
    This removes the few large eigenvalues that networks have from the random part. Without it (m = 0) they dominate the
    error and make the values skewed, so that the interval is too narrow.

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: n, at least 2; one Hessian-vector product each.
        sketch: m, at least 0; two products each. With P or more, the result is exact up to rounding.
        confidence: coverage of the interval, in (0, 1).
        key: random key for all vectors.

    Returns:
        An unbiased estimate with a Student t interval, which assumes roughly normal values. The interval includes the
        rounding error of the exact term.

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, or a number is out of range.

    Example:
        >>> f = lambda p: p[0] ** 2 + 4 * p[1] ** 2 + p[0] * p[1]
        >>> found = hessian_trace(f, [0.0, 0.0], key=jax.random.key(0))  # the trace is 10
        >>> bool(found.low <= 10 <= found.high)
        True

    Source: Hutchinson (1990), "A stochastic estimator of the trace of the influence matrix"; Meyer, Musco, Musco &
    Woodruff (2021), "Hutch++: optimal stochastic trace estimation", Algorithm 1.
    """
    if probes < 2 or sketch < 0 or not 0 < confidence < 1:
        raise ValueError(
            "probes must be at least 2, sketch at least 0 and confidence in (0, 1), "
            f"got {probes}, {sketch} and {confidence}"
        )
    from scipy.special import stdtrit  # the quantile of Student's t

    flat = flatten(f, params)
    key_sketch, key_probes = jax.random.split(key)
    Q = _range(flat, min(sketch, flat.point.size), key_sketch)

    def probe(key: PRNGKeyArray) -> Float[Array, ""]:
        z = jax.random.rademacher(key, flat.point.shape, flat.point.dtype)
        z = z - dot(dot(z, Q.T), Q)
        return dot(z, flat.product(z))

    values = lax.map(probe, jax.random.split(key_probes, probes))
    HQ = lax.map(flat.product, Q)
    estimate, error = jnp.sum(Q * HQ) + jnp.mean(values), jnp.std(values, ddof=1) / probes**0.5
    rounding = 10 * np.finfo(Q.dtype).eps * jnp.sum(jnp.linalg.norm(HQ, axis=-1))
    half = float(stdtrit(probes - 1, 0.5 + confidence / 2)) * error + rounding
    return TraceEstimate(estimate, estimate - half, estimate + half, error)


def _range(flat: Flat, count: int, key: PRNGKeyArray) -> Float[Array, "m P"]:
    """Orthonormal rows that span H S, for `count` random vectors S; no rows if `count` is 0."""
    S = jax.random.rademacher(key, (count, flat.point.size), flat.point.dtype)
    return jnp.linalg.qr(lax.map(flat.product, S).T)[0].T if count else S
