"""Which candidates are worth trying: a batch of them, one after another, before any result is known."""

from math import log, pi, sqrt

import numpy as np
from jaxtyping import Float
from scipy.special import erfcx, ndtr

from trainwell.search.coarse_to_fine.surrogate import GaussianProcess

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
