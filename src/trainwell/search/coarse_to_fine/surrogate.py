"""A Gaussian process over trials: what to expect of a candidate, how sure, and how much it may improve on the best."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log, pi, sqrt

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize
from scipy.special import erfcx, ndtr, ndtri

from trainwell.search.coarse_to_fine.rounds import Place, ranks


def plain(places: Sequence[Place]) -> Float[np.ndarray, " N"] | None:
    """The values themselves, failed trials as bad as the worst: right for smooth objectives.

    Args:
        places: of the trials, see `ranking`.

    Returns:
        Values of mean 0 and variance 1, smaller is better; None where pruned trials have no comparable value.

    Example:
        >>> plain([(0, 0.0, 1.0), (0, 0.0, 3.0)]).tolist()
        [-1.0, 1.0]
    """
    kinds, values = np.array([place[0] for place in places]), np.array([place[2] for place in places])
    if (kinds == 1).any() or not (kinds == 0).any():
        return None
    return _standard(np.where(kinds == 0, values, values[kinds == 0].max()))


def half_ranked(places: Sequence[Place]) -> Float[np.ndarray, " N"]:
    """Ranks, as quantiles of a normal distribution, but differences among the good half of complete trials are kept.

    Right where bad trials are far off: how bad they are does not matter.

    Args:
        places: of the trials, see `ranking`.

    Returns:
        Values of mean 0 and variance 1, smaller is better.

    Source: the half-rank warping of Song et al. (2024), The Vizier Gaussian Process Bandit Algorithm, section 4.1.

    Example:
        >>> warped = half_ranked([(0, 0.0, value) for value in (1.0, 2.0, 3.0, 4.0, 1e9)])
        >>> bool(abs((warped[2] - warped[1]) / (warped[1] - warped[0]) - 1) < 1e-9), bool(warped[4] < 2)
        (True, True)
    """
    rank = ranks(places)
    quantiles = np.asarray(ndtri((rank - 0.5) / len(rank)))
    kinds, values = np.array([place[0] for place in places]), np.array([place[2] for place in places])
    good = (kinds == 0) & (rank <= (len(rank) + 1) / 2)
    if good.sum() >= 3:
        below = values[good] - values[good].max()
        last = quantiles[good].max()
        spread = np.sqrt(np.mean(below**2))
        if spread > 0:
            quantiles[good] = last + below * np.sqrt(np.mean((quantiles[good] - last) ** 2)) / spread
    return _standard(quantiles)


def _standard(values: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
    """Mean 0, variance 1; zeros where all are the same."""
    centred = values - values.mean()
    deviation = centred.std()
    return np.asarray(centred / deviation) if deviation > 0 else centred


JITTER = 1e-6
NOISE = exp(-5)  # median of the prior of the noise's variance


@dataclass(frozen=True)
class GaussianProcess:
    """A posterior, Matérn-5/2 with one length scale per group of columns.

    Attributes:
        points: of the trials.
        columns: weight of each column, 1 / length scale.
        variance: of the signal.
        noise: variance of the noise.
        factor: lower Cholesky factor of the trials' covariance.
        weights: covariance inverse times values.
    """

    points: Float[np.ndarray, "N C"]
    columns: Float[np.ndarray, " C"]
    variance: float
    noise: float
    factor: Float[np.ndarray, "N N"]
    weights: Float[np.ndarray, " N"]

    def covariance(self, a: Float[np.ndarray, "A C"], b: Float[np.ndarray, "B C"]) -> Float[np.ndarray, "A B"]:
        """Prior covariance between points."""
        a, b = a * self.columns, b * self.columns
        squared = np.maximum((a * a).sum(1)[:, None] + (b * b).sum(1) - 2 * a @ b.T, 0)
        root = np.sqrt(5 * squared)
        return np.asarray(self.variance * (1 + root + root * root / 3) * np.exp(-root))

    def predict(self, points: Float[np.ndarray, "M C"]) -> tuple[Float[np.ndarray, " M"], Float[np.ndarray, "N M"]]:
        """Means, and rows whose squares sum to what the trials take from the variance."""
        cross = self.covariance(self.points, points)
        return cross.T @ self.weights, solve_triangular(self.factor, cross, lower=True, check_finite=False)

    def left_out(self, values: Float[np.ndarray, " N"]) -> Float[np.ndarray, " N"]:
        """What is expected at each trial from the others. Source: Rasmussen & Williams (2006), equation 5.12."""
        precision = cho_solve((self.factor, True), np.eye(len(values)), check_finite=False)
        return values - self.weights / np.diag(precision)


def fit(
    points: Float[np.ndarray, "N C"], values: Float[np.ndarray, " N"], groups: Int[np.ndarray, " C"], steps: int = 50
) -> GaussianProcess:
    """Fit length scales, signal and noise by maximum a posteriori.

    Args:
        points: of the trials, in the unit cube.
        values: of the trials, centred, about unit variance.
        groups: to which length scale each column belongs, from 0.
        steps: iterations of L-BFGS, at most.

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
    """Squared distances between all pairs."""
    return np.asarray(((points[:, None] - points) ** 2).sum(-1))


