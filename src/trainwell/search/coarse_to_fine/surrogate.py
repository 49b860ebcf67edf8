"""A Gaussian process over trials: what to expect of a candidate, and how sure."""

from dataclasses import dataclass
from math import exp, log, sqrt

import numpy as np
from jaxtyping import Float, Int
from scipy.linalg import cho_solve, solve_triangular
from scipy.optimize import minimize

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
