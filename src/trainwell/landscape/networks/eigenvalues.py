"""Eigenvalues of a Hessian: all of them for few parameters; extreme eigenvalues and estimated shares for many."""

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax.flatten_util import ravel_pytree
from jaxtyping import Float, PRNGKeyArray, PyTree

from trainwell.landscape.networks.loss import with_leaves
from trainwell.landscape.settings import CurvatureSettings
from trainwell.optim import (
    KindName,
    Lanczos,
    Loss,
    classify,
    condition_number,
    extreme_eigenvalues,
    flatten,
    hessian,
    hessian_product,
    lanczos,
    spectral_quadrature,
)

MARGIN = 5  # widths on both sides of the outermost points; a normal curve has 6e-7 beyond
SHARE = 0.01  # default width, as a share of the range


@dataclass(frozen=True, eq=False)
class EigenvalueDensity:
    """The density of eigenvalues.

    Attributes:
        grid: centres of bins of equal width.
        density: mean density in each bin; times the bins' width it sums to 1.
        standard_error: standard error of `density` over probes; NaN with one probe.
        width: standard deviation of the normal curve that smooths the density.
    """

    grid: Float[np.ndarray, " G"]
    density: Float[np.ndarray, " G"]
    standard_error: Float[np.ndarray, " G"]
    width: float


