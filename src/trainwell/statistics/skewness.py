"""Skewness of paired differences, and a test of their mean that accounts for it."""

from typing import Literal

import numpy as np
from jaxtyping import Float

FEWEST = 8
"""Minimum number of values for the test of skewness."""


def skewness(d: Float[np.ndarray, "n P"]) -> Float[np.ndarray, " P"]:
    """The adjusted Fisher-Pearson skewness of each column, G₁ = √(n(n−1))/(n−2) · m₃/m₂^1.5.

    Args:
        d: differences, one row per seed, one column per pair.

    Returns:
        Negative if the lower tail is longer, 0 for symmetric values; NaN for fewer than 3 values or equal ones.

    Example:
        >>> skewness(np.array([[1.0, 0.0], [2.0, 0.0], [6.0, 9.0]])).round(2).tolist()
        [1.46, 1.73]

    Source: Joanes and Gill (1998), "Comparing measures of sample skewness and kurtosis".
    """
    n = len(d)
    if n < 3:
        return np.full(d.shape[1], np.nan)
    return np.asarray(np.sqrt(n * (n - 1)) / (n - 2) * _moments(d))


def skewness_p(d: Float[np.ndarray, "n P"]) -> Float[np.ndarray, " P"]:
    """One-sided p-value of each column's skewness, under the hypothesis that the values are normal.

    Args:
        d: differences, one row per seed, one column per pair.

    Returns:
        p-values, at most ½; 1 for fewer than 8 values or equal ones, for which no test is possible.

    Source: D'Agostino (1970), "Transformation to normality of the null distribution of g₁", Biometrika 57.
    """
    from scipy.special import ndtr

    n = len(d)
    if n < FEWEST:
        return np.ones(d.shape[1])
    y = np.abs(_moments(d)) * np.sqrt((n + 1) * (n + 3) / (6.0 * (n - 2)))
    beta = 3.0 * (n**2 + 27 * n - 70) * (n + 1) * (n + 3) / ((n - 2.0) * (n + 5) * (n + 7) * (n + 9))
    w2 = np.sqrt(2 * (beta - 1)) - 1
    z = np.arcsinh(y * np.sqrt((w2 - 1) / 2)) / np.sqrt(np.log(w2) / 2)
    return np.asarray(np.where(np.isnan(z), 1.0, ndtr(-z)))


def skewed_mean_p(d: Float[np.ndarray, "n P"], alternative: Literal["greater", "less"]) -> Float[np.ndarray, " P"]:
    """Hall's test of the mean of skewed values: a transformed t statistic, compared with Student's t distribution.

    With τ = mean/sd, skewness γ and x = 1 + γτ/3, the statistic is √n·((x³ − 1)/γ + γ/6n)
    = √n·(τ + γτ²/3 + γ²τ³/27 + γ/6n). The formula holds for small γτ and is flat at x = 0. For x < ½ it is therefore
    replaced by its tangent at ½, so that a mean far from 0 is detected however skewed the values are.

    Args:
        d: differences, one row per seed, one column per pair; at least 3 rows, not all equal.
        alternative: "greater" tests for a mean above 0, "less" for one below 0.

    Returns:
        The p-value of every pair.

    Source: Hall (1992), "On the removal of skewness by transformation", JRSS B 54.
    """
    from scipy.special import stdtr

    n, gamma = len(d), _not_zero(skewness(d))
    x = 1 + gamma / 3 * d.mean(0) / d.std(0, ddof=1)
    t = np.sqrt(n) * ((np.where(x < 0.5, 0.75 * x - 0.25, x**3) - 1) / gamma + gamma / (6 * n))
    return np.asarray(stdtr(n - 1, -t if alternative == "greater" else t))


def skewed_mean_interval(
    d: Float[np.ndarray, "n P"], confidence: float
) -> tuple[Float[np.ndarray, " P"], Float[np.ndarray, " P"]]:
    """The confidence interval that inverts `skewed_mean_p`, with half of the level on each side.

    Args:
        d: as for `skewed_mean_p`.
        confidence: coverage, in (0, 1).

    Returns:
        Lower and upper ends, one per pair.
    """
    from scipy.special import stdtrit

    n, gamma, mean, sd = len(d), _not_zero(skewness(d)), d.mean(0), d.std(0, ddof=1)
    far = stdtrit(n - 1, 0.5 + confidence / 2) / np.sqrt(n)
    cubes = [1 + gamma * (end - gamma / (6 * n)) for end in (far, -far)]
    low, high = (3 * (np.where(y < 0.125, (y + 0.25) / 0.75, np.cbrt(y)) - 1) / gamma for y in cubes)
    return mean - sd * low, mean - sd * high


def _not_zero(gamma: Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """Skewness without values near 0, for division; the replacement changes no result."""
    return np.asarray(np.where(np.abs(gamma) < 1e-6, 1e-6, gamma))


def _moments(d: Float[np.ndarray, "n P"]) -> Float[np.ndarray, " P"]:
    """g₁ = m₃/m₂^1.5; NaN where all values are equal up to rounding."""
    centred = d - d.mean(0)
    second, third = (centred**2).mean(0), (centred**3).mean(0)
    spread = second > (1e-9 * np.abs(d).max(0, initial=0.0)) ** 2
    size = second**1.5
    return np.asarray(np.divide(third, size, out=np.full(d.shape[1], np.nan), where=spread & (size > 0)))
