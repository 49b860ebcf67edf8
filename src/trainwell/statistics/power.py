"""What a plan of looks can find: its power, the seeds it takes, and the smallest difference it detects."""

import numpy as np
from jaxtyping import Float

from trainwell.statistics.boundary import crossing
from trainwell.statistics.sequential import Looks


def power(looks: Looks, effect: float, *, level: float | None = None) -> float:
    """Chance that a true difference is found by the last look.

    Differences are taken to be normal. At look j the sign-flip test is taken to reject like Student's t test at the
    largest level not above the nominal one that n differences can reach, a multiple of 2/2ⁿ; its chance comes from
    the noncentral t distribution with noncentrality effect·√n, and the dependence between looks from the normal
    recursion of `boundary`. For one look it is the t test's power at that level.

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
    return _found(looks, effect, level)


def expected_seeds(looks: Looks, effect: float, *, level: float | None = None) -> float:
    """Mean number of seeds per contender until a true difference is found or the last look is over.

    Stopping early because the pair is equivalent is not counted.

    Args:
        looks: planned looks.
        effect: mean of the paired differences in their standard deviations.
        level: as in `power`.

    Returns:
        Seeds, between those of the first and of the last look.

    Raises:
        ValueError: `level` is outside (0, 1].

    Example:
        >>> round(expected_seeds(Looks((10, 20, 30)), 1.0))
        14
    """
    stops = _stops(looks, effect, level)
    return float(stops @ np.asarray(looks.seeds) + max(0.0, 1 - stops.sum()) * looks.seeds[-1])


def detectable(looks: Looks, power: float = 0.8, *, level: float | None = None) -> float:
    """The true difference that is found by the last look with the given power.

    Args:
        looks: planned looks.
        power: chance to find it, in (0, 1).
        level: as in `power`.

    Returns:
        The effect, in standard deviations of the paired differences; inf where no look has enough seeds; 0 where
        the power is no more than the level.

    Raises:
        ValueError: `power` is outside (0, 1), or `level` outside (0, 1].

    Example:
        >>> round(detectable(Looks((20,))), 2)
        0.66
    """
    if not 0 < power < 1:
        raise ValueError(f"power must be in (0, 1), got {power}: 0.8 means 80%")
    if _found(looks, 0.0, level) >= power:
        return 0.0
    high = 1.0
    while _found(looks, high, level) < power:
        high *= 2
        if high > 1e4:  # the power stays 0, or the noncentral t has left float64's range
            return float("inf")
    low = 0.0
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if _found(looks, middle, level) >= power else (middle, high)
    return high


def _found(looks: Looks, effect: float, level: float | None) -> float:
    """Chance that the difference is found at any look."""
    return min(1.0, float(_stops(looks, effect, level).sum()))


def _stops(looks: Looks, effect: float, level: float | None) -> Float[np.ndarray, " L"]:
    """Chance that the difference is found at each look."""
    from scipy.special import ndtri, stdtrit
    from scipy.stats import nct

    seeds = np.asarray(looks.seeds)
    nominal = looks.nominal(looks.error_rate if level is None else level)
    patterns = 2.0 ** np.minimum(seeds, 1000)
    reached = np.floor(nominal / 2 * patterns + 1e-9) / patterns  # one-sided
    low, high = np.full(len(seeds), -np.inf), np.full(len(seeds), np.inf)
    for look in np.flatnonzero(reached > 0):
        n = int(seeds[look])
        critical = -float(stdtrit(n - 1, reached[look]))
        # Bounds for a standard normal variable that is crossed as often as t crosses its own.
        distribution = nct(n - 1, abs(effect) * np.sqrt(n))
        low[look] = ndtri(distribution.cdf(-critical))
        high[look] = -ndtri(distribution.sf(critical))
    return crossing(seeds, low, high)
