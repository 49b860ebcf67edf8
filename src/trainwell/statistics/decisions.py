"""Decides which pairs of contenders differ, which are equivalent, and which need more seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Bool, Float, Int

from trainwell.statistics.intervals import mean_intervals
from trainwell.statistics.sequential import Looks
from trainwell.statistics.signflip import sign_flip_interval, sign_flip_p
from trainwell.statistics.skewness import skewed_mean_interval, skewed_mean_p, skewness, skewness_p


def holm(p: Sequence[float] | Float[np.ndarray, " P"]) -> Float[np.ndarray, " P"]:
    """Holm's adjustment of p-values for multiple tests.

    If adjusted p-values up to α count as significant, the probability of any false positive is at most α. The i-th
    smallest of P values becomes max over j ≤ i of (P − j + 1)·p₍ⱼ₎, at most 1. This holds for any dependence between
    the tests, and has at least the power of Bonferroni's P·p.

    Args:
        p: in any order, each in [0, 1]; NaN (no test was possible) is ignored and stays NaN.

    Returns:
        The adjusted p-values in the given order.

    Raises:
        ValueError: a value is outside [0, 1].

    Example:
        >>> holm([0.04, 0.01, float("nan"), 0.03]).tolist()
        [0.06, 0.03, nan, 0.06]

    Source: Holm (1979), "A simple sequentially rejective multiple test procedure".
    """
    p = np.asarray(p, np.float64)
    if np.any((p < 0) | (p > 1)):
        raise ValueError(f"p-values must be in [0, 1], got {p[(p < 0) | (p > 1)][0]}")
    tests = np.flatnonzero(~np.isnan(p))
    ascending = tests[np.argsort(p[tests], kind="stable")]
    stepped = p[ascending] * np.arange(len(ascending), 0, -1)
    adjusted = np.full_like(p, np.nan)
    adjusted[ascending] = np.minimum(1.0, np.maximum.accumulate(stepped))
    return adjusted


SKEWED = 0.05  # differences count as skewed if the p-value of their skewness is at most this


class Judged:
    """Test results of all pairs after the looks so far. Results of a decided pair no longer change.

    Args:
        d: paired differences, one row per seed, one column per pair; NaN after a pair's last seed.
        looks: planned looks.
        margin: differences smaller than this do not matter.
    """

    def __init__(self, d: Float[np.ndarray, "N P"], looks: Looks, margin: float) -> None:
        num_pairs = d.shape[1]
        self.d, self.looks, self.margin = d, looks, margin
        self.shared: Int[np.ndarray, " P"] = np.isfinite(d).sum(0)
        self.at = np.full(num_pairs, -1)
        self.n = np.zeros(num_pairs, int)
        self.difference, self.p, self.low, self.high = np.full((4, num_pairs), np.nan)
        # In Holm's correction, pairs without results count as tests with p = 1.
        self.overall, self.overall_equivalence, self.p_adjusted, self.p_equivalence = np.ones((4, num_pairs))
        self.differs, self.equivalent, self.exact, self.skewed = np.zeros((4, num_pairs), bool)
        self.skewness = np.full(num_pairs, np.nan)

    def look(self, n: int) -> None:
        """Test the undecided pairs that have new seeds, with at most n seeds."""
        have = np.minimum(self.shared, n)
        fresh = ~(self.differs | self.equivalent) & (have > self.n)
        groups = [(int(m), np.flatnonzero(fresh & (have == m))) for m in np.unique(have[fresh])]
        for m, pairs in groups:
            self._test(m, pairs)
        self.p_adjusted[fresh] = holm(self.overall)[fresh]
        self.p_equivalence[fresh] = holm(self.overall_equivalence)[fresh]
        found = np.minimum(self.p_adjusted, self.p_equivalence) <= self.looks.error_rate
        last = (self.shared <= n) | (n == self.looks.seeds[-1])
        for m, pairs in groups:  # intervals take the longest, so they are computed only for results that are final now
            self._bound(m, pairs[(found | last)[pairs]])
        self.differs[fresh] = self._significant()[fresh]
        self.equivalent[fresh] = self._negligible()[fresh]

    def _test(self, m: int, pairs: Int[np.ndarray, " Q"]) -> None:
        """Compute both p-values of pairs at m seeds, valid over all looks."""
        plan, d = self.looks.ended(m), self.d[:m, pairs]
        look = plan.seeds.index(m)
        self.n[pairs], self.at[pairs] = m, look
        self.difference[pairs] = d.mean(0)
        p, q = sign_flip_p(d), _beyond(d, self.margin)
        self.skewness[pairs] = gamma = skewness(d)
        # If the long tail is on the side opposite to the mean, the sign-flip test would be too confident.
        self.skewed[pairs] = skewed = (skewness_p(d) <= SKEWED) & (gamma * d.mean(0) < 0)
        if skewed.any():
            own = d[:, skewed]
            less, greater = skewed_mean_p(own, "less"), skewed_mean_p(own, "greater")
            p[skewed] = np.maximum(p[skewed], 2 * np.minimum(less, greater))
            below, above = skewed_mean_p(own - self.margin, "less"), skewed_mean_p(own + self.margin, "greater")
            q[skewed] = np.maximum(q[skewed], np.maximum(below, above))
        self.p[pairs] = p
        self.overall[pairs] = plan.overall(look, p)
        # One tail of a symmetric two-sided rule; crossing both bounds is negligibly rare.
        self.overall_equivalence[pairs] = np.where(q < 0.5, plan.overall(look, np.minimum(1, 2 * q)) / 2, 1.0)

    def _bound(self, m: int, pairs: Int[np.ndarray, " Q"]) -> None:
        """Compute the repeated confidence intervals of pairs at m seeds, at the look's nominal level."""
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
        """Mask of the pairs whose difference is not zero, by test and interval."""
        return np.asarray((self.p_adjusted <= self.looks.error_rate) & ((self.low > 0) | (self.high < 0)))

    def _negligible(self) -> Bool[np.ndarray, " P"]:
        """Mask of the pairs whose difference is smaller than the margin, by test and interval."""
        inside = (self.low >= -self.margin) & (self.high <= self.margin)
        return np.asarray((self.p_equivalence <= self.looks.error_rate) & inside)


