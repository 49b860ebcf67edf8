"""Contenders over several data sets by their ranks: average ranks, Friedman's test, Nemenyi's critical difference."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from jaxtyping import Float

from trainwell.statistics.improvement import as_goodness

Groups = tuple[tuple[int, ...], ...]


def critical_difference(num_contenders: int, num_datasets: int, error_rate: float = 0.05) -> float:
    """The difference of average ranks from which on two contenders differ, q·√(K(K+1)/6D).

    q is the quantile of the studentized range of K values, with infinite degrees of freedom, over √2: the chance of
    any false difference among all pairs is at most `error_rate`. With one data set it exceeds every difference.

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
    """The largest groups of contenders none of whom differs from another: the bars of a critical-difference diagram.

    Groups may overlap: where a is not told from b and b not from c, a may still differ from c.

    Args:
        ranks: average rank of each contender, 1 being best.
        difference: ranks that differ by at least this much are told apart.

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
        if end > reached and end - start > 1:  # else all of it is inside the group before
            groups.append(tuple(order[start:end].tolist()))
            reached = end
    return tuple(groups)


@dataclass(frozen=True, eq=False)
class RankTest:
    """Contenders ranked over data sets.

    Attributes:
        ranks: average rank of each contender; 1 is best.
        friedman_p: of the hypothesis that no contender is better than another; NaN with fewer than three
            contenders or two data sets.
        critical_difference: ranks that differ by at least this much are told apart (Nemenyi).
        groups: the largest groups of contenders not told apart, as indices from best to worst.
    """

    ranks: Float[np.ndarray, " K"]
    friedman_p: float
    critical_difference: float
    groups: Groups


def rank_test(scores: Float[np.ndarray, "D K"], *, larger_is_better: bool = True, error_rate: float = 0.05) -> RankTest:
    """Friedman's test of contenders over data sets, with Nemenyi's as the test of pairs.

    One score per data set and contender, such as the mean over seeds: data sets are the sample here, and few of
    them find little. Nemenyi's test keeps `error_rate` by itself; by custom it is read where Friedman's p is small.

    Args:
        scores: one row per data set; NaN (a contender that diverged) is the worst.
        larger_is_better: False for losses and errors.
        error_rate: chance of any false difference among all pairs, in (0, 1).

    Returns:
        Ranks, tests and groups.

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
    """Rank of each contender, averaged over data sets; 1 is best, equal scores share the mean of their ranks.

    Args:
        scores: one row per data set; NaN (a contender that diverged) is the worst.
        larger_is_better: False for losses and errors.

    Returns:
        The average ranks.

    Raises:
        ValueError: the scores do not have two axes, or there is no data set.

    Example:
        >>> average_ranks(np.array([[0.9, 0.8, 0.8], [0.7, 0.9, 0.5]])).tolist()
        [1.5, 1.75, 2.75]
    """
    return np.asarray(_ranks(scores, larger_is_better).mean(0))


def _ranks(scores: Float[np.ndarray, "D K"], larger_is_better: bool) -> Float[np.ndarray, "D K"]:
    """Rank in each row: one more than the better ones, and half of the other equal ones."""
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
