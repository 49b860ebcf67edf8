"""Group sequential tests: a comparison is tested several times while seeds are added, at one overall error rate.

Each of these tests is called a look.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from jaxtyping import Float

from trainwell.statistics.boundary import bounds

Spending = Literal["linear", "pocock", "obrien_fleming"]
SPENDINGS = get_args(Spending)


def spent(
    spending: Spending, alpha: Float[np.ndarray, " A"], share: Float[np.ndarray, " T"]
) -> Float[np.ndarray, "A T"]:
    """Error spending functions: the error rate α*(t) used up to the share t of the planned data; α*(0) = 0, α*(1) = α.

    * linear: α·t, the power family with ρ = 1.
    * pocock: α·log(1 + (e − 1)·t), approximately equal nominal levels.
    * obrien_fleming: 4·(1 − Φ(z_{α/4}/√t)), almost nothing early. Each tail spends half of the rate, as in the
      published tables. Spending both tails in one function, 2·(1 − Φ(z_{α/2}/√t)), is another rule with the same name.

    Args:
        spending: name of the function.
        alpha: overall two-sided error rates, in (0, 1].
        share: shares of the planned data, in (0, 1].

    Returns:
        One row per error rate, one column per share.

    Example:
        >>> spent("linear", np.array([0.05]), np.array([0.5, 1.0])).tolist()
        [[0.025, 0.05]]

    Source: Lan & DeMets (1983) for the latter two; Kim & DeMets (1987) for the power family.
    """
    from scipy.special import ndtr, ndtri

    alpha, share = np.asarray(alpha, np.float64)[:, None], np.asarray(share, np.float64)
    if spending == "linear":
        return np.asarray(alpha * share)
    if spending == "pocock":
        return np.asarray(alpha * np.log1p((np.e - 1) * share))
    return np.asarray(4 * ndtr(ndtri(alpha / 4) / np.sqrt(share)))


SMALLEST = 1e-9  # smaller overall p-values are set to it
PER_DECADE = 40  # points of the grid of overall error rates; interpolation has a relative error of about 1e-4


@dataclass(frozen=True)
class Looks:
    """The plan of a group sequential test: the number of seeds at each look, and the error rate spent there.

    A p-value at look j is significant at overall level α if it is at most the nominal level of that look. Nominal
    levels are chosen so that under the null hypothesis the probability of any significant look is α. They are computed
    from the joint normal distribution of the means at the looks (correlation √(nᵢ/nⱼ)). The p-values may come from any
    valid test (the "significance level approach"); only the dependence between looks is assumed to be normal. In
    simulations with sign-flip p-values of 10 to 24 seeds (normal, Laplace, t₃ and Cauchy), this probability was at most
    1.06·α, and less than α with many ties.

    Attributes:
        seeds: seeds per contender at each look, ascending.
        error_rate: probability of any false difference (and of any false equivalence), over all looks.
        spending: how it is spent: "linear" in the number of seeds, "pocock" or "obrien_fleming".
        most: number of seeds at which it is spent completely; None for that of the last look.

    Raises:
        ValueError: a field is out of its range.

    Example:
        >>> Looks((10, 20)).nominal(0.05).round(4).tolist()
        [0.025, 0.0336]

    Source: Jennison & Turnbull (2000), "Group sequential methods with applications to clinical trials", sections 4.4
    and 7.2; Kim & DeMets (1987), Biometrika 74, for the linear rule.
    """

    seeds: tuple[int, ...]
    error_rate: float = 0.05
    spending: Spending = "linear"
    most: int | None = None

    def __post_init__(self) -> None:
        if not self.seeds or self.seeds[0] < 1 or any(a >= b for a, b in zip(self.seeds, self.seeds[1:], strict=False)):
            raise ValueError(f"seeds must be ascending numbers, at least 1, got {self.seeds}: try (10, 20, 30)")
        if not 0 < self.error_rate < 1:
            raise ValueError(f"error_rate must be in (0, 1), got {self.error_rate}: 0.05 means 5%")
        if self.spending not in SPENDINGS:
            raise ValueError(f"spending must be one of {', '.join(SPENDINGS)}, got {self.spending!r}")
        if self.most is not None and self.most < self.seeds[-1]:
            raise ValueError(f"most must be at least the seeds of the last look, {self.seeds[-1]}, got {self.most}")

    def nominal(self, alpha: float) -> Float[np.ndarray, " L"]:
        """The two-sided significance level of each look that gives the overall level α.

        Args:
            alpha: overall level, in (0, 1].

        Returns:
            One level per look; α itself if there is a single look with all planned seeds.

        Raises:
            ValueError: `alpha` is outside (0, 1].
        """
        if not 0 < alpha <= 1:
            raise ValueError(f"alpha must be in (0, 1], got {alpha}: 0.05 means 5%")
        return np.array(_levels(self, alpha))

    def overall(self, look: int, p: Float[np.ndarray, " P"] | float) -> Float[np.ndarray, " P"]:
        """The smallest overall level at which p is significant at a look: the inverse of `nominal`.

        It is a valid p-value whatever the look at which the test stops.

        Args:
            look: index of the look, from 0.
            p: two-sided p-values at that look; NaN stays NaN.

        Returns:
            Overall p-values in [1e-9, 1], of the shape of p; p itself if there is a single look with all planned seeds.
        """
        p = np.asarray(p, np.float64)
        if self._shares().tolist() == [1.0]:
            return np.asarray(np.maximum(p, SMALLEST))
        alphas, levels = _table(self)
        logs = np.interp(np.log(np.maximum(p, 1e-300)), np.log(levels[:, look]), np.log(alphas), right=0.0)
        return np.asarray(np.exp(logs))

    def ended(self, seeds: int) -> "Looks":
        """The plan of a test that is stopped early: the looks with fewer seeds, and one more with these seeds.

        Only the error rate for the share of seeds reached is spent, so stopping early makes no result significant that
        would not be in the original plan. If more seeds are added later, the extra look must remain in the plan.

        Args:
            seeds: seeds per contender so far, at most those of the last look.

        Returns:
            The shortened plan; this plan if it has a look with these seeds.
        """
        if seeds in self.seeds:
            return self
        before = tuple(n for n in self.seeds if n < seeds)
        return Looks((*before, seeds), self.error_rate, self.spending, self.most or self.seeds[-1])

    def _shares(self) -> Float[np.ndarray, " L"]:
        """Share of all planned seeds at each look."""
        return np.asarray(self.seeds, np.float64) / (self.most or self.seeds[-1])


def default_looks(num_pairs: int, most: int = 30, count: int = 4, error_rate: float = 0.05) -> Looks:
    """A plan whose first look is the earliest that can be significant, and whose last look has all seeds.

    The first look has at least 10 seeds, and enough for a significant result under Holm's correction for all pairs if
    all differences of a pair have the same sign (p = 2/2ⁿ, the smallest possible). The other looks follow at equal
    distances.

    Args:
        num_pairs: number of compared pairs.
        most: maximum number of seeds per contender.
        count: number of looks; there are fewer if `most` is too small.
        error_rate: as in `Looks`.

    Returns:
        The plan, with linear spending; a single look at `most` if no earlier look could be significant.

    Raises:
        ValueError: a number is below 1.

    Example:
        >>> default_looks(num_pairs=15).seeds
        (11, 17, 24, 30)
    """
    if min(num_pairs, most, count) < 1:
        raise ValueError(f"num_pairs, most and count must be at least 1, got {num_pairs}, {most} and {count}")
    able = (n for n in range(10, most) if 2 / 2**n * num_pairs <= error_rate * n / most)
    first = next(able, most) if count > 1 else most
    seeds = sorted({round(n) for n in np.linspace(first, most, count).tolist()})
    return Looks(tuple(seeds), error_rate)


def _nominal(looks: Looks, alphas: Float[np.ndarray, " A"]) -> Float[np.ndarray, "A L"]:
    """Nominal levels of every look, one row per overall level."""
    from scipy.special import ndtr

    shares = looks._shares()
    if shares.tolist() == [1.0]:
        return alphas[:, None]
    used = spent(looks.spending, alphas, shares)
    return np.asarray(2 * ndtr(-bounds(np.asarray(looks.seeds), used)))


@lru_cache(maxsize=1024)
def _levels(looks: Looks, alpha: float) -> tuple[float, ...]:
    """Nominal levels of every look for one overall level."""
    return tuple(_nominal(looks, np.array([alpha], np.float64))[0].tolist())


@lru_cache(maxsize=64)
def _table(looks: Looks) -> tuple[Float[np.ndarray, " A"], Float[np.ndarray, "A L"]]:
    """Overall levels on a logarithmic grid, and their nominal levels."""
    alphas = np.logspace(np.log10(SMALLEST), 0, round(-np.log10(SMALLEST)) * PER_DECADE + 1)
    return alphas, _nominal(looks, alphas)
