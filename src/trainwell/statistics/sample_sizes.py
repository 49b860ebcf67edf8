"""What a plan of looks can find: its power, and the smallest difference it detects."""

from functools import lru_cache

import numpy as np
from jaxtyping import Float

from trainwell.statistics.boundary import crossing
from trainwell.statistics.sequential import Looks

FEW = 1e6  # with more sign patterns to reject, the sign-flip test is as powerful as the t test


def power(looks: Looks, effect: float, *, level: float | None = None) -> float:
    """Chance that a true difference is found by the last look.

    Differences are taken to be normal. At look j the sign-flip test is taken to reject like Student's t test at the
    largest level not above the nominal one that n differences can reach, a multiple of 2/2ⁿ: its chance comes from
    the noncentral t distribution with noncentrality effect·√n, less what few signs cost. The dependence between
    looks comes from the normal recursion of `boundary`.

    Args:
        looks: planned looks.
        effect: mean of the paired differences in their standard deviations, either sign.
        level: overall two-sided level of the pair, in (0, 1]; None: `looks.error_rate`. With many pairs, the error
            rate divided by their number is what Holm's correction grants at worst.

    Returns:
        The chance, in [0, 1]; 0 where no look has enough seeds to reject at all.

    Raises:
        ValueError: `level` is outside (0, 1].

    Example:
        >>> round(power(Looks((20,)), 0.66), 2)  # 20 seeds find two thirds of a standard deviation
        0.8

    Source: Jennison & Turnbull (2000), chapter 19; Cohen (1988), chapter 2, for one look.
    """
    return float(np.clip(stops(looks, effect, level).sum(), 0.0, 1.0))


def detectable(looks: Looks, chance: float = 0.8, *, level: float | None = None) -> float:
    """The true difference that is found by the last look with the given power.

    Args:
        looks: planned looks.
        chance: power, in (0, 1).
        level: as in `power`.

    Returns:
        The effect, in standard deviations of the paired differences; inf where no look has enough seeds; 0 where
        the power is no more than the level.

    Raises:
        ValueError: `chance` is outside (0, 1), or `level` outside (0, 1].

    Example:
        >>> round(detectable(Looks((20,))), 2)
        0.66
    """
    if not 0 < chance < 1:
        raise ValueError(f"power must be in (0, 1), got {chance}: 0.8 means 80%")
    if power(looks, 0.0, level=level) >= chance:
        return 0.0
    high = 1.0
    while power(looks, high, level=level) < chance:
        high *= 2
        if high > 1e4:  # no look has enough seeds
            return np.inf
    low = 0.0
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if power(looks, middle, level=level) >= chance else (middle, high)
    return high


def stops(looks: Looks, effect: float, level: float | None) -> Float[np.ndarray, " L"]:
    """Chance that the difference is found at each look."""
    from scipy.special import ndtri

    nominal = looks.nominal(looks.error_rate if level is None else level)
    both = list(zip(looks.seeds, nominal.tolist(), strict=True))
    below, above = ([_tail(n, own / 2, sign * effect) for n, own in both] for sign in (-1, 1))
    # Bounds for a standard normal variable that it leaves as often as the test rejects.
    return crossing(np.asarray(looks.seeds), ndtri(below), -ndtri(above))


def _tail(n: int, level: float, effect: float) -> float:
    """Chance that the one-sided sign-flip test of n normal differences rejects.

    All signs must agree at the smallest level, 1/2ⁿ, which has the chance Φ(effect)ⁿ. There Student's t test would
    be found more often by some distance on the probit scale; at k/2ⁿ that distance is about 1/√k as large. With 8 to
    16 simulated differences the result was within 4% of the truth where the truth was at least 10%.
    """
    from scipy.special import ndtr, ndtri

    patterns = 2.0 ** min(n, 1000)
    rejected = float(np.floor(level * patterns + 1e-9))
    if rejected == 0:
        return 0.0
    student = _student_tail(n, rejected / patterns, effect)
    if rejected > FEW:
        return student
    smallest, agree, student = (
        np.clip(p, 1e-300, 1 - 1e-16) for p in (_student_tail(n, 1 / patterns, effect), ndtr(effect) ** n, student)
    )
    return float(ndtr(ndtri(student) - (ndtri(smallest) - ndtri(agree)) / np.sqrt(rejected)))


def _student_tail(n: int, level: float, effect: float) -> float:
    """Chance that the one-sided t test of n normal differences rejects: the noncentral t distribution."""
    from scipy.special import ndtr, stdtrit

    scale, weights = _scales(n - 1)
    tail = weights @ ndtr(effect * np.sqrt(n) + float(stdtrit(n - 1, level)) * scale)
    return min(1.0, float(tail))  # rounding must not carry it beyond 1


@lru_cache(maxsize=128)
def _scales(freedom: int) -> tuple[Float[np.ndarray, " G"], Float[np.ndarray, " G"]]:
    """Nodes and weights for a mean over s/σ, the root of χ² over its degrees of freedom.

    The noncentral t probabilities are means of normal ones over it; SciPy's are NaN in far tails.
    """
    from scipy.special import chdtri, gammaln

    low, high = np.sqrt(chdtri(freedom, np.array([1 - 1e-15, 1e-15])) / freedom)
    unit, weights = np.polynomial.legendre.leggauss(200)
    scale, half = (low + high) / 2 + (high - low) / 2 * unit, freedom / 2
    density = np.exp(np.log(2) + half * np.log(half) - gammaln(half) + (freedom - 1) * np.log(scale) - half * scale**2)
    return scale, (high - low) / 2 * weights * density
