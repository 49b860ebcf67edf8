"""When a choice is dropped: only with evidence that its trials do worse than the others'."""

from collections.abc import Sequence
from math import erfc, sqrt

import numpy as np
from jaxtyping import Bool, Float


def worse(strata: Sequence[tuple[Float[np.ndarray, " N"], Bool[np.ndarray, " N"]]]) -> float:
    """How likely ranks as bad as a choice's are, if the choice made no difference.

    Wilcoxon's rank-sum test, stratified by round: within a round a choice is drawn at random, between rounds ranges
    differ. One-sided, by the normal approximation with corrections for ties and continuity.

    Args:
        strata: of each round the ranks of its trials (larger is worse) and which of them have the choice.

    Returns:
        A p-value in [0, 1]; 1 where no round has both kinds of trials.

    Source: van Elteren, P. (1960). On the combination of independent two-sample tests of Wilcoxon; equal weights.

    Example:
        >>> ranks = np.arange(1.0, 9.0)
        >>> round(worse([(ranks, ranks > 4)]), 4)  # 4 against 4, all worse: exactly 1/70
        0.0152
    """
    excess, variance = 0.0, 0.0
    for ranks, chosen in strata:
        total, count = len(ranks), int(chosen.sum())
        if count in (0, total):
            continue
        excess += float(ranks[chosen].sum()) - count * float(ranks.mean())
        variance += count * (total - count) / total * float(ranks.var(ddof=1))
    if variance == 0:
        return 1.0
    return 0.5 * erfc((excess - 0.5) / sqrt(2 * variance))


def allowed(level: float, look: int, num_tests: int) -> float:
    """The share of a study's level of significance that one test at one look may spend.

    Looks 1, 2, 3, ... get 1/2, 1/6, 1/12, ... = 1/(look (look + 1)), which sums to 1 over any number of looks; within a
    look the tests share equally (Bonferroni).

    Args:
        level: probability that a study drops any choice that makes no difference, at most.
        look: how many rounds have been looked at with this one, from 1.
        num_tests: how many choices are tested at this look.

    Returns:
        The largest p-value that counts as evidence.

    Example:
        >>> allowed(0.05, 1, 5)
        0.005
    """
    return level / (look * (look + 1) * num_tests)