def _beyond(d: Float[np.ndarray, "n P"], margin: float) -> Float[np.ndarray, " P"]:
    """Equivalence test: the larger of two one-sided p-values; 1 where the mean is outside ±margin."""
    p = np.ones(d.shape[1])
    near = np.flatnonzero(np.abs(d.mean(0)) < margin)
    below = sign_flip_p(d[:, near] - margin, "less")
    above = sign_flip_p(d[:, near] + margin, "greater")
    p[near] = np.maximum(below, above)
    return p


Method = Literal["sign-flip", "t", "skewed"]


@dataclass(frozen=True)
class PairDecision:
    """The result of comparing one pair of contenders.

    Attributes:
        first: index of one contender.
        second: index of the other.
        look: index of the look at which the pair was decided, otherwise of its last look; −1 without results.
        n: seeds used.
        difference: mean over seeds of the first's value minus the second's.
        low: lower end of its confidence interval; NaN for one seed. The coverage 1 − error_rate holds over all looks,
            but for this pair alone, not for all pairs simultaneously.
        high: upper end.
        p: two-sided p-value of the difference at this look, without correction.
        p_adjusted: the same, corrected for all looks and all pairs (Holm).
        p_equivalence: p-value of the equivalence test, corrected for all looks and all pairs.
        differs: the difference is significantly different from zero.
        equivalent: the difference is significantly smaller than the margin. A pair may differ and be equivalent: then
            the difference is too small to matter.
        method: the test that the interval inverts: "sign-flip"; "t" (Student's, which assumes normal differences) if
            there are too few seeds for a sign-flip interval (such a pair never differs); "skewed" for Hall's, if the
            differences are skewed against their mean, see `decide`.
        skewness: of the differences, see `statistics.skewness`.
    """

    first: int
    second: int
    look: int
    n: int
    difference: float
    low: float
    high: float
    p: float
    p_adjusted: float
    p_equivalence: float
    differs: bool
    equivalent: bool
    method: Method
    skewness: float = float("nan")

    @property
    def open(self) -> bool:
        """Whether the pair is undecided, so that more seeds may help."""
        return not (self.differs or self.equivalent)


