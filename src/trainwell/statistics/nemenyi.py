"""Which contenders' average ranks over data sets are too close to be told apart: Nemenyi's test."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
from jaxtyping import Float

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
