"""Compares contenders by their ranks on several data sets: average ranks, Friedman's and Nemenyi's test."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float

from trainwell.statistics.improvement import as_goodness

Groups = tuple[tuple[int, ...], ...]


def critical_difference(num_contenders: int, num_datasets: int, error_rate: float = 0.05) -> float:
    """Nemenyi's critical difference of average ranks, q·√(K(K+1)/6D). Larger differences are significant.

    q is the quantile of the studentized range of K values with infinite degrees of freedom, divided by √2. The
    probability of any false positive among all pairs is at most `error_rate`. With one data set, no difference can be
    significant.

    Args:
        num_contenders: K, at least 2.
        num_datasets: D, at least 1.
        error_rate: in (0, 1).

    Returns:
        The critical difference, in ranks.

    Raises:
        ValueError: an argument is out of range.

    Example:
        >>> round(critical_difference(4, 14), 2)
        1.25

    Source: Nemenyi (1963); Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", 3.2.2.
    """
    if num_contenders < 2 or num_datasets < 1:
        raise ValueError(f"ranks need 2 contenders and 1 data set, got {num_contenders} and {num_datasets}")
    if not 0 < error_rate < 1:
        raise ValueError(f"error_rate must be in (0, 1), got {error_rate}: 0.05 means 5%")
    from scipy.stats import studentized_range

    q = float(studentized_range.ppf(1 - error_rate, num_contenders, np.inf)) / sqrt(2)
    return q * sqrt(num_contenders * (num_contenders + 1) / (6 * num_datasets))


def cliques(ranks: Sequence[float] | Float[np.ndarray, " K"], difference: float) -> Groups:
    """The maximal groups of contenders without a significant difference: the bars of a critical-difference diagram.

    Groups may overlap: if a does not differ from b, nor b from c, a may still differ from c.

    Args:
        ranks: average rank of each contender; 1 is best.
        difference: the critical difference; rank differences of at least this size are significant.

    Returns:
        Groups of two or more, as indices into `ranks` from best to worst; the group with the best ranks first.

    Example:
        >>> cliques([3.0, 1.0, 2.1, 5.0], 1.5)
        ((1, 2), (2, 0))

    Source: Demšar (2006), section 3.2.4.
    """
    ranks = np.asarray(ranks, np.float64)
    order = np.argsort(ranks, kind="stable")
    groups, reached = [], 0
    for start, best in enumerate(order):
        end = int(np.sum(ranks < ranks[best] + difference))
        if end > reached and end - start > 1:  # else it is part of the previous group
            groups.append(tuple(order[start:end].tolist()))
            reached = end
    return tuple(groups)


@dataclass(frozen=True, eq=False)
class RankTest:
    """The result of `rank_test`.

    Attributes:
        ranks: average rank of each contender; 1 is best.
        friedman_p: p-value of the hypothesis that all contenders are equal; NaN with fewer than three contenders or two
            data sets.
        critical_difference: rank differences of at least this size are significant (Nemenyi).
        groups: the maximal groups of contenders without a significant difference, as indices from best to worst.
    """

    ranks: Float[np.ndarray, " K"]
    friedman_p: float
    critical_difference: float
    groups: Groups


def rank_test(scores: Float[np.ndarray, "D K"], *, larger_is_better: bool = True, error_rate: float = 0.05) -> RankTest:
    """Friedman's test of contenders over data sets, and Nemenyi's test of all pairs.

    There is one score per data set and contender, such as the mean over seeds. The data sets are the sample, so with
    few data sets the tests have little power. Nemenyi's test controls `error_rate` by itself, but by convention it is
    used only if Friedman's p is small.

    Args:
        scores: one row per data set; NaN (a contender that diverged) is the worst.
        larger_is_better: False for losses and errors.
        error_rate: probability of any false positive among all pairs, in (0, 1).

    Returns:
        Ranks, p-value, critical difference and groups.

    Raises:
        ValueError: there are fewer than two contenders or no data set, or `error_rate` is outside (0, 1).

    Example:
        >>> found = rank_test(np.array([[0.9, 0.8, 0.7], [0.8, 0.7, 0.7], [0.7, 0.5, 0.6]]))
        >>> found.ranks.round(2).tolist(), round(found.friedman_p, 3), found.groups
        ([1.0, 2.5, 2.5], 0.086, ((0, 1, 2),))

    Source: Demšar (2006), "Statistical comparisons of classifiers over multiple data sets", section 3.2.
    """
    ranks = _ranks(scores, larger_is_better)
    num_datasets, num_contenders = ranks.shape
    difference = critical_difference(num_contenders, num_datasets, error_rate)
    averages = ranks.mean(0)
    return RankTest(averages, _friedman_p(ranks), difference, cliques(averages, difference))


def average_ranks(scores: Float[np.ndarray, "D K"], *, larger_is_better: bool = True) -> Float[np.ndarray, " K"]:
    """Rank of each contender, averaged over data sets. 1 is best; ties get the mean of their ranks.

    Args:
        scores: one row per data set; NaN (a contender that diverged) is the worst.
        larger_is_better: False for losses and errors.

    Returns:
        The average ranks, `[K]`.

    Raises:
        ValueError: the scores are not two-dimensional, or there is no data set.

    Example:
        >>> average_ranks(np.array([[0.9, 0.8, 0.8], [0.7, 0.9, 0.5]])).tolist()
        [1.5, 1.75, 2.75]
    """
    return np.asarray(_ranks(scores, larger_is_better).mean(0))


def _ranks(scores: Float[np.ndarray, "D K"], larger_is_better: bool) -> Float[np.ndarray, "D K"]:
    """Ranks within each row: 1 + the number of better ones + half the number of other equal ones."""
    goodness = as_goodness(np.asarray(scores, np.float64), larger_is_better)
    if goodness.ndim != 2 or len(goodness) == 0:
        raise ValueError(f"scores must be [data sets, contenders], at least one of each, got shape {goodness.shape}")
    mine, others = goodness[:, :, None], goodness[:, None, :]
    return np.asarray((others > mine).sum(2) + ((others == mine).sum(2) + 1) / 2)


def _friedman_p(ranks: Float[np.ndarray, "D K"]) -> float:
    """The p-value of χ²(K−1) = (K−1)·Σⱼ(Rⱼ − R̄)² / Σᵢⱼ(rᵢⱼ − r̄)², Friedman's statistic with its correction for ties."""
    num_datasets, num_contenders = ranks.shape
    if num_datasets < 2 or num_contenders < 3:
        return float("nan")
    from scipy.special import chdtrc

    deviations = ranks - (num_contenders + 1) / 2
    scatter = float((deviations**2).sum())
    if scatter == 0:  # every contender equal on every data set
        return 1.0
    statistic = (num_contenders - 1) * float((deviations.sum(0) ** 2).sum()) / scatter
    return float(chdtrc(num_contenders - 1, statistic))
