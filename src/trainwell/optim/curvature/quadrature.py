"""Stochastic Lanczos quadrature: a Hessian's whole spectrum as a few weighted points."""

from typing import NamedTuple

import jax
from jax import lax
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from trainwell.optim.curvature.flat import flatten
from trainwell.optim.curvature.lanczos import lanczos
from trainwell.optim.curvature.product import Loss
from trainwell.optim.curvature.ritz import ritz


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
