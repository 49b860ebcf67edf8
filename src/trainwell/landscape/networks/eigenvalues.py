"""What can be said of a Hessian's eigenvalues: all of them for few parameters, ends and shares for many."""

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


MOST_DENSE = 2000
"""Parameters up to which all eigenvalues are computed."""


class Share(NamedTuple):
    """A share of all eigenvalues."""

    share: float
    """NaN where it is not known."""
    standard_error: float
    """From the scatter between probes; 0 where all eigenvalues are known, NaN with one probe."""
    low: float
    """What is certain to be in the share, for the probes' mean: see `Spectrum.negative`."""
    high: float


class Condition(NamedTuple):
    """A condition number."""

    number: float
    exact: bool
    """Whether it is the number itself; else it is at least this."""


@dataclass(frozen=True, eq=False)
class Spectrum:
    """A Hessian's eigenvalues, as far as they are known.

    Attributes:
        num_parameters: P, how many there are.
        eigenvalues: all, ascending; None beyond `MOST_DENSE` parameters.
        nodes: eigenvalues as a quadrature, a row per probe, ascending; all of them in one row where they are known.
        weights: share of the spectrum that each node stands for; each row sums to 1.
        smallest: the smallest eigenvalue.
        largest: the largest.
        smallest_bound: ‖Hv − λv‖ for the unit vector found: an eigenvalue lies within it.
        largest_bound: likewise.
        smallest_vector: v, like the parameters, of length 1.
        largest_vector: likewise.
        flattest: the least ‖Hy‖ found for a vector y of length 1: some |λ| is at most that.
        near_zero: what lies within ± this counts as zero: √ε of the arithmetic times the largest |λ|.
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
        """What kind of critical point these eigenvalues make it; the gradient is not looked at."""
        values = [self.smallest, self.largest] if self.eigenvalues is None else self.eigenvalues
        largest = max(abs(self.smallest), abs(self.largest))
        if largest == 0:
            return "degenerate"
        return classify(np.asarray(values) / largest, tolerance=self.near_zero / largest).name

    @property
    def index(self) -> int | None:
        """Number of negative eigenvalues; None where not all are known."""
        return None if self.eigenvalues is None else int(np.sum(self.eigenvalues < -self.near_zero))

    @property
    def negative(self) -> Share:
        """The share of negative eigenvalues.

        A quadrature gathers many eigenvalues in one node, and knows no better than that a part of it lies on either
        side: what is certain for a probe leaves out the last node below the border, or counts in the first one above
        it (the separation theorem of Chebyshev, Markov and Stieltjes; Szegő 1939, "Orthogonal polynomials", 3.41).
        """
        return self._share(self.nodes < -self.near_zero)

    @property
    def zero(self) -> Share:
        """The share of eigenvalues near zero; of a quadrature's only what is certain, as one node stands for many."""
        if self.eigenvalues is not None:
            return self._share(np.abs(self.nodes) <= self.near_zero)
        below, within = self._share(self.nodes < -self.near_zero), self._share(self.nodes <= self.near_zero)
        return Share(np.nan, np.nan, max(0.0, within.low - below.high), within.high - below.low)

    @property
    def condition(self) -> Condition:
        """The condition number, max|λ| / min|λ|; where not all eigenvalues are known, a number it is not below."""
        if self.eigenvalues is not None:
            return Condition(float(condition_number(self.eigenvalues)), True)
        return Condition(max(abs(self.smallest), abs(self.largest)) / self.flattest, False)

    def leading(self, count: int) -> Float[np.ndarray, " k"]:
        """The largest eigenvalues, the largest first.

        Of a quadrature, the i-th is the largest i-th node of any probe: none is above the i-th eigenvalue, and
        eigenvalues that stand apart are met exactly.

        Args:
            count: how many at most; as many as there are nodes at most.
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
    """The eigenvalues of f's Hessian at θ: all of them for few parameters, a quadrature and the ends for many.

    Args:
        f: the loss.
        params: θ, with P numbers.
        probes: random vectors of the quadrature, at least 1; more make shares surer.
        steps: Hessian products per probe, at least 1; the ends may take twice as many. More see finer.
        most_dense: parameters up to which the whole matrix is formed.
        key: of the random vectors.

    Returns:
        What is known; not finite where f's second derivatives are not.

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


# Each measurement as one program: piece by piece they take several times as long to compile. The loss and θ are
# arguments: of constants, XLA works out products.
_extreme_eigenvalues = partial(jax.jit, static_argnames="steps")(extreme_eigenvalues)
_spectral_quadrature = partial(jax.jit, static_argnames=("probes", "steps"))(spectral_quadrature)
_hessian = jax.jit(hessian)
_hessian_product = jax.jit(hessian_product)


@partial(jax.jit, static_argnames="steps")
def _krylov(f: Loss, params: PyTree, steps: int, key: PRNGKeyArray) -> Lanczos:
    flat = flatten(f, params)
    return lanczos(flat.product, flat.point.size, steps, key, dtype=flat.point.dtype)


def _flattest(f: Loss, params: PyTree, steps: int, key: PRNGKeyArray) -> float:
    """The least ‖Hy‖ over unit vectors y in a Krylov space: H V = V' T, with one more row in T than columns."""
    state = _krylov(f, params, steps, key)
    alphas, betas = np.asarray(state.alphas, np.float64), np.asarray(state.betas, np.float64)
    K = len(alphas)
    T = np.zeros((K + 1, K))
    T[range(K), range(K)], T[range(1, K + 1), range(K)] = alphas, betas
    T[range(K - 1), range(1, K)] = betas[:-1]
    if not np.isfinite(T).all():
        return float("nan")
    sizes = np.linalg.svd(T, compute_uv=False)
    return float(sizes[-1] + 10 * np.finfo(state.following.dtype).eps * sizes[0])  # the products' rounding


def _dense(f: Loss, params: PyTree, eps: float) -> Spectrum:
    """All eigenvalues, of the whole matrix."""
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
    ]  # by products of their own: so the matrix's rounding is in them
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
