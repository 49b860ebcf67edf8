"""Which choices stay alive after a round: only with evidence against its trials is one dropped."""

from collections.abc import Iterator, Sequence
from math import erfc, sqrt
from typing import Any

import numpy as np
from jaxtyping import Bool, Float
from optuna.distributions import CategoricalDistribution

from trainwell.search.coarse_to_fine.extent import Extent
from trainwell.search.coarse_to_fine.ranking import Ranked, ranks


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
    for rank, chosen in strata:
        total, count = len(rank), int(chosen.sum())
        if count in (0, total):
            continue
        excess += float(rank[chosen].sum()) - count * float(rank.mean())
        variance += count * (total - count) / total * float(rank.var(ddof=1))
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


FEWEST = 5  # trials with a choice below which it is not judged


def next_choices(
    name: str, extent: Extent, ranked: Sequence[Ranked], num_good: int, threshold: float
) -> tuple[Extent, str]:
    """Drop the choices that there is evidence against.

    A choice is dropped if none of the good trials has it and its trials rank worse than the others' of the same rounds.
    The test takes choices to be drawn at random within a round. A surrogate does not do so, but then the first
    condition keeps wrong drops far below the level: 2 of 470 simulated studies at 5%.

    Args:
        name: of the parameter.
        extent: of the round.
        ranked: all trials of completed rounds, best first.
        num_good: how many of them are good.
        threshold: the largest p-value that is evidence.

    Returns:
        The extent of the next round, and why. One choice always stays.
    """
    distribution, choices = extent.distribution, extent.choices or ()
    assert isinstance(distribution, CategoricalDistribution)
    indices = {
        each.trial.number: distribution.to_internal_repr(each.trial.params[name])
        for each in ranked
        if name in each.trial.params
    }
    alive, dropped = list(choices), []
    having = [each for each in ranked if each.trial.number in indices]
    for choice in choices:
        index = distribution.to_internal_repr(choice)
        count = sum(indices[each.trial.number] == index for each in having)
        good = any(indices.get(each.trial.number) == index for each in ranked[:num_good])
        if len(alive) == 1 or good or count < FEWEST:
            continue
        living = {distribution.to_internal_repr(each) for each in choices}
        p = worse(list(_by_round(having, indices, living, index)))
        if p <= threshold:
            alive.remove(choice)
            dropped.append(f"dropped {choice}: {count} trials, none of them good, p = {p:.2g}")
    return Extent(distribution, choices=tuple(alive)), "; ".join(dropped) or "kept: no evidence against a choice"


def _by_round(
    ranked: Sequence[Ranked], indices: dict[int, Any], living: set[Any], index: float
) -> Iterator[tuple[Float[np.ndarray, " N"], Bool[np.ndarray, " N"]]]:
    """Of each round the ranks of the trials with a living choice, and which of them have this one."""
    having = [each for each in ranked if indices[each.trial.number] in living]
    for number in sorted({each.round for each in having}):
        mine = [each for each in having if each.round == number]
        yield ranks([each.place for each in mine]), np.array([indices[each.trial.number] == index for each in mine])
