"""A pair seen from the contender that is ahead: everywhere on the page it stands first."""

from dataclasses import dataclass, replace

from trainwell.comparison import Comparison, Pair
from trainwell.statistics import Interval


@dataclass(frozen=True)
class Leading:
    """A pair, the contender with the better mean first.

    Attributes:
        pair: the verdict.
        ahead: index of the contender with the better mean difference; with equal ones the first.
        behind: index of the other.
        advantage: by how much the one ahead is better, so that its mean is at least 0; a loss is lower by it.
        improvement: chance that the one ahead is better with the same seed.
    """

    pair: Pair
    ahead: int
    behind: int
    advantage: Interval
    improvement: Interval


def leading(part: Comparison, pair: Pair) -> Leading:
    """The pair with the contender that is ahead first.

    Args:
        part: the comparison.
        pair: one of its pairs.
    """
    found = Leading(pair, pair.first, pair.second, advantage(part, pair, pair.first), pair.improvement)
    if found.advantage.mean >= 0:
        return found
    chance = pair.improvement
    turned = replace(chance, mean=1 - chance.mean, low=1 - chance.high, high=1 - chance.low)
    return Leading(pair, pair.second, pair.first, advantage(part, pair, pair.second), turned)


def advantage(part: Comparison, pair: Pair, of: int) -> Interval:
    """By how much one of a pair is better than the other, negative where it is worse, with the interval.

    Args:
        part: the comparison, for whether larger is better.
        pair: one of its pairs.
        of: index of the contender.
    """
    one = pair.decision
    if (part.sign > 0) == (of == pair.first):
        return Interval(one.difference, one.low, one.high, one.n)
    return Interval(0.0 - one.difference, 0.0 - one.high, 0.0 - one.low, one.n)