def decide(
    values: Float[np.ndarray, "K N"],
    looks: Looks,
    *,
    margin: float,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> tuple[PairDecision, ...]:
    """Compare pairs of contenders by a group sequential test of their differences with the same seeds.

    At each look, every undecided pair gets two p-values: one of the difference (sign-flip test), and one of equivalence
    (the larger p of two one-sided sign-flip tests against ±margin). Both are corrected for all looks by `looks` and for
    all pairs by Holm's method.

    * A pair *differs* if its first p-value is at most the error rate and its interval excludes 0.
    * A pair is *equivalent* if its second p-value is at most the error rate and its interval is within ±margin.
    * A decided pair keeps its result. Later seeds do not change it.

    The probability of any false "differs" among all pairs is at most `looks.error_rate`, and so is that of any false
    "equivalent". This assumes that the two values of a pair are exchangeable if the contenders do not differ, and for
    equivalence that differences are symmetric about their mean. With several looks it is approximate, see `Looks`.

    Skewed differences violate this assumption. If a pair's skewness is significant (p ≤ 5%) and the long tail is on the
    side opposite to the mean, the larger p of the sign-flip test and of Hall's t test is used, and Hall's interval. No
    test can account for a tail that has not been observed yet, such as a failure in one of 50 runs.

    A pair with fewer seeds than the next look is tested with the seeds it has, see `Looks.ended`.

    Args:
        values: row k, column s: result of contender k with seed s; NaN if not run, only at the end of a row. A diverged
            run needs a finite worst value. Seeds after the last look are ignored.
        looks: planned looks.
        margin: differences smaller than this do not matter, in the unit of the values; 0 for none.
        pairs: pairs of indices to compare; None for all.

    Returns:
        One decision per pair, in the order of `pairs`.

    Raises:
        ValueError: a value is infinite or follows a NaN, the margin is negative, or a pair is invalid.

    Example:
        >>> seeds = np.arange(12) % 3
        >>> found, = decide(np.array([seeds + 1.0, 1.5 * seeds]), Looks((12,)), margin=0.1)
        >>> found.difference, found.differs, found.equivalent, round(found.p, 4)
        (0.5, True, False, 0.0078)

    Source: Jennison & Turnbull (2000), sections 4.4 and 9 (repeated intervals); Holm (1979); Schuirmann (1987) for
    the two one-sided tests; Ye, Li, Liu & Yao (2013), Statistics in Medicine 32, for Holm's correction over looks.
    """
    values, compared = _checked(values, margin, pairs)
    first, second = np.array(compared, int).reshape(-1, 2).T
    d = (values[first] - values[second]).T
    judged = Judged(d, looks, margin)
    for n in looks.seeds:
        judged.look(n)
    return tuple(
        PairDecision(
            *compared[pair],
            int(judged.at[pair]),
            int(judged.n[pair]),
            float(judged.difference[pair]),
            float(judged.low[pair]),
            float(judged.high[pair]),
            float(judged.p[pair]),
            float(judged.p_adjusted[pair]),
            float(judged.p_equivalence[pair]),
            bool(judged.differs[pair]),
            bool(judged.equivalent[pair]),
            "skewed" if judged.skewed[pair] else "sign-flip" if judged.exact[pair] else "t",
            float(judged.skewness[pair]),
        )
        for pair in range(len(compared))
    )


def needs(decisions: Iterable[PairDecision]) -> set[int]:
    """The contenders that need more seeds because one of their pairs is undecided.

    Args:
        decisions: from `decide`.

    Returns:
        Their indices.
    """
    return {contender for pair in decisions if pair.open for contender in (pair.first, pair.second)}


def _checked(
    values: Float[np.ndarray, "K N"], margin: float, pairs: Iterable[tuple[int, int]] | None
) -> tuple[Float[np.ndarray, "K N"], Sequence[tuple[int, int]]]:
    """The values as float64, and the pairs to compare; raises ValueError if they are invalid."""
    values = np.asarray(values, np.float64)
    if values.ndim != 2:
        raise ValueError(f"values must be [K, N], got shape {values.shape}: one row per contender, one column per seed")
    if np.isinf(values).any():
        raise ValueError("values must be finite, or NaN where not run: give diverged runs a finite worst value")
    if np.any(np.isnan(values[:, :-1]) & ~np.isnan(values[:, 1:])):
        raise ValueError("values must fill each row from the left: a NaN comes before a value")
    if not margin >= 0:
        raise ValueError(f"margin must be at least 0, got {margin}: the size of a difference that does not matter")
    compared = list(combinations(range(len(values)), 2)) if pairs is None else list(pairs)
    for first, second in compared:
        if first == second or not (0 <= first < len(values) and 0 <= second < len(values)):
            raise ValueError(f"a pair must be of two of the {len(values)} contenders, got ({first}, {second})")
    return values, compared
