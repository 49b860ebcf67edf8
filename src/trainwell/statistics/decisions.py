"""Which pairs of contenders differ, which are as good as equal, and which need more seeds."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

import numpy as np
from jaxtyping import Float

from trainwell.statistics.judging import Judged
from trainwell.statistics.sequential import Looks

Method = Literal["sign-flip", "t", "skewed"]


@dataclass(frozen=True)
class PairDecision:
    """What the results so far say about one pair of contenders.

    Attributes:
        first: index of one contender.
        second: index of the other.
        look: index of the look at which the pair was decided, else of its last one; −1 before any result.
        n: seeds used.
        difference: mean over seeds of the first's value minus the second's.
        low: lower end of its interval, which covers at all looks together with chance 1 − error_rate; NaN for one
            seed. It holds for this pair alone, not for all pairs at once.
        high: upper end.
        p: two-sided p of the difference at this look, as if it were the only look at the only pair.
        adjusted: the same, valid in spite of all looks and all pairs (Holm).
        equivalence: p of the difference being beyond the margin, valid in spite of all looks and all pairs.
        differs: the difference is not zero.
        equivalent: the difference is smaller than the margin. Both can hold: a difference too small to matter.
        method: what the interval inverts: "sign-flip", or "t" (Student's, which presumes normal differences) where
            there are too few seeds for a sign-flip interval; such a pair never differs; "skewed" where the differences
            are skewed against their mean, see `decide`.
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
    adjusted: float
    equivalence: float
    differs: bool
    equivalent: bool
    method: Method
    skewness: float = float("nan")

    @property
    def open(self) -> bool:
        """Whether neither is known: more seeds may decide it."""
        return not (self.differs or self.equivalent)


def decide(
    values: Float[np.ndarray, "K N"],
    looks: Looks,
    *,
    margin: float,
    pairs: Iterable[tuple[int, int]] | None = None,
) -> tuple[PairDecision, ...]:
    """Judge pairs of contenders, look by look, by their differences with the same seeds.

    At each look, every pair that is open and has all its seeds gets two p-values: of no difference (sign-flip test),
    and of a difference beyond the margin (two one-sided sign-flip tests, the larger p). `looks` makes each valid for
    all looks, Holm's correction for all pairs asked about, decided ones included. A pair *differs* if the first is
    at most the error rate and its interval excludes 0; it is *equivalent* if the second is and its interval lies
    inside ±margin. A decided pair keeps what was found at its look: what comes later does not count.

    The chance of any false "differs" among all pairs is at most `looks.error_rate`, and so is that of any false
    "equivalent", if the two values of a pair are exchangeable where the contenders do not differ (and, for
    equivalence, the differences symmetric about their mean). With several looks it holds as nearly as `Looks` says;
    Holm's correction leaves room for that where several pairs are asked about. Decisions are a function of the data
    alone: values that came after a decision change nothing.

    Sign flips presume symmetric differences. Where a pair's are skewed (more than 95% of normal ones to that side) and
    the long tail lies on the other side of 0 than their mean, p is the larger one of the sign-flip test and of Hall's
    t test, which allows for skewness, and the interval is Hall's. A tail of which nothing was seen yet, such as a
    failure in one of 50 runs, no test can allow for.

    Where a pair has fewer seeds than the next look, it is judged with those there are, as `Looks.ended` says.

    Args:
        values: result of contender k with the s-th seed; NaN where it was not run, which only the end of a row may
            be. A run that diverged needs a finite worst value. Seeds beyond the last look are not used.
        looks: planned looks.
        margin: a difference below it does not matter, in the unit of the values; 0: none is that small.
        pairs: the pairs asked about, as indices; None: all.

    Returns:
        One decision per pair, in the order of `pairs`.

    Raises:
        ValueError: a value is infinite or follows a NaN, the margin is negative, or a pair is not of two contenders.

    Example:
        >>> seeds = np.arange(12) % 3
        >>> found, = decide(np.array([seeds + 1.0, 1.5 * seeds]), Looks((12,)), margin=0.1)
        >>> found.difference, found.differs, found.equivalent, round(found.p, 4)
        (0.5, True, False, 0.0078)

    Source: Jennison & Turnbull (2000), sections 4.4 and 9 (repeated intervals); Holm (1979); Schuirmann (1987) for
    the two one-sided tests; Ye, Li, Liu & Yao (2013), Statistics in Medicine 32, for Holm's correction over looks.
    """
    values, asked = _checked(values, margin, pairs)
    first, second = np.array(asked, int).reshape(-1, 2).T
    d = (values[first] - values[second]).T
    judged = Judged(d, looks, margin)
    for n in looks.seeds:
        judged.look(n)
    return tuple(
        PairDecision(
            *asked[pair],
            int(judged.at[pair]),
            int(judged.n[pair]),
            float(judged.difference[pair]),
            float(judged.low[pair]),
            float(judged.high[pair]),
            float(judged.p[pair]),
            float(judged.adjusted[pair]),
            float(judged.equivalence[pair]),
            bool(judged.differs[pair]),
            bool(judged.equivalent[pair]),
            "skewed" if judged.skewed[pair] else "sign-flip" if judged.exact[pair] else "t",
            float(judged.skewness[pair]),
        )
        for pair in range(len(asked))
    )


def needs(decisions: Iterable[PairDecision]) -> set[int]:
    """The contenders that have an open pair, and so need more seeds.

    Args:
        decisions: from `decide`.

    Returns:
        Their indices.
    """
    return {contender for pair in decisions if pair.open for contender in (pair.first, pair.second)}


def _checked(
    values: Float[np.ndarray, "K N"], margin: float, pairs: Iterable[tuple[int, int]] | None
) -> tuple[Float[np.ndarray, "K N"], Sequence[tuple[int, int]]]:
    """The values as float64 and the pairs asked about, or what is wrong with them."""
    values = np.asarray(values, np.float64)
    if values.ndim != 2:
        raise ValueError(f"values must be [K, N], got shape {values.shape}: one row per contender, one column per seed")
    if np.isinf(values).any():
        raise ValueError("values must be finite, or NaN where not run: give diverged runs a finite worst value")
    if np.any(np.isnan(values[:, :-1]) & ~np.isnan(values[:, 1:])):
        raise ValueError("values must fill each row from the left: a NaN stands before a value")
    if not margin >= 0:
        raise ValueError(f"margin must be at least 0, got {margin}: the size of a difference that does not matter")
    asked = list(combinations(range(len(values)), 2)) if pairs is None else list(pairs)
    for first, second in asked:
        if first == second or not (0 <= first < len(values) and 0 <= second < len(values)):
            raise ValueError(f"a pair must be of two of the {len(values)} contenders, got ({first}, {second})")
    return values, asked
