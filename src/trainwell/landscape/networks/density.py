"""The density of eigenvalues that are known, all of them or as a quadrature, drawn as a smooth curve."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

MARGIN = 5  # widths on both sides of the outermost points: all but 6e-7 of a normal curve
SHARE = 0.01  # of the range: the default width


@dataclass(frozen=True, eq=False)
class EigenvalueDensity:
    """Share of eigenvalues per unit of curvature.

    Attributes:
        grid: centres of equal bins.
        density: mean over each bin; times the bins' width, it sums to 1.
        standard_error: of `density`, from the scatter between probes; NaN with one.
        width: standard deviation of the smoothing normal curve.
    """

    grid: Float[np.ndarray, " G"]
    density: Float[np.ndarray, " G"]
    standard_error: Float[np.ndarray, " G"]
    width: float


def eigenvalue_density(
    nodes: Float[np.ndarray, "R K"], weights: Float[np.ndarray, "R K"], *, bins: int = 512, width: float | None = None
) -> EigenvalueDensity:
    """The density of some eigenvalues, each smeared to a normal curve.

        density(x) = mean over probes of Σ_k weights_k · N(x; nodes_k, width²)

    Args:
        nodes: eigenvalues, or what stands for them: a row per probe.
        weights: share of the spectrum that each stands for; each row sums to 1.
        bins: points of the grid, at least 1.
        width: above 0; None for 1% of the distance between the outermost nodes (of their size where they coincide,
            0.01 where they are 0).

    Returns:
        Grid, density, its standard error and the width.

    Raises:
        ValueError: `bins` is below 1, or `width` not above 0.

    Example:
        >>> found = eigenvalue_density(np.array([[2.0, 8.0]]), np.array([[0.5, 0.5]]), width=0.5)
        >>> round(float(found.density.sum() * (found.grid[1] - found.grid[0])), 3)
        1.0

    Source: Ghorbani, Krishnan & Xiao (2019), "An investigation into neural net optimization via Hessian eigenvalue
    density", section 2.
    """
    from scipy.special import ndtr

    sigma = _default_width(nodes) if width is None else width
    if bins < 1 or not sigma > 0:
        raise ValueError(f"bins must be at least 1 and width above 0, got {bins} and {sigma}")
    low, high = nodes.min() - MARGIN * sigma, nodes.max() + MARGIN * sigma
    edges = np.linspace(low, high, bins + 1)
    curves = np.empty((len(nodes), bins))
    for r, (row, shares) in enumerate(zip(nodes, weights, strict=True)):
        below = shares @ ndtr((edges - row[:, None]) / sigma)  # share of eigenvalues below each edge
        curves[r] = np.diff(below) / (below[-1] - below[0]) / ((high - low) / bins)
    error = curves.std(0, ddof=1) / len(curves) ** 0.5 if len(curves) > 1 else np.full(bins, np.nan)
    return EigenvalueDensity((edges[1:] + edges[:-1]) / 2, curves.mean(0), error, float(sigma))


def _default_width(nodes: Float[np.ndarray, "R K"]) -> float:
    span, size = float(np.ptp(nodes)), float(np.abs(nodes).max())
    return SHARE * (span if span > 1e-6 * size else size or 1.0)
