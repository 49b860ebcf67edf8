"""A Gaussian process fitted to trials, and the expected improvement of candidates."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, pi, sqrt

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.special import erfcx, ndtr, ndtri

from trainwell.search.coarse_to_fine.rounds import SortKey, ranks


def plain(keys: Sequence[SortKey]) -> Float[np.ndarray, " N"] | None:
    """Standardized values; failed trials get the worst value. Suits smooth objectives.

    Args:
        keys: sort keys of the trials, see `sort_key`.

    Returns:
        Values with mean 0 and variance 1, smaller is better. None if a trial was pruned, as its value is not
        comparable, or if none is complete.

    Example:
        >>> plain([(0, 0.0, 1.0), (0, 0.0, 3.0)]).tolist()
        [-1.0, 1.0]
    """
    kinds, values = np.array([key[0] for key in keys]), np.array([key[2] for key in keys])
    if (kinds == 1).any() or not (kinds == 0).any():
        return None
    return _standard(np.where(kinds == 0, values, values[kinds == 0].max()))


def half_ranked(keys: Sequence[SortKey]) -> Float[np.ndarray, " N"]:
    """Ranks as normal quantiles; among the better half of trials, differences stay proportional to those of the values.

    Suits objectives with very bad trials, as it ignores how bad they are.

    Args:
        keys: sort keys of the trials, see `sort_key`.

    Returns:
        Values with mean 0 and variance 1, smaller is better.

    Source: the half-rank warping of Song et al. (2024), The Vizier Gaussian Process Bandit Algorithm, section 4.1.

    Example:
        >>> warped = half_ranked([(0, 0.0, value) for value in (1.0, 2.0, 3.0, 4.0, 1e9)])
        >>> bool(abs((warped[2] - warped[1]) / (warped[1] - warped[0]) - 1) < 1e-9), bool(warped[4] < 2)
        (True, True)
    """
    rank = ranks(keys)
    quantiles = np.asarray(ndtri((rank - 0.5) / len(rank)))
    kinds, values = np.array([key[0] for key in keys]), np.array([key[2] for key in keys])
    good = (kinds == 0) & (rank <= (len(rank) + 1) / 2)
    if good.sum() >= 3:
        below = values[good] - values[good].max()
        last = quantiles[good].max()
        spread = np.sqrt(np.mean(below**2))
        if spread > 0:
            quantiles[good] = last + below * np.sqrt(np.mean((quantiles[good] - last) ** 2)) / spread
    return _standard(quantiles)


def _standard(values: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Values with mean 0 and variance 1; zeros if all are equal."""
    centred = values - values.mean()
    deviation = centred.std()
    return np.asarray(centred / deviation) if deviation > 0 else centred


JITTER = 1e-6
NOISE = exp(-5)  # median of the prior of the noise variance