def _negative_log_posterior(
    logs: Float[np.ndarray, " P"],
    squares: Float[np.ndarray, "G N*N"],
    values: Float[np.ndarray, " N"],
    means: Float[np.ndarray, " P"],
    spreads: Float[np.ndarray, " P"],
) -> tuple[float, Float[np.ndarray, " P"]]:
    """The objective of the fit and its gradient, in the logarithms of scales, signal and noise."""
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


LEAST = 1e-12  # variance of a candidate, at least


def log_expected_improvement(
    mean: Float[np.ndarray, " M"], deviation: Float[np.ndarray, " M"], best: float
) -> Float[np.ndarray, " M"]:
    """Logarithm of E[max(best - f, 0)] of normally distributed f, also where it is tiny.

    Args:
        mean: of each candidate.
        deviation: standard deviation of each, above 0.
        best: what is to be improved on.

    Returns:
        The logarithms.

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
    """Logarithm of the expected improvement of each candidate over the best expectation at a trial."""
    mean, rows = process.predict(points)
    variance = np.maximum(process.variance - (rows**2).sum(0), LEAST)
    return log_expected_improvement(mean, np.sqrt(variance), _incumbent(process))


def batch(process: GaussianProcess, points: Float[np.ndarray, "M C"], count: int) -> list[int]:
    """Pick candidates by expected improvement, each as if those before it had turned out as expected.

    Args:
        process: fitted to the trials.
        points: of the candidates.
        count: how many to pick, at most M.

    Returns:
        Their indices, in the order they were picked.

    Source: Ginsbourger, Le Riche & Carraro (2010), Kriging Is Well-Suited to Parallelize Optimization: the kriging
    believer. A candidate that turns out as expected leaves all means as they are and only takes from the variances.
    """
    mean, rows = process.predict(points)
    variance = np.maximum(process.variance - (rows**2).sum(0), LEAST)
    best = _incumbent(process)
    picked: list[int] = []
    for _ in range(count):
        score = log_expected_improvement(mean, np.sqrt(variance), best)
        score[picked] = -np.inf
        index = int(np.argmax(score))
        picked.append(index)
        shared = process.covariance(points[index : index + 1], points)[0] - rows[:, index] @ rows
        row = shared / sqrt(max(shared[index], 0.0) + process.noise)
        rows = np.concatenate([rows, row[None]])
        variance = np.maximum(variance - row * row, LEAST)
        best = min(best, float(mean[index]))
    return picked


def _incumbent(process: GaussianProcess) -> float:
    """The best expectation at a trial: with noise, the best observed value would be luck."""
    return float(process.predict(process.points)[0].min())
