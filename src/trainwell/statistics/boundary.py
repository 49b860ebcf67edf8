"""Significance bounds of a group sequential test, and the probability of crossing them.

The test is repeated as data are added; each repetition is called a look. Under the null hypothesis the standardised
means Z₁, Z₂, … at the looks are normal with correlation √(nᵢ/nⱼ). Given that Z₁ … Zⱼ are inside their bounds, the
density of Zⱼ₊₁ is an integral over the density of Zⱼ. This density is represented by probability masses at
Gauss-Legendre nodes (`Paths`: nodes and masses, one row per set of bounds).

Source: Armitage, McPherson & Rowe (1969), "Repeated significance tests on accumulating data"; Jennison & Turnbull
(2000), "Group sequential methods", chapter 19.
"""

from functools import lru_cache

import numpy as np
from jaxtyping import Float, Int

FAR = 9.0  # the normal probability beyond it, 1e-19, is negligible
UPMOST = 38.0  # the largest bound: Φ(−38) is about the smallest float64

Paths = tuple[Float[np.ndarray, "A G"], Float[np.ndarray, "A G"]]


def bounds(seeds: Int[np.ndarray, " L"], spent: Float[np.ndarray, "A L"]) -> Float[np.ndarray, "A L"]:
    """Symmetric bounds c with P(|Z₁| < c₁, …, |Zⱼ₋₁| < cⱼ₋₁, |Zⱼ| >= cⱼ) = the error rate spent at look j.

    Args:
        seeds: number of seeds at each look, ascending.
        spent: cumulative error rate up to each look, ascending along a row.

    Returns:
        The bounds, one row per row of `spent`; 0 where the error rate reaches 1.

    Example:
        >>> bounds(np.array([20]), np.array([[0.05]])).round(3).tolist()
        [[1.96]]
    """
    found = np.empty(spent.shape)
    paths = _start(len(spent))
    for look, correlation in enumerate(_correlations(seeds)):
        step = spent[:, look] - (spent[:, look - 1] if look else 0.0)
        low, high = np.zeros(len(spent)), np.full(len(spent), UPMOST)
        for _ in range(60):  # bisection: UPMOST/2⁶⁰ is below float64's resolution
            middle = (low + high) / 2
            over = 2 * _above(paths, correlation, middle) > step
            low, high = np.where(over, middle, low), np.where(over, high, middle)
        found[:, look] = high
        paths = _continued(paths, correlation, -high, high)
    return found


def crossing(
    seeds: Int[np.ndarray, " L"], low: Float[np.ndarray, " L"], high: Float[np.ndarray, " L"]
) -> Float[np.ndarray, " L"]:
    """Probability that Z leaves (low, high) for the first time at each look.

    Args:
        seeds: number of seeds at each look, ascending.
        low: lower bounds; −inf for none.
        high: upper bounds; inf for none. If `high` is at most `low`, Z leaves with certainty.

    Returns:
        One probability per look. One minus their sum is the probability of staying inside at all looks.

    Example:
        >>> crossing(np.array([20]), np.array([-1.96]), np.array([1.96])).round(3).tolist()
        [0.05]
    """
    chances = np.empty(len(low))
    paths = _start(1)
    for look, correlation in enumerate(_correlations(seeds)):
        below, above = low[look : look + 1], np.maximum(high[look : look + 1], low[look : look + 1])
        mirrored = (-paths[0], paths[1])
        chances[look] = (_above(mirrored, correlation, -below) + _above(paths, correlation, above))[0]
        paths = _continued(paths, correlation, below, above)
    return chances


def _start(rows: int) -> Paths:
    """The state before any data: all mass at 0, which does not affect the first look."""
    return np.zeros((rows, 1)), np.ones((rows, 1))


def _correlations(seeds: Int[np.ndarray, " L"]) -> list[float]:
    """Correlation of each look's Z with that of the previous look; 0 for the first."""
    return [0.0, *np.sqrt(seeds[:-1] / seeds[1:]).tolist()]


def _above(paths: Paths, correlation: float, bound: Float[np.ndarray, " A"]) -> Float[np.ndarray, " A"]:
    """Probability that the next Z is at least the bound."""
    from scipy.special import ndtr

    nodes, mass = paths
    spread = np.sqrt(1 - correlation**2)
    return np.asarray((mass * ndtr((correlation * nodes - bound[:, None]) / spread)).sum(1))


def _continued(paths: Paths, correlation: float, low: Float[np.ndarray, " A"], high: Float[np.ndarray, " A"]) -> Paths:
    """The paths whose next Z is between low and high."""
    nodes, mass = paths
    spread = np.sqrt(1 - correlation**2)
    # The kernel must be at least as wide as the distance between nodes, which is at most π/2·2·FAR/G.
    unit, weights = _rule(max(64, int(np.ceil(28 / spread))))
    low, high = np.clip(low, -FAR, FAR)[:, None], np.clip(high, -FAR, FAR)[:, None]
    ahead = (low + high) / 2 + (high - low) / 2 * unit
    carried = [  # row by row to save memory: many close looks would need gigabytes
        np.exp(-0.5 * ((after[:, None] - correlation * before) / spread) ** 2) @ here
        for after, before, here in zip(ahead, nodes, mass, strict=True)
    ]
    return ahead, np.stack(carried) * ((high - low) / 2 * weights) / (spread * np.sqrt(2 * np.pi))


@lru_cache(maxsize=128)
def _rule(count: int) -> tuple[Float[np.ndarray, " G"], Float[np.ndarray, " G"]]:
    """Gauss-Legendre nodes and weights on (−1, 1)."""
    nodes, weights = np.polynomial.legendre.leggauss(count)
    return nodes, weights