def eigenvalue_density(
    nodes: Float[np.ndarray, "R K"], weights: Float[np.ndarray, "R K"], *, bins: int = 512, width: float | None = None
) -> EigenvalueDensity:
    """The density of eigenvalues, smoothed with a normal curve.

        density(x) = mean over probes of Σ_k weights_k · N(x; nodes_k, width²)

    Args:
        nodes: eigenvalues, or quadrature nodes that approximate them; one row per probe.
        weights: share of the spectrum that each node represents; each row sums to 1.
        bins: number of bins, at least 1.
        width: standard deviation of the normal curve, above 0. None: 1% of the distance between the outermost nodes
            (1% of their size if they coincide, 0.01 if they are 0).

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


MOST_DENSE = 2000
"""Largest number of parameters for which all eigenvalues are computed."""


class Share(NamedTuple):
    """A share of all eigenvalues."""

    share: float
    """The estimated share; NaN if it is unknown."""
    standard_error: float
    """Standard error over probes; 0 if all eigenvalues are known, NaN with one probe."""
    low: float
    """Lower bound of the share, for the mean of the probes: see `Spectrum.negative`."""
    high: float
    """Upper bound of the share."""


class Condition(NamedTuple):
    """A condition number."""

    number: float
    exact: bool
    """True if the number is exact; False if it is a lower bound."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Eigenvalues of a Hessian: all, or an approximation.

    Attributes:
        num_parameters: P, the number of eigenvalues.
        eigenvalues: all eigenvalues, ascending; None for more than `MOST_DENSE` parameters.
        nodes: quadrature nodes that approximate the spectrum, one row per probe, ascending. If all eigenvalues are
            known, one row with all of them.
        weights: share of the spectrum that each node represents; each row sums to 1.
        smallest: the smallest eigenvalue.
        largest: the largest eigenvalue.
        smallest_bound: error bound of `smallest`: ‖Hv − λv‖ for the unit vector v found.
        largest_bound: error bound of `largest`.
        smallest_vector: unit eigenvector of `smallest`, with the structure of the parameters.
        largest_vector: unit eigenvector of `largest`.
        flattest: smallest ‖Hy‖ found for a unit vector y: at least one |λ| is not above it.
        near_zero: eigenvalues within ± this count as zero: √ε of the dtype times the largest |λ|.
    """

    num_parameters: int
    eigenvalues: Float[np.ndarray, " P"] | None
    nodes: Float[np.ndarray, "R K"]
    weights: Float[np.ndarray, "R K"]
    smallest: float
    largest: float
    smallest_bound: float
    largest_bound: float
    smallest_vector: PyTree
    largest_vector: PyTree
    flattest: float
    near_zero: float

    @property
    def kind(self) -> KindName:
        """The kind of critical point by the signs of the eigenvalues; the gradient is not checked."""
        values = [self.smallest, self.largest] if self.eigenvalues is None else self.eigenvalues
        largest = max(abs(self.smallest), abs(self.largest))
        if largest == 0:
            return "degenerate"
        return classify(np.asarray(values) / largest, tolerance=self.near_zero / largest).name

    @property
    def index(self) -> int | None:
        """Number of negative eigenvalues; None if not all are known."""
        return None if self.eigenvalues is None else int(np.sum(self.eigenvalues < -self.near_zero))

    @property
    def negative(self) -> Share:
        """The share of negative eigenvalues.

        A quadrature node represents many eigenvalues, which may lie on both sides of the limit. The lower bound leaves
        out the last node below the limit, the upper bound includes the first node above it (separation theorem of
        Chebyshev, Markov and Stieltjes; Szegő 1939, "Orthogonal polynomials", 3.41).
        """
        return self._share(self.nodes < -self.near_zero)

    @property
    def zero(self) -> Share:
        """The share of eigenvalues near zero; only bounds if not all eigenvalues are known."""
        if self.eigenvalues is not None:
            return self._share(np.abs(self.nodes) <= self.near_zero)
        below, within = self._share(self.nodes < -self.near_zero), self._share(self.nodes <= self.near_zero)
        return Share(np.nan, np.nan, max(0.0, within.low - below.high), within.high - below.low)

    @property
    def condition(self) -> Condition:
        """The condition number max|λ| / min|λ|; a lower bound of it if not all eigenvalues are known."""
        if self.eigenvalues is not None:
            return Condition(float(condition_number(self.eigenvalues)), True)
        return Condition(max(abs(self.smallest), abs(self.largest)) / self.flattest, False)

    def leading(self, count: int) -> Float[np.ndarray, " k"]:
        """The largest eigenvalues, the largest first.

        If not all are known, the i-th is the largest i-th node of any probe. It is never above the i-th eigenvalue, and
        almost exact for outliers.

        Args:
            count: largest number of eigenvalues.
        """
        return np.asarray(-np.sort(-self.nodes, axis=1)[:, :count].min(0))

    def _share(self, inside: np.ndarray) -> Share:
        shares = (self.weights * inside).sum(1)
        if self.eigenvalues is not None:
            return Share(float(shares[0]), 0.0, float(shares[0]), float(shares[0]))
        error = float(shares.std(ddof=1) / len(shares) ** 0.5) if len(shares) > 1 else float("nan")
        counts = inside.sum(1)
        below = np.concatenate([np.zeros((len(shares), 1)), np.cumsum(self.weights, 1)], 1)  # of the first k nodes
        rows, last = np.arange(len(shares)), self.nodes.shape[1]
        low, high = below[rows, np.maximum(counts - 1, 0)], below[rows, np.minimum(counts + 1, last)]
        return Share(float(shares.mean()), error, float(low.mean()), float(high.mean()))


def spectrum(
    f: Loss,
    params: PyTree,
    *,
    probes: int = CurvatureSettings.probes,
    steps: int = CurvatureSettings.steps,
    most_dense: int = MOST_DENSE,
    key: PRNGKeyArray,
) -> Spectrum:
    """Eigenvalues of f's Hessian at θ: all of them for few parameters; a quadrature and the extremes for many.

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: random vectors of the quadrature, at least 1; more give more precise shares.
        steps: Hessian-vector products per probe, at least 1; the extremes take up to twice as many. More give a finer
            spectrum.
        most_dense: largest number of parameters for which the whole matrix is computed.
        key: JAX random key of the random vectors.

    Returns:
        The spectrum; NaN if f's second derivatives are not finite.

    Raises:
        ValueError: there are no parameters, some are not floating-point numbers, or a count is below 1.

    Example:
        >>> saddle = lambda p: 3 * p["x"] ** 2 - p["y"] ** 2
        >>> found = spectrum(saddle, {"x": 0.0, "y": 0.0}, key=jax.random.key(0))
        >>> found.eigenvalues.round(6).tolist(), found.kind, found.negative.share
        ([-2.0, 6.0], 'saddle', 0.5)
    """
    flat, f = flatten(f, params), with_leaves(f)
    eps = float(np.finfo(flat.point.dtype).eps)
    if flat.point.size <= most_dense:
        return _dense(f, params, eps)
    key_ends, key_probes, key_flattest = jax.random.split(key, 3)
    ends = _extreme_eigenvalues(f, params, steps=2 * steps, key=key_ends)
    quadrature = _spectral_quadrature(f, params, probes=probes, steps=steps, key=key_probes)
    nodes, weights = (np.asarray(part, np.float64) for part in quadrature)
    weights /= weights.sum(1, keepdims=True)
    smallest, largest = float(ends.smallest), float(ends.largest)
    return Spectrum(
        flat.point.size,
        None,
        nodes,
        weights,
        smallest,
        largest,
        float(ends.smallest_bound),
        float(ends.largest_bound),
        ends.smallest_vector,
        ends.largest_vector,
        _flattest(f, params, steps, key_flattest),
        eps**0.5 * max(abs(smallest), abs(largest)),
    )


# Each measurement is one program, which compiles several times faster than many small ones. The loss and θ are
# arguments, because XLA would compute products of constants when compiling.
_extreme_eigenvalues = partial(jax.jit, static_argnames="steps")(extreme_eigenvalues)
_spectral_quadrature = partial(jax.jit, static_argnames=("probes", "steps"))(spectral_quadrature)
_hessian = jax.jit(hessian)
_hessian_product = jax.jit(hessian_product)


@partial(jax.jit, static_argnames="steps")
def _krylov(f: Loss, params: PyTree, steps: int, key: PRNGKeyArray) -> Lanczos:
    flat = flatten(f, params)
    return lanczos(flat.product, flat.point.size, steps, key, dtype=flat.point.dtype)


def _flattest(f: Loss, params: PyTree, steps: int, key: PRNGKeyArray) -> float:
    """The smallest ‖Hy‖ over unit vectors y of a Krylov space, with H V = V' T; T has one more row than columns."""
    state = _krylov(f, params, steps, key)
    alphas, betas = np.asarray(state.alphas, np.float64), np.asarray(state.betas, np.float64)
    K = len(alphas)
    T = np.zeros((K + 1, K))
    T[range(K), range(K)], T[range(1, K + 1), range(K)] = alphas, betas
    T[range(K - 1), range(1, K)] = betas[:-1]
    if not np.isfinite(T).all():
        return float("nan")
    sizes = np.linalg.svd(T, compute_uv=False)
    return float(sizes[-1] + 10 * np.finfo(state.following.dtype).eps * sizes[0])  # allows for rounding errors


def _dense(f: Loss, params: PyTree, eps: float) -> Spectrum:
    """All eigenvalues, from the whole matrix."""
    flat = flatten(f, params)
    H = np.asarray(_hessian(f, params), np.float64)
    P = len(H)
    if not np.isfinite(H).all():
        values, vectors = np.full(P, np.nan), np.full((P, P), np.nan)
    else:
        values, vectors = np.linalg.eigh(H)
    ends = [flat.unflatten(jnp.asarray(vectors[:, i], flat.point.dtype)) for i in (0, -1)]
    bounds = [
        float(jnp.linalg.norm(ravel_pytree(_hessian_product(f, params, v))[0] - values[i] * ravel_pytree(v)[0]))
        for v, i in zip(ends, (0, -1), strict=True)
    ]  # from Hessian-vector products, so that the bounds include the matrix's rounding errors
    return Spectrum(
        P,
        values,
        values[None],
        np.full((1, P), 1 / P),
        float(values[0]),
        float(values[-1]),
        bounds[0],
        bounds[1],
        ends[0],
        ends[1],
        float(np.abs(values).min()),
        eps**0.5 * float(np.abs(values[[0, -1]]).max()),
    )
