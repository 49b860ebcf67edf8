"""The density of a Hessian's eigenvalues as a smooth curve."""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import ndtr
from jaxtyping import Array, Float, PRNGKeyArray, PyTree

from trainwell.optim.curvature.hessian import Loss
from trainwell.optim.curvature.lanczos import spectral_quadrature
from trainwell.optim.protocol import Number

_MARGIN = 5  # the grid extends 5 widths beyond the outermost points, which covers all but 6e-7 of a normal curve


class Density(NamedTuple):
    """Share of eigenvalues per unit of curvature."""

    grid: Float[Array, " G"]
    """Centres of bins of equal size."""
    density: Float[Array, " G"]
    """Mean density in each bin; its sum times the bin size is 1."""
    standard_error: Float[Array, " G"]
    """Standard error of `density`, from the differences between probes; NaN for a single probe."""
    width: Float[Array, ""]
    """Standard deviation of the normal curve used for smoothing."""


def spectral_density(
    f: Loss,
    params: PyTree,
    *,
    probes: int = 10,
    steps: int = 80,
    bins: int = 512,
    width: Number | None = None,
    key: PRNGKeyArray,
) -> Density:
    """The density of the eigenvalues of f's Hessian at θ, smoothed with a normal curve.

        density(x) ≈ 1/P Σ_i N(x; λ_i, width²), by stochastic Lanczos quadrature

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: number of random vectors, at least 1.
        steps: Hessian-vector products per random vector, at least 1.
        bins: number of points of the grid, at least 1.
        width: standard deviation of the smoothing, above 0; None for 1% of the range of the eigenvalues (if they are
            all equal, 1% of their size, or 0.01 if they are 0). Set it to compare several curves.
        key: random key for the random vectors.

    Returns:
        The grid, the density on it with its standard error, and the width.

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, or a count is below 1.

    Example:
        >>> f = lambda p: p[0] ** 2 + 4 * p[1] ** 2  # eigenvalues 2 and 8
        >>> found = spectral_density(f, [0.0, 0.0], width=0.5, key=jax.random.key(0))
        >>> (found.density.sum() * (found.grid[1] - found.grid[0])).round(3).tolist()
        1.0

    Source: Ghorbani, Krishnan & Xiao (2019), "An investigation into neural net optimization via Hessian eigenvalue
    density", section 2.
    """
    if bins < 1:
        raise ValueError(f"bins must be at least 1, got {bins}")
    nodes, weights = spectral_quadrature(f, params, probes=probes, steps=steps, key=key)
    sigma = _default_width(nodes) if width is None else jnp.asarray(width, nodes.dtype)
    low, high = jnp.min(nodes) - _MARGIN * sigma, jnp.max(nodes) + _MARGIN * sigma
    edges = jnp.linspace(low, high, bins + 1)

    def smear(nodes: Float[Array, " K"], weights: Float[Array, " K"]) -> Float[Array, " G"]:
        below = weights @ ndtr((edges - nodes[:, None]) / sigma)  # share of eigenvalues below each edge
        return jnp.diff(below) / (below[-1] - below[0]) / ((high - low) / bins)

    curves = jax.vmap(smear)(nodes, weights)
    error = jnp.std(curves, 0, ddof=1) / probes**0.5
    return Density((edges[1:] + edges[:-1]) / 2, jnp.mean(curves, 0), error, sigma)


def _default_width(nodes: Float[Array, "R K"]) -> Float[Array, ""]:
    """1% of the range; if the range is only a rounding error, 1% of the size; if that is 0, 0.01."""
    span, size = jnp.max(nodes) - jnp.min(nodes), jnp.max(jnp.abs(nodes))
    spread = span > 1000 * np.finfo(nodes.dtype).eps * size
    return 0.01 * jnp.where(spread, span, jnp.where(size > 0, size, 1))
