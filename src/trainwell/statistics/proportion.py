"""How sure a share of successes is, such as the accuracy on a test split."""

from trainwell.statistics.confidence import check_confidence
from trainwell.statistics.interval import Interval
from trainwell.statistics.wilson import wilson_ends


def proportion_interval(successes: int, n: int, confidence: float = 0.95) -> Interval:
    """A share of successes with its Wilson score interval.

    It says how far the share may be from that of all such examples; how much another seed would change it, it
    does not say.

    Args:
        successes: from 0 to n, such as the number of test examples classified correctly.
        n: number of trials; 0 gives NaN.
        confidence: coverage of the interval, in (0, 1).

    Returns:
        The share, its interval inside [0, 1], and n.

    Raises:
        ValueError: `successes` is not in 0…n, or `confidence` not in (0, 1).

    Example:
        >>> found = proportion_interval(8, 10)
        >>> found.mean, round(found.low, 3), round(found.high, 3)
        (0.8, 0.49, 0.943)

    Source: Wilson (1927), "Probable inference, the law of succession, and statistical inference".
    """
    if not 0 <= successes <= n:
        raise ValueError(f"successes must be between 0 and n = {n}, got {successes}")
    check_confidence(confidence)
    if n == 0:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    return Interval(successes / n, *wilson_ends(successes / n, n, confidence), n)
