"""The state of all pairs while they are judged look by look."""

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.statistics.along import mean_intervals
from trainwell.statistics.correction import holm
from trainwell.statistics.sequential import Looks
from trainwell.statistics.signflip import sign_flip_interval, sign_flip_p
from trainwell.statistics.skewness import skewed_mean_interval, skewed_mean_p, skewness, skewness_p

SKEWED = 0.05  # differences that so few normal ones are as skewed as count as skewed


class Judged:
    """What is known about each pair after the looks so far; a decided pair's entries no longer change.

    Args:
        d: paired differences, one row per seed, one column per pair; NaN after a pair's last seed.
        looks: planned looks.
        margin: a difference below it does not matter.
    """

    def __init__(self, d: Float[np.ndarray, "N P"], looks: Looks, margin: float) -> None:
        num_pairs = d.shape[1]
        self.d, self.looks, self.margin = d, looks, margin
        self.shared: Int[np.ndarray, " P"] = np.isfinite(d).sum(0)
        self.at = np.full(num_pairs, -1)
        self.n = np.zeros(num_pairs, int)
        self.difference, self.p, self.low, self.high = np.full((4, num_pairs), np.nan)
        # A pair without results counts among the tests as one that found nothing.
        self.overall, self.overall_equivalence, self.adjusted, self.equivalence = np.ones((4, num_pairs))
        self.differs, self.equivalent, self.exact, self.skewed = np.zeros((4, num_pairs), bool)
        self.skewness = np.full(num_pairs, np.nan)

    def look(self, n: int) -> None:
        """Judge the open pairs that have new seeds, with at most n of them."""
        have = np.minimum(self.shared, n)
        fresh = ~(self.differs | self.equivalent) & (have > self.n)
        groups = [(int(m), np.flatnonzero(fresh & (have == m))) for m in np.unique(have[fresh])]
        for m, pairs in groups:
            self._test(m, pairs)
        self.adjusted[fresh] = holm(self.overall)[fresh]
        self.equivalence[fresh] = holm(self.overall_equivalence)[fresh]
        found = np.minimum(self.adjusted, self.equivalence) <= self.looks.error_rate
        last = (self.shared <= n) | (n == self.looks.seeds[-1])
        for m, pairs in groups:  # intervals take longest: only where something is said now
            self._bound(m, pairs[(found | last)[pairs]])
        self.differs[fresh] = self._significant()[fresh]
        self.equivalent[fresh] = self._negligible()[fresh]

    def _test(self, m: int, pairs: Int[np.ndarray, " Q"]) -> None:
        """Both p-values of pairs at m seeds, valid for all looks."""
        plan, d = self.looks.ended(m), self.d[:m, pairs]
        look = plan.seeds.index(m)
        self.n[pairs], self.at[pairs] = m, look
        self.difference[pairs] = d.mean(0)
        p, q = sign_flip_p(d), _beyond(d, self.margin)
        self.skewness[pairs] = gamma = skewness(d)
        # A mean that a long tail on its other side has hardly moved yet: sign flips alone would be too sure of it.
        self.skewed[pairs] = skewed = (skewness_p(d) <= SKEWED) & (gamma * d.mean(0) < 0)
        if skewed.any():
            own = d[:, skewed]
            less, greater = skewed_mean_p(own, "less"), skewed_mean_p(own, "greater")
            p[skewed] = np.maximum(p[skewed], 2 * np.minimum(less, greater))
            below, above = skewed_mean_p(own - self.margin, "less"), skewed_mean_p(own + self.margin, "greater")
            q[skewed] = np.maximum(q[skewed], np.maximum(below, above))
        self.p[pairs] = p
        self.overall[pairs] = plan.overall(look, p)
        # One tail of a symmetric two-sided rule; paths that cross both bounds are too rare to count.
        self.overall_equivalence[pairs] = np.where(q < 0.5, plan.overall(look, np.minimum(1, 2 * q)) / 2, 1.0)

    def _bound(self, m: int, pairs: Int[np.ndarray, " Q"]) -> None:
        """The intervals of pairs at m seeds: repeated ones, at the look's nominal level."""
        plan, d = self.looks.ended(m), self.d[:m, pairs]
        confidence = 1 - float(plan.nominal(plan.error_rate)[plan.seeds.index(m)])
        low, high = sign_flip_interval(d, confidence)
        self.exact[pairs] = exact = np.isfinite(low)
        normal = mean_intervals(d, confidence)
        low, high = np.where(exact, low, normal.low), np.where(exact, high, normal.high)
        skewed = self.skewed[pairs]
        if skewed.any():
            low[skewed], high[skewed] = skewed_mean_interval(d[:, skewed], confidence)
        self.low[pairs], self.high[pairs] = low, high

    def _significant(self) -> Bool[np.ndarray, " P"]:
        """Pairs whose difference is not zero, by test and interval."""
        return np.asarray((self.adjusted <= self.looks.error_rate) & ((self.low > 0) | (self.high < 0)))

    def _negligible(self) -> Bool[np.ndarray, " P"]:
        """Pairs whose difference is smaller than the margin, by test and interval."""
        inside = (self.low >= -self.margin) & (self.high <= self.margin)
        return np.asarray((self.equivalence <= self.looks.error_rate) & inside)


def _beyond(d: Float[np.ndarray, "n P"], margin: float) -> Float[np.ndarray, " P"]:
    """Test of a mean beyond ±margin: the larger of two one-sided p-values, 1 where the mean is itself beyond."""
    p = np.ones(d.shape[1])
    near = np.flatnonzero(np.abs(d.mean(0)) < margin)
    below = sign_flip_p(d[:, near] - margin, "less")
    above = sign_flip_p(d[:, near] + margin, "greater")
    p[near] = np.maximum(below, above)
    return p