@dataclass(frozen=True)
class GaussianProcess:
    """The posterior of a Gaussian process with a Matérn-5/2 kernel and one length scale per group of columns.

    Attributes:
        points: X, the points of the trials.
        columns: 1 / length scale of each column.
        variance: signal variance.
        noise: noise variance.
        factor: L, the lower Cholesky factor of K(X, X) + noise · I.
        weights: (K(X, X) + noise · I)⁻¹ y.
    """

    points: Float[np.ndarray, "N C"]
    columns: Float[np.ndarray, " C"]
    variance: float
    noise: float
    factor: Float[np.ndarray, "N N"]
    weights: Float[np.ndarray, " N"]

    def covariance(self, a: Float[np.ndarray, "A C"], b: Float[np.ndarray, "B C"]) -> Float[np.ndarray, "A B"]:
        """K(a, b), the prior covariance between points."""
        a, b = a * self.columns, b * self.columns
        squared = np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T, 0)
        root = np.sqrt(5 * squared)
        return np.asarray(self.variance * (1 + root + root * root / 3) * np.exp(-root))

    def predict(self, points: Float[np.ndarray, "M C"]) -> tuple[Float[np.ndarray, " M"], Float[np.ndarray, "N M"]]:
        """Posterior means at the points x, and V = L⁻¹K(X, x); posterior variance = prior variance − ΣV²."""
        cross = self.covariance(self.points, points)
        return cross.T @ self.weights, solve_triangular(self.factor, cross, lower=True, check_finite=False)

    def leave_one_out(self, values: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
        """The leave-one-out prediction at each trial. Source: Rasmussen & Williams (2006), equation 5.12."""
        precision = cho_solve((self.factor, True), np.eye(len(values)), check_finite=False)
        return values - self.weights / np.diag(precision)


def fit(
    points: Float[np.ndarray, "N C"], values: Float[np.ndarray, " N"], groups: Int[np.ndarray, " C"], steps: int = 50
) -> GaussianProcess:
    """Fit length scales, signal variance and noise variance by maximum a posteriori.

    Args:
        points: points of the trials, in the unit cube.
        values: values of the trials, with mean 0 and variance about 1.
        groups: index of the length scale of each column, from 0.
        steps: largest number of L-BFGS iterations.

    Returns:
        The posterior.

    Source: Rasmussen & Williams (2006), Algorithm 2.1 and equation 5.9; the prior of length scales, wider with more
    dimensions: Hvarfner, Hellsten & Nardi (2024), Vanilla Bayesian Optimization Performs Great in High Dimensions.
    """
    num_groups = int(groups.max()) + 1
    squares = np.stack([_squares(points[:, groups == group]) for group in range(num_groups)]).reshape(num_groups, -1)
    means = np.array([sqrt(2) + log(num_groups) / 2] * num_groups + [0.0, log(NOISE)])
    spreads = np.array([sqrt(3)] * num_groups + [1.0, 2.0])
    start = np.array([-0.7] * num_groups + [0.0, -4.0])
    bounds = [(-4.5, 5.0)] * num_groups + [(-3.0, 4.0), (-12.0, 1.0)]
    found = minimize(
        _negative_log_posterior,
        start,
        (squares, values, means, spreads),
        jac=True,
        method="L-BFGS-B",
        bounds=bounds,
        options={"maxiter": steps},
    ).x
    columns = np.exp(-found[:num_groups])[groups]
    prior = GaussianProcess(points, columns, exp(found[-2]), exp(found[-1]) + JITTER, np.empty((0, 0)), np.empty(0))
    factor = np.linalg.cholesky(prior.covariance(points, points) + prior.noise * np.eye(len(values)))
    return GaussianProcess(
        points, columns, prior.variance, prior.noise, factor, cho_solve((factor, True), values, check_finite=False)
    )


def _squares(points: Float[np.ndarray, "N C"]) -> Float[np.ndarray, "N N"]:
    """Squared distances between all pairs of points."""
    return np.asarray(((points[:, None] - points) ** 2).sum(-1))


def _negative_log_posterior(
    logs: Float[np.ndarray, " P"],
    squares: Float[np.ndarray, "G N*N"],
    values: Float[np.ndarray, " N"],
    means: Float[np.ndarray, " P"],
    spreads: Float[np.ndarray, " P"],
) -> tuple[float, Float[np.ndarray, " P"]]:
    """The objective of the fit and its gradient with respect to the logarithms of length scales, signal and noise."""
    size, inverse = len(values), np.exp(-2 * logs[:-2])
    root = np.sqrt(5 * (inverse @ squares)).reshape(size, size)
    decay = np.exp(logs[-2] - root)
    signal = (1 + root + root * root / 3) * decay
    noise = exp(logs[-1])
    factor = np.linalg.cholesky(signal + (noise + JITTER) * np.eye(size))
    precision = cho_solve((factor, True), np.eye(size), check_finite=False)
    weights = precision @ values
    outer = np.outer(weights, weights) - precision
    slope = 5 / 3 * (1 + root) * decay * outer
    away = (logs - means) / spreads
    loss = 0.5 * values @ weights + np.log(np.diag(factor)).sum() + 0.5 * away @ away
    gradient = away / spreads
    gradient[:-2] -= 0.5 * inverse * (squares @ slope.ravel())
    gradient[-2] -= 0.5 * (outer * signal).sum()
    gradient[-1] -= 0.5 * noise * np.trace(outer)
    return float(loss), gradient


LEAST = 1e-12  # lower limit of a candidate's variance


def log_expected_improvement(
    mean: Float[np.ndarray, " M"], deviation: Float[np.ndarray, " M"], best: float
) -> Float[np.ndarray, " M"]:
    """Logarithm of the expected improvement E[max(best - f, 0)] for normal f, accurate also for tiny values.

    Args:
        mean: posterior mean of each candidate.
        deviation: posterior standard deviation of each candidate, above 0.
        best: the value to improve on.

    Returns:
        The logarithm for each candidate.

    Source: Ament et al. (2023), Unexpected Improvements to Expected Improvement for Bayesian Optimization,
    equations 8 and 9.

    Example:
        >>> value = log_expected_improvement(np.zeros(1), np.ones(1), 0.0)
        >>> bool(np.isclose(np.exp(value[0]), 1 / np.sqrt(2 * np.pi)))
        True
    """
    away = (best - mean) / deviation
    found = np.empty_like(away)
    near = away > -1
    a = away[near]
    found[near] = np.log(a * ndtr(a) + np.exp(-a * a / 2) / sqrt(2 * pi))
    a = away[~near]
    rest = np.maximum(1 + a * sqrt(pi / 2) * erfcx(-a / sqrt(2)), 1e-300)
    found[~near] = np.log(rest) - a * a / 2 - log(2 * pi) / 2
    return np.asarray(found + np.log(deviation))


def improvements(process: GaussianProcess, points: Float[np.ndarray, "M C"]) -> Float[np.ndarray, " M"]:
    """Logarithm of the expected improvement of each candidate over the best posterior mean at a trial."""
    mean, V = process.predict(points)
    variance = np.maximum(process.variance - (V**2).sum(0), LEAST)
    return log_expected_improvement(mean, np.sqrt(variance), _incumbent(process))


def batch(process: GaussianProcess, points: Float[np.ndarray, "M C"], count: int) -> list[int]:
    """Pick candidates one after another by expected improvement, assuming that each one gets its predicted value.

    Adding an observation that equals the prediction leaves all means unchanged and only reduces variances.

    Args:
        process: the Gaussian process, fitted to the trials.
        points: points of the candidates.
        count: number of candidates to pick, at most M.

    Returns:
        Their indices, in the order they were picked.

    Source: Ginsbourger, Le Riche & Carraro (2010), Kriging Is Well-Suited to Parallelize Optimization: the kriging
    believer.
    """
    mean, V = process.predict(points)
    variance = np.maximum(process.variance - (V**2).sum(0), LEAST)
    best = _incumbent(process)
    picked: list[int] = []
    for _ in range(count):
        score = log_expected_improvement(mean, np.sqrt(variance), best)
        score[picked] = -np.inf
        index = int(np.argmax(score))
        picked.append(index)
        shared = process.covariance(points[index : index + 1], points)[0] - V[:, index] @ V
        row = shared / sqrt(max(shared[index], 0.0) + process.noise)
        V = np.concatenate([V, row[None]])
        variance = np.maximum(variance - row * row, LEAST)
        best = min(best, float(mean[index]))
    return picked


def _incumbent(process: GaussianProcess) -> float:
    """The best posterior mean at a trial; with noise, the best observed value would be too optimistic."""
    return float(process.predict(process.points)[0].min())
